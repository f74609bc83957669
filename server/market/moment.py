"""What one round of closed bars made of the market: what a journal keeps of it."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from server.feeds.base import BarBatch
from shared.contract import Bool, Float32, Float64, Int64, UInt8
from shared.protocol.messages import TrackRecord


@dataclass(frozen=True, kw_only=True, eq=False)
class FoundBuys:
    """Tickers that entered class 2 with the same round of bars, and why.

    Attributes:
        made_ms: When they were found, ms since 1970 UTC.
        late: Whether the market was elsewhere by then: found while a server caught up.
        symbols: (e,) the tickers.
        last: (e,) float64, close of the bar that decided.
        bar_ms: (e,) int64, its time, ms since 1970 UTC.
        probabilities: (e, 3) float32, of down, flat, up, as published.
        scores: (e, 3) float32, the same before any calibration.
        sets: (e,) uint8, bit c is set where class c is in the prediction set.
        raw: (e, 6, 8) float32, the window, features in their own units.
        saliency: (e, 6, 8) float32, gradient of the winner's logit with respect to the scaled
            window.
        window_ms: (e, 6) int64, close of each bar of the window, ms since 1970 UTC.
    """

    made_ms: int
    late: bool
    symbols: tuple[str, ...]
    last: Float64
    bar_ms: Int64
    probabilities: Float32
    scores: Float32
    sets: UInt8
    raw: Float32
    saliency: Float32
    window_ms: Int64

    def take(self, which: Bool) -> "FoundBuys":
        """Return those where `which`, (e,) bool, is True."""
        arrays: dict[str, Any] = {
            field.name: array[which]
            for field in dataclasses.fields(self)
            if isinstance(array := getattr(self, field.name), np.ndarray)
        }
        symbols = tuple(s for s, wanted in zip(self.symbols, which, strict=True) if wanted)
        return dataclasses.replace(self, symbols=symbols, **arrays)


@dataclass(frozen=True, kw_only=True, eq=False)
class MarketMoment:
    """A round of closed bars, no ticker twice, and what was decided on it.

    Attributes:
        batch: The n bars as the state took them, sound or not.
        made_ms: When it took them, ms since 1970 UTC.
        symbols: The ticker of every row.
        probabilities: (n, 3) float32, of down, flat, up; all 0 where a bar was not decided on.
        sets: (n,) uint8, bit c is set where class c is in the prediction set.
        turned: (t,) int64, rows of the tickers of which another class wins than before.
        was: (t,) int64, the class that won before, -1 where none did.
        wins: (t,) int64, the class that wins now.
        corrected: How many of the bars took the place of an earlier one.
        interrupted: How many have a jump or a gap before them.
        buys: Those that entered class 2; None where there are none, and in history.
    """

    batch: BarBatch
    made_ms: int
    symbols: tuple[str, ...]
    probabilities: Float32
    sets: UInt8
    turned: Int64
    was: Int64
    wins: Int64
    corrected: int
    interrupted: int
    buys: FoundBuys | None


@dataclass(frozen=True, kw_only=True)
class JournalHealth:
    """How what is found is kept.

    Attributes:
        state: `kept`, `waiting` while that cannot be done, `off` where nothing is.
        error: Why it cannot be done, in words; empty if it can.
        waiting: How much waits to be written.
        lost: Moments whose bars were given up, as too much waited.
        track: What came true of the newest buys; None where none is known.
    """

    state: str = "off"
    error: str = ""
    waiting: int = 0
    lost: int = 0
    track: TrackRecord | None = None


class Keeper(Protocol):
    """Who keeps what the cycle finds, and hands its buys back once they are safe to be said."""

    def keep(self, moment: MarketMoment) -> None:
        """Keep a moment, without waiting."""


class Heir(Protocol):
    """Who takes what the state takes, so that another model may go on from it at any moment."""

    def follow(self, batch: BarBatch) -> None:
        """Take a batch in which no ticker stands twice, without waiting."""

    def grow(self, tickers: int) -> None:
        """Make room for at least as many tickers, without waiting."""
