"""Says how a live feed is: what is wrong, how far history is, and what is left of the limits."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Final

from server.feeds.base import FeedReport
from server.feeds.live.filling import Filler
from server.feeds.live.limiter import RateLimiter
from server.feeds.live.state import LiveState
from server.feeds.live.streaming import Stream

_TELL_S: Final = 1.0
_NAMED: Final = 3  # tickers that are told by name


class Reporter:
    """Tells how a feed is whenever that changes, at most once a second.

    Args:
        state: What is shared.
        filler: Knows how far history is.
        stream: Knows what became of trades.
    """

    def __init__(self, state: LiveState, filler: Filler, stream: Stream) -> None:
        self._state, self._filler, self._stream = state, filler, stream

    async def run(self) -> None:
        """Tell for ever."""
        told = FeedReport()
        while True:
            report = FeedReport(sentence=" · ".join(self._parts()), reasons=self._reasons())
            if report != told:
                told = report
                self._state.news.put_nowait(report)
            await asyncio.sleep(10 * _TELL_S if self._state.is_live else _TELL_S)

    def _parts(self) -> Iterator[str]:
        state, filler = self._state, self._filler
        listed, loaded = len(state.roster.rows), state.done
        if state.troubles.sentence:
            yield state.troubles.sentence
        if loaded < listed:
            left = f", {filler.left_s:,} s left" if filler.left_s else ""
            yield f"{loaded:,} of {listed:,} tickers{left}"
        if state.refused:
            some = ", ".join(state.symbol(row) for row in list(state.refused)[:_NAMED])
            more = ", …" * (len(state.refused) > _NAMED)
            yield f"{len(state.refused):,} without bars ({some}{more})"
        if unconfirmed := int((filler.unconfirmed > 0).sum()):
            yield f"{unconfirmed:,} not confirmed yet"
        for name, limiter in state.fixed.source.limiters.items():
            if words := used_of(limiter):
                yield f"{name} {words}"

    def _reasons(self) -> Counter[str]:
        faults = {f"source_{kind}": n for kind, n in self._state.troubles.counts.items()}
        missed = Counter(missed_bar=self._state.board.missed)
        return Counter(faults) + self._stream.reasons + missed


def used_of(limiter: RateLimiter) -> str:
    """Return how much of a limit is used, such as `3 of 20 in 1 s`; empty while nobody waits."""
    state = limiter.state
    if state.held_s >= 1:
        return f"not asked for {state.held_s:.0f} s"
    return f"{state.most - state.left} of {state.most} in {state.window_s:g} s" * (
        state.waiting > 0
    )
