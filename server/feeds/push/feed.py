"""The feed of a program of one's own: what it sends becomes tickers, history, and bars of now."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from models.data.calendars.markets import market_named
from server.feeds.base import (
    BarBatch,
    FeedEvent,
    FeedReport,
    HistoryEnd,
    ListedTicker,
    Listing,
    ListingChange,
)
from server.feeds.forming.bars import FormingBars, TradePatience
from server.feeds.forming.grid import BarGrid, trading_of
from server.feeds.forming.trades import TradeBatch
from server.feeds.live.clock import WALL
from server.feeds.live.universe import listed_at, read_universe
from server.feeds.push.settings import PushSettings
from server.feeds.push.socket import PullSocket
from server.feeds.roster import Roster
from shared.contract import Bool, Int64, interval_seconds
from shared.errors import SettingsError, WireError
from shared.protocol.pushed import (
    PushedBars,
    PushedListing,
    PushedLive,
    PushedTrades,
    decode_pushed,
)

_POLL_MS: Final = 100  # so soon a stop is heard
_FORMING_MS: Final = 250  # forming bars are told no more often
_QUIET_MS: Final = 1_000  # without a trade, after which what waited has come
_REPORT_MS: Final = 1_000


class PushFeed:
    """Bars and trades that others send; see docs/feeds.md for the messages.

    Args:
        endpoint: Where to listen, on this machine alone; port `*` takes any free one.
        settings: Of the feed.
        clock_ms: What time it is, ms since 1970 UTC.

    Raises:
        SettingsError: The endpoint, the market or the interval is none.
        UnavailableError: The endpoint is taken.
        InputMissingError: The file of the universe cannot be opened.
        DataError: It is not what it must be.
    """

    def __init__(
        self, endpoint: str, settings: PushSettings, clock_ms: Callable[[], int] = WALL.now_ms
    ) -> None:
        if not settings.market:
            raise SettingsError("the feed push must be told where its tickers trade: say --market")
        self._settings, self._clock_ms = settings, clock_ms
        self._market = market_named(settings.market)
        interval_s = interval_seconds(settings.interval)
        extended = settings.session == "extended"
        self._grid = BarGrid(interval_s, trading_of(self._market, interval_s, extended=extended))
        path = settings.universe
        universe = read_universe(Path(path), self._market) if path else ()
        self._socket = PullSocket(endpoint)
        self.listing = self._listing(list(listed_at(universe, clock_ms()).values()))
        self._roster = Roster(self.listing)
        grace_ms = round(1_000 * settings.grace)
        self._patience = TradePatience(grace_ms=grace_ms)
        self._bars = FormingBars(
            self._grid, max(len(self._roster), 1), self._patience, settings.no_trade
        )
        self._stopped = threading.Event()
        self._reasons: Counter[str] = Counter()
        self._complaint = ""
        self._told = FeedReport()
        self._is_live = self._has_trades = False
        self._until_ms = 0  # all trades before it have come, as the sender says; 0 says nothing
        self._is_behind = False  # trades that waited are their own clock until none is left
        self._idle_ms = clock_ms()  # when nothing waited the last time
        self._heard_ms = 0  # when trades came the last time
        self._forming_ms = self._report_ms = 0

    def events(self) -> Iterator[FeedEvent]:
        """Yield what is sent as it comes, and bars as they close, until `stop`."""
        while not self._stopped.is_set():
            frame = self._socket.take(_POLL_MS)
            while frame is not None and not self._stopped.is_set():
                yield from self._hear(frame)
                frame = self._socket.take(0)
            # Nothing waits: what was made until now has come, unless the sender knows better.
            self._idle_ms = self._clock_ms()
            # More may be on its way from where it waited at the sender's.
            if self._is_behind and self._idle_ms - self._heard_ms >= _QUIET_MS:
                self._is_behind, self._until_ms = False, 0
            yield from self._due()
            yield from self._report()

    def stop(self) -> None:
        """Make `events` end soon; any thread may call it."""
        self._stopped.set()

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()

    def _listing(self, listed: list[ListedTicker]) -> Listing:
        return Listing(
            symbols=tuple(t.symbol for t in listed),
            names=tuple(t.name for t in listed),
            markets=tuple(t.segment for t in listed),
            market=self._market,
            interval=self._settings.interval,
            label="push",
            simulated=False,
            facts={"listens": [self._socket.endpoint]},
        )

    def _hear(self, frame: bytes) -> Iterator[FeedEvent]:
        try:
            said = decode_pushed(frame)
        except WireError as e:
            self._refuse("bad_message", 1, str(e))
            return
        match said:
            case PushedListing():
                yield from self._list(said)
            case PushedBars():
                yield from self._take_bars(said)
            case PushedTrades():
                yield from self._take_trades(said)
            case PushedLive():
                yield from self._go_live()

    def _list(self, said: PushedListing) -> Iterator[FeedEvent]:
        names = said.names or said.symbols
        segments = said.segments or ("",) * len(said.symbols)
        told = [
            ListedTicker(symbol=s, name=n or s, segment=g)
            for s, n, g in zip(said.symbols, names, segments, strict=True)
        ]
        before = {ticker.symbol: ticker for ticker in self._roster.tickers}
        change = ListingChange(
            added=tuple(t for t in told if t.symbol not in before),
            removed=tuple(s for s in dict.fromkeys(said.removed) if s in before),
            renamed={t.symbol: t for t in told if before.get(t.symbol, t) != t},
        )
        if change == ListingChange():
            return
        try:
            self._roster.apply(change)
        except ValueError as e:
            self._refuse("bad_message", 1, f"the listing does not fit: {e}")
            return
        self._bars.grow(len(self._roster))
        yield change

    def _take_bars(self, said: PushedBars) -> Iterator[FeedEvent]:
        rows, known = self._rows(said.symbols, said.of)
        bar_ms = np.array(said.close_ms, np.float64).astype(np.int64)
        prices = (said.open, said.high, said.low, said.close, said.volume)
        ohlcv = np.array(prices, np.float64).reshape(5, -1).T
        late = bar_ms > self._clock_ms() + self._patience.ahead_ms
        checks = {
            "unknown_ticker": ~known,
            "ahead_of_clock": late & said.closed,
            "off_grid": ~self._grid.ends(bar_ms),
        }
        chosen = np.flatnonzero(self._sound(checks, "bars"))
        if len(chosen) and not said.history:
            yield from self._go_live()
        if len(chosen) or said.loaded:
            yield BarBatch(
                rows=rows[chosen],
                bar_ms=bar_ms[chosen],
                ohlcv=np.ascontiguousarray(ohlcv[chosen]),
                closed=said.closed,
                history=said.history,
                loaded=said.loaded,
            )

    def _take_trades(self, said: PushedTrades) -> Iterator[FeedEvent]:
        clock_ms, since_ms, until_ms = self._clock_ms(), int(said.since_ms), int(said.until_ms)
        if since_ms or not self._has_trades:
            # Of the bar that runs as a sender begins the first trades are missing.
            self._bars.lose(self._heard_ms, since_ms or clock_ms)
            self._has_trades = True
        self._heard_ms = clock_ms
        yield from self._go_live()
        trades = self._trades(said)
        if until_ms > clock_ms + self._patience.ahead_ms:
            self._refuse("ahead_of_clock", 1, "until_ms lies ahead of this machine's clock")
            until_ms = 0
        elif not until_ms and len(trades.ms) and self._has_waited(clock_ms):
            self._is_behind, until_ms = True, min(int(trades.ms.max()), clock_ms)
        if until_ms:
            yield from self._add_until(trades, clock_ms, max(until_ms, self._until_ms))
            return
        self._bars.add(trades, self._market_ms or clock_ms)

    def _has_waited(self, clock_ms: int) -> bool:
        # Whether trades may lie in the socket that are late by our own fault.
        long = clock_ms - self._idle_ms > self._patience.late_ms
        return self._is_behind or (long and not self._until_ms)

    def _trades(self, said: PushedTrades) -> TradeBatch:
        rows, known = self._rows(said.symbols, said.of)
        chosen = np.flatnonzero(self._sound({"unknown_ticker": ~known}, "trades"))
        return TradeBatch(
            rows=rows[chosen],
            ms=np.array(said.ms, np.float64).astype(np.int64)[chosen],
            price=np.array(said.price, np.float64)[chosen],
            volume=np.array(said.volume, np.float64)[chosen],
            ids=None if said.id is None else np.array(said.id, np.int64)[chosen],
        )

    def _add_until(self, trades: TradeBatch, clock_ms: int, until_ms: int) -> Iterator[FeedEvent]:
        # Bar by bar: a sender may be many bars behind the clock, and only a few are remembered.
        number = self._grid.number(trades.ms)
        latest_ms = clock_ms + self._patience.ahead_ms
        for one in np.unique(number):
            begin_ms, over_ms = (
                int(f(one[None])[0]) for f in (self._grid.begin_ms, self._grid.over_ms)
            )
            self._until_ms = max(self._until_ms, min(begin_ms, until_ms) if one >= 0 else 0)
            self._bars.add(trades.take(number == one), self._market_ms, latest_ms)
            if over_ms <= until_ms and one >= 0:
                self._until_ms = max(self._until_ms, over_ms)
                yield from self._due()
        self._until_ms = until_ms
        yield from self._due()

    @property
    def _market_ms(self) -> int:
        # How late it is where the sender says it; else 0.
        return self._until_ms + self._patience.grace_ms if self._until_ms else 0

    def _due(self) -> Iterator[FeedEvent]:
        # Bars that are over, and those that form.
        if not self._has_trades:
            return
        now = self._market_ms or self._clock_ms()
        closed = self._bars.closed(now)
        if len(closed.rows):
            yield closed
        if self._clock_ms() - self._forming_ms >= _FORMING_MS:
            forming = self._bars.forming(now)
            if len(forming.rows):
                self._forming_ms = self._clock_ms()
                yield forming

    def _go_live(self) -> Iterator[FeedEvent]:
        if not self._is_live:
            self._is_live = True
            yield HistoryEnd()

    def _rows(self, symbols: tuple[str, ...], of: list[int] | None) -> tuple[Int64, Bool]:
        # (n,) rows of tickers, and whether each is known; those of unknown ones are 0.
        found = [self._roster.row_of(symbol) for symbol in symbols]
        rows = np.array([-1 if row is None else row for row in found], np.int64)
        every = rows if of is None else rows[np.array(of, np.int64)]
        return every.clip(min=0), every >= 0

    def _sound(self, checks: dict[str, npt.NDArray[np.bool_]], what: str) -> Bool:
        sound = ~np.zeros_like(next(iter(checks.values())))
        for reason, wrong in checks.items():
            self._refuse(reason, int((wrong & sound).sum()), f"{what}: {reason.replace('_', ' ')}")
            sound &= ~wrong
        return sound

    def _refuse(self, reason: str, count: int, sentence: str) -> None:
        if count:
            self._reasons[reason] += count
            self._complaint = f"the newest that was refused: {sentence}"

    def _report(self) -> Iterator[FeedEvent]:
        if self._clock_ms() - self._report_ms < _REPORT_MS:
            return
        self._report_ms = self._clock_ms()
        told = FeedReport(sentence=self._complaint, reasons=self._reasons + self._bars.reasons)
        if told != self._told:
            self._told = told
            yield told
