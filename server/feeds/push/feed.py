"""The feed of a program of one's own: what it sends becomes tickers, history, and bars of now."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

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
from server.feeds.forming.grid import BarGrid, trading_of
from server.feeds.live.cache import cache_folder
from server.feeds.live.clock import WALL
from server.feeds.live.span import history_start
from server.feeds.live.universe import listed_at, read_universe
from server.feeds.push.book import PushedBook
from server.feeds.push.keeping import PushKeeper
from server.feeds.push.settings import PushSettings
from server.feeds.push.socket import PullSocket
from server.feeds.roster import Roster
from shared.contract import interval_seconds
from shared.endpoints import ANY, parse
from shared.errors import SettingsError, WireError
from shared.protocol.pushed import (
    PushedBars,
    PushedListing,
    PushedLive,
    PushedTrades,
    decode_pushed,
)

_POLL_MS: Final = 100  # so soon a stop is heard
_FLUSH_MS: Final = 5_000
_REPORT_MS: Final = 1_000


class PushFeed:
    """Bars and trades that others send; see docs/feeds.md for the messages.

    Args:
        endpoint: Where to listen, beyond this machine with keys alone; port `*` takes any free one.
        settings: Of the feed.
        clock_ms: What time it is, ms since 1970 UTC.

    Raises:
        SettingsError: The endpoint, the market or the interval is none, or keys are missing.
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
        grid = BarGrid(interval_s, trading_of(self._market, interval_s, extended=extended))
        path = settings.universe
        universe = read_universe(Path(path), self._market) if path else ()
        self._socket = PullSocket(endpoint, settings.sender_keys)
        self._keeper = PushKeeper(self._folder(endpoint))
        listed = listed_at(universe, clock_ms()) | self._keeper.announced
        self.listing = self._listing(list(listed.values()))
        self._roster = Roster(self.listing)
        self._book = PushedBook(grid, self._roster, settings, clock_ms)
        self._start_ms = history_start(
            self._market, interval_s, settings.history, clock_ms(), extended=extended
        )
        self._stopped = threading.Event()
        self._bad_messages = 0
        self._complaint = ""
        self._told = FeedReport()
        self._is_live = False
        self._flush_ms = self._report_ms = 0

    def events(self) -> Iterator[FeedEvent]:
        """Yield what is kept, what is sent as it comes, and bars as they close, until `stop`."""
        yield from self._restored(self.listing.symbols)
        while not self._stopped.is_set():
            frame = self._socket.take(_POLL_MS)
            while frame is not None and not self._stopped.is_set():
                yield from self._hear(frame)
                self._flush()  # much may wait, and take long
                frame = self._socket.take(0)
            self._book.idle()
            yield from self._tell(self._book.due())
            self._flush()
            yield from self._report()

    def stop(self) -> None:
        """Make `events` end soon; any thread may call it."""
        self._stopped.set()

    def close(self) -> None:
        """Listen no more, and keep what came."""
        self._socket.close()
        self._keeper.flush()

    def _folder(self, endpoint: str) -> Path | None:
        if parse("the feed push", endpoint).port == ANY and not self._settings.cache:
            return None
        return cache_folder(self._settings, f"push-{endpoint.removeprefix('tcp://')}", self._market)

    def _listing(self, listed: list[ListedTicker]) -> Listing:
        return Listing(
            symbols=tuple(t.symbol for t in listed),
            names=tuple(t.name for t in listed),
            markets=tuple(t.segment for t in listed),
            names_en=tuple(t.name_en for t in listed),
            sectors=tuple(t.sector for t in listed),
            market=self._market,
            interval=self._settings.interval,
            label="push",
            simulated=False,
            facts={"listens": [self._socket.endpoint]},
        )

    def _restored(self, symbols: tuple[str, ...]) -> Iterator[FeedEvent]:
        found = ((symbol, self._roster.row_of(symbol)) for symbol in symbols)
        rows = {symbol: row for symbol, row in found if row is not None}
        batch = self._keeper.restore(rows, self._start_ms)
        if len(batch.rows):
            self._book.restore(batch)
            yield batch

    def _hear(self, frame: bytes) -> Iterator[FeedEvent]:
        try:
            said = decode_pushed(frame)
        except WireError as e:
            self._refuse(str(e))
            return
        self._book.complaint = ""
        match said:
            case PushedListing():
                yield from self._list(said)
            case PushedBars():
                yield from self._tell(self._book.bars(said), is_news=not said.history)
            case PushedTrades():
                batches = self._book.trades(said)
                yield from self._go_live()
                yield from self._tell(batches)
            case PushedLive():
                yield from self._go_live()
        if self._book.complaint:
            self._complaint = f"the newest that was refused: {self._book.complaint}"

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
            self._refuse(f"the listing does not fit: {e}")
            return
        self._keeper.announce(change)
        self._book.grow()
        yield change
        yield from self._restored(tuple(ticker.symbol for ticker in change.added))

    def _tell(self, batches: Iterator[BarBatch], *, is_news: bool = True) -> Iterator[FeedEvent]:
        for batch in batches:
            if is_news:
                yield from self._go_live()
            if batch.closed:
                self._keeper.keep(self._roster.symbols(batch.rows), batch)
            yield batch

    def _go_live(self) -> Iterator[FeedEvent]:
        if not self._is_live:
            self._is_live = True
            self._book.go_live()
            yield HistoryEnd()

    def _refuse(self, sentence: str) -> None:
        self._bad_messages += 1
        self._complaint = f"the newest that was refused: {sentence}"

    def _flush(self) -> None:
        # Also where the clock was set back.
        if abs(self._clock_ms() - self._flush_ms) >= _FLUSH_MS:
            self._flush_ms = self._clock_ms()
            self._keeper.flush()

    def _report(self) -> Iterator[FeedEvent]:
        now_ms = self._clock_ms()
        if now_ms - self._report_ms < _REPORT_MS:
            return
        self._report_ms = now_ms
        own = Counter(bad_message=self._bad_messages, revoked_sender=self._socket.refused)
        reasons = own + self._book.reasons
        told = FeedReport(sentence=self._keeper.trouble or self._complaint, reasons=reasons)
        if told != self._told:
            self._told = told
            yield told
