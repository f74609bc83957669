"""The small protocol that every source of bars speaks, of a file or of a live market."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

import numpy as np

from shared.contract import Float64, Int64
from shared.markets import Market

KEPT: Final = 600  # bars of each ticker that the server keeps; more history than that is lost on it


@dataclass(frozen=True, kw_only=True)
class ListedTicker:
    """A ticker as it is listed.

    Attributes:
        symbol: The identifier that charts, messages and people use.
        name: What people call it; the symbol itself where no name is known.
        segment: Its market segment, such as KOSPI; may be empty.
        name_en: Its name in English, where that is another; may be empty.
        sector: Its industry; may be empty.
    """

    symbol: str
    name: str
    segment: str = ""
    name_en: str = ""
    sector: str = ""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What a feed plays, known before its first bar.

    Attributes:
        symbols: (n,) the tickers; their order is that of all arrays per ticker.
        names: (n,) what people call them; the symbol itself where no name is known.
        markets: (n,) the market segment of each, such as KOSPI; may be empty.
        names_en: (n,) their names in English, which may be empty; () where none is known.
        sectors: (n,) their industries, which may be empty; () where none is known.
        market: Time zone and decimals.
        interval: Length of a bar, such as 1d.
        label: What the bars come from, for people.
        simulated: True when no bar is of a real market.
        played: True when the bars are of another time than now, from a file or imagined: then the
            newest of them is what time it is in the market, in place of the clock on the wall.
        delay_s: How old bars are when they come, s; 0 where they are of now.
        repaired: What was mended while reading: how many bars, by reason.
        facts: What was understood of the source, in sentences by name, such as when bars close and
            which were dropped; the start of the server tells them.
    """

    symbols: tuple[str, ...]
    names: tuple[str, ...]
    markets: tuple[str, ...]
    market: Market
    interval: str
    label: str
    simulated: bool
    played: bool = False
    delay_s: int = 0
    repaired: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names_en: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()

    def tickers(self) -> Iterator[ListedTicker]:
        """Yield every ticker.

        Raises:
            ValueError: The columns are not equally long.
        """
        blank = ("",) * len(self.symbols)
        columns = (self.symbols, self.names, self.markets)
        more = (self.names_en or blank, self.sectors or blank)
        for symbol, name, segment, name_en, sector in zip(*columns, *more, strict=True):
            yield ListedTicker(
                symbol=symbol, name=name, segment=segment, name_en=name_en, sector=sector
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class BarBatch:
    """Bars that become known at the same moment; clean or not, they are judged later.

    Raises:
        ValueError: The arrays do not fit each other, or are of other types.

    Attributes:
        rows: (n,) int64 indices of tickers: those of `Listing.symbols`, then those that came since;
            a ticker may stand more than once.
        bar_ms: (n,) int64, close of each bar, ms since 1970 UTC.
        ohlcv: (n, 5) float64, open, high, low, close in currency, volume in units.
        closed: False while the bars are still forming.
        history: True for bars that only fill windows: nothing is published about them.
        loaded: Share of all history that is given with these bars, 0 to 1; 0 where the feed does
            not know.
    """

    rows: Int64
    bar_ms: Int64
    ohlcv: Float64
    closed: bool = True
    history: bool = False
    loaded: float = 0.0

    def __post_init__(self) -> None:
        n = self.rows.size
        forms = (
            ("rows", self.rows, np.int64, (n,)),
            ("bar_ms", self.bar_ms, np.int64, (n,)),
            ("ohlcv", self.ohlcv, np.float64, (n, 5)),
        )
        for name, array, dtype, shape in forms:
            if array.dtype != dtype or array.shape != shape:
                wanted, found = np.dtype(dtype), f"{array.dtype} {array.shape}"
                raise ValueError(f"{name} must be {wanted} {shape}, was {found}")

    def take(self, index: Int64) -> "BarBatch":
        """Return the batch of the bars at `index` (m,), in that order."""
        return dataclasses.replace(
            self, rows=self.rows[index], bar_ms=self.bar_ms[index], ohlcv=self.ohlcv[index]
        )

    def rounds(self) -> "Iterator[BarBatch]":
        """Yield batches in which no ticker stands twice: all first bars, all second bars, ..."""
        nth = self._nth()
        for turn in range(int(nth.max(initial=-1)) + 1):
            yield self.take(np.flatnonzero(nth == turn))

    def parts(self, bars: int) -> "Iterator[BarBatch]":
        """Yield batches of some rounds each, together of not much more than so many bars."""
        nth = self._nth()
        ends = np.cumsum(np.bincount(nth))
        part = (ends - 1) // bars
        for one in np.unique(part):
            yield self.take(np.flatnonzero(part[nth] == one))

    def _nth(self) -> Int64:
        # (n,) which bar of its ticker each is, from 0 on.
        order = np.argsort(self.rows, kind="stable")
        rows = self.rows[order]
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        nth = np.empty(len(rows), np.int64)
        nth[order] = np.arange(len(rows)) - np.repeat(starts, np.diff(starts, append=len(rows)))
        return nth


@dataclass(frozen=True, kw_only=True)
class ListingChange:
    """Tickers that went, got another name or came, in this order.

    A ticker has a row for as long as the feed runs, the first in `Listing` the first: those that
    come get the next ones, in their order, and a row of one that went is never given again.

    Attributes:
        added: Those that came, also one that comes again.
        removed: The symbols of those that went.
        renamed: By the old symbol, how a ticker is listed from now on; its bars go on.
    """

    added: tuple[ListedTicker, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: Mapping[str, ListedTicker] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class HistoryEnd:
    """All history was given: the market is live now, even if its next bar is a night away."""


@dataclass(frozen=True, kw_only=True)
class FeedReport:
    """What a feed says of itself; the newest one counts, and `status` shows it.

    Attributes:
        sentence: What people should know now, such as how far history has come or what was refused
            and why; empty where there is nothing.
        reasons: How many bars, trades or messages it refused itself since its start, by reason.
    """

    sentence: str = ""
    reasons: Mapping[str, int] = field(default_factory=dict)


FeedEvent = BarBatch | ListingChange | FeedReport | HistoryEnd


class Feed(Protocol):
    """A source of bars; it judges nothing, and who asks for its events may be kept waiting.

    The server asks for them in a thread that belongs to the feed alone. Whatever a feed raises ends
    it, is told in one sentence, and costs nobody else.
    """

    @property
    def listing(self) -> Listing:
        """What is played, known before the first event."""

    def events(self) -> Iterator[FeedEvent]:
        """Yield all history, then `HistoryEnd`, then bars as they come; called once.

        A ticker that comes later may bring history of its own, which is marked as such.

        Raises:
            TickerlensError: The source failed, for the reason in the sentence.
        """

    def stop(self) -> None:
        """Make `events` end soon, also while it waits for its source.

        Another thread calls it, at any moment, also before `events` or after its end. The server
        waits a moment only: a feed that goes on waiting is left behind when the process ends.
        """

    def close(self) -> None:
        """Let go of the source; called once, in the thread of `events`, after its last event."""


@runtime_checkable
class Attentive(Protocol):
    """A feed that cannot ask its source for all tickers at once, and asks for some first."""

    def attend(self, rows: Int64) -> None:
        """Ask first for what is missing of some tickers; another thread calls it, at any moment.

        Args:
            rows: (k,) int64, those that somebody looks at or that are a buy, in place of the ones
                before.
        """


@runtime_checkable
class Resumable(Protocol):
    """A feed that can go on where an earlier run of the server ended."""

    def resume(self, known_ms: int) -> None:
        """Give bars up to a moment as history, at once; called before `events`, if at all.

        Args:
            known_ms: Close of the newest bar that the server knows, ms since 1970 UTC.
        """
