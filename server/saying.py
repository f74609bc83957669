"""Says what a batch of bars has to say, a little at a time, so that nobody else waits for it."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from server.market.cycle import Utterance
from server.protocol.publisher import Publisher

# Who asks something meanwhile waits for so long; one part that takes longer is not broken off.
_TURN_S: Final = 0.001


class Saying:
    """The messages of one batch, on their way out over as many turns as they take.

    Attributes:
        cycles: How many batches were said to their end.
        cycle_s: What all of them took, seconds.
        cycle_ms: What the newest of them took, milliseconds.

    Args:
        publisher: Says them.
        tell: Hears of each part once it is said.
        clock: Tells seconds, and only rises.
    """

    def __init__(
        self,
        publisher: Publisher,
        tell: Callable[[Utterance], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.cycles = 0
        self.cycle_s = self.cycle_ms = 0.0
        self._publisher, self._tell, self._clock = publisher, tell, clock
        self._parts: Iterator[Utterance] | None = None
        self._took_s = 0.0

    @property
    def busy(self) -> bool:
        """Return whether a batch is not yet said to its end: the next one must wait."""
        return self._parts is not None

    def begin(self, parts: Iterator[Utterance]) -> None:
        """Say the first of what `Cycle.run` yields."""
        self._parts, self._took_s = parts, 0.0
        self.go_on()

    def go_on(self) -> None:
        """Say some of what is left."""
        if self._parts is None:
            return
        start = self._clock()
        for said in self._parts:
            self._publisher.publish(said)
            self._tell(said)
            if self._clock() >= start + _TURN_S:
                break
        else:
            self._parts = None
        self._took_s += self._clock() - start
        if not self.busy:
            self._count()

    def _count(self) -> None:
        self.cycles += 1
        self.cycle_s += self._took_s
        self.cycle_ms = 1_000 * self._took_s
