"""What a source of live bars is: the protocol behind which ccxt, Toss, KIS and the others stand.

A source knows its vendor and nothing else. It never decides when a bar is closed, keeps nothing
between two questions but its connection, and never retries: it raises a `SourceError`, and the
frame (`server.feeds.live.feed`) waits as long as that kind of fault wants. Everything runs in one
event loop of one thread; `asyncio.sleep`, `asyncio.timeout` and `loop.time()` are the only ways to
wait, so that tests can let days pass in a moment.
"""

import dataclasses
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from server.feeds.forming.trades import TradeBatch
from server.feeds.live.limiter import RateLimiter
from shared.contract import Float64, Int64
from shared.markets import Market

ClosedBy = Literal["clock", "page", "source"]
Tells = Literal["bars", "trades", "pages"]


@dataclass(frozen=True, kw_only=True)
class SourceTraits:
    """What a source declares of itself; docs/feeds.md and `doctor` show it.

    Attributes:
        name: As in `--feed NAME`.
        variant: What tells its bars on disk from those of other settings, such as whether
            dividends are taken out of them; empty where no setting makes other bars.
        intervals: Lengths of bars that it has, such as 1m; empty where the vendor is asked.
        depth: How far its history goes back, in words.
        stamp: What time it writes on a bar of less than a day; `LiveSource` hands out closes all
            the same.
        daily_bar: Which sessions a bar of a day holds, and when it is final, in words.
        adjusted: Whether splits and dividends rewrite the past.
        delay_s: How old its bars are when they come, s; 0 where they are of now.
        limits: Its limits, in words, one each.
        closed_by: `source` where live bars that are closed say so (`LiveBars.final`), `clock` where
            a bar is closed once its time and the grace are over, `page` where what is live says
            only that there is a bar: it forms until a page has it as the vendor leaves it.
        grace_s: What live news of a bar may take after its end, s; then it is closed.
        settles_s: After how long `page` gives a bar as the vendor leaves it, s; it is not asked for
            earlier.
        tells: What `live` yields: bars, each whole as it stands; trades; or nothing, so that pages
            alone tell.
        confirms: Whether pages are asked for bars that were closed live: what differs comes as a
            correction.
        silent_s: After how long without an event while the market is open the connection counts as
            dead, s; 0 where silence says nothing.
        terms: What the vendor's terms of use say about it, in a sentence.
    """

    name: str
    variant: str = ""
    intervals: tuple[str, ...]
    depth: str
    stamp: Literal["open", "close"]
    daily_bar: str
    adjusted: bool
    delay_s: int = 0
    limits: tuple[str, ...]
    closed_by: ClosedBy
    grace_s: float
    settles_s: float
    tells: Tells
    confirms: bool = True
    silent_s: float = 0.0
    terms: str


@dataclass(frozen=True, kw_only=True)
class UniverseTicker:
    """A ticker of a universe, from a file or a list of the source.

    Attributes:
        symbol: As charts and people call it; what the vendor calls it is the source's business.
        name: What people call it; empty where nobody said.
        name_en: The same in English; empty where nobody said.
        segment: Market segment, such as KOSPI; may be empty.
        sector: Industry; may be empty.
        from_ms: First moment at which it is listed, ms since 1970 UTC; 0 for ever.
        until_ms: Moment from which it is listed no more; 0 for never.
    """

    symbol: str
    name: str = ""
    name_en: str = ""
    segment: str = ""
    sector: str = ""
    from_ms: int = 0
    until_ms: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class HistoryPage:
    """Bars of one ticker, of one answer or a few.

    Attributes:
        bar_ms: (n,) int64, close of each bar, ms since 1970 UTC, ascending, none twice.
        ohlcv: (n, 5) float64, open, high, low, close in currency, volume in shares or coins.
        from_ms: Every bar that closed later than this, up to what was asked for, is in the page: a
            minute without one had no trade. What was asked for where the page holds all of it;
            that, too, where the vendor has no older bars.
    """

    bar_ms: Int64
    ohlcv: Float64
    from_ms: int


@dataclass(frozen=True, kw_only=True, eq=False)
class LiveBars:
    """Bars as they stand now; the same bar may come as often as the vendor likes.

    Attributes:
        rows: (n,) int64, rows of the tickers, as `LiveSource.live` was told; none twice.
        bar_ms: (n,) int64, when each bar closes, ms since 1970 UTC; may lie ahead.
        ohlcv: (n, 5) float64, as in `HistoryPage`.
        final: The source says that these bars are closed. One that comes for a bar that was closed
            already is a correction.
    """

    rows: Int64
    bar_ms: Int64
    ohlcv: Float64
    final: bool = False

    def take(self, index: Int64) -> "LiveBars":
        """Return the bars at `index` (m,), in that order."""
        return dataclasses.replace(
            self, rows=self.rows[index], bar_ms=self.bar_ms[index], ohlcv=self.ohlcv[index]
        )


@dataclass(frozen=True, kw_only=True)
class Alive:
    """The connection is there: yielded once all is subscribed to, and with each heartbeat."""


@dataclass(frozen=True, kw_only=True)
class LiveRefused:
    """Tickers that the source does not stream; the frame asks for their pages only.

    Attributes:
        reasons: By symbol, why, in the vendor's word.
    """

    reasons: Mapping[str, str] = field(default_factory=dict)


# Of trades the frame makes bars: they are closed by the clock and `SourceTraits.grace_s`.
LiveEvent = LiveBars | TradeBatch | Alive | LiveRefused


class LiveSource(Protocol):
    """A vendor's bars. All methods are called in one thread and one event loop.

    Every request takes its turn at a limiter of `limiters` first, history and live at the same one
    where the vendor counts them together, and tells it what the answer said of what is left.

    Raises:
        SourceError: By any method, at any time: which kind says what the frame does about it.
    """

    @property
    def traits(self) -> SourceTraits:
        """What it declares of itself."""

    @property
    def market(self) -> Market:
        """Where its tickers trade."""

    @property
    def limiters(self) -> Mapping[str, RateLimiter]:
        """Its limiters by what they are for, such as charts; they are shown."""

    async def open(self) -> None:
        """Make ready: session, keys, the vendor's list of markets. Called again after a fault."""

    async def close(self) -> None:
        """Let go of everything; called once, also where `open` failed."""

    async def universe(self, name: str) -> tuple[UniverseTicker, ...]:
        """Return a list that the source knows by name, such as krw-top-100.

        Raises:
            SettingsError: It knows none of that name; the sentence says which it knows.
        """

    async def page(self, symbol: str, from_ms: int, to_ms: int) -> HistoryPage:
        """Return the newest bars that closed within (`from_ms`, `to_ms`], as one answer holds them.

        Bars that are still running are left out. The frame asks again with `to_ms` = the page's
        `from_ms` until nothing is left.

        Args:
            symbol: The ticker.
            from_ms: ms since 1970 UTC.
            to_ms: ms since 1970 UTC.
        """

    def live(self, rows: Mapping[str, int]) -> AsyncGenerator[LiveEvent, None]:
        """Yield what happens from now on, until it is closed (`aclose`) or fails.

        `Alive` comes first, as soon as all is subscribed to: from then on nothing is missed, and
        the frame fills what lies before. A source that has no stream yields `Alive` and waits for
        ever; the frame asks for its pages as bars close. Where the tickers change, the iterator is
        closed and a new one asked for.

        Args:
            rows: The row of each ticker, by its symbol.
        """

    async def server_ms(self) -> int | None:
        """Return what time it is at the vendor, ms since 1970 UTC; None where it does not tell."""
