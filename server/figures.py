"""What the server counts, as it stood at one moment: for whoever watches over it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.protocol.messages import Status


@dataclass(frozen=True, kw_only=True, eq=False)
class Figures:
    """Counts since the start; nothing of it changes any more, so that any thread may read it.

    Attributes:
        status: What desks are told: phase, tickers, bars accepted and dropped.
        cycles: Batches that were taken.
        cycle_s: Seconds that they took, all together.
        answers: Answers by their type.
        refusals: Refusals by their code.
        explanations: Questions for explanations, by what became of them.
    """

    status: Status
    cycles: int
    cycle_s: float
    answers: Mapping[str, int]
    refusals: Mapping[str, int]
    explanations: Mapping[str, int]


TellFigures = Callable[[Figures], None]
