"""The feed of files that grow: what stands in them is history, what comes is news."""

import datetime
import os
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from models.data.calendars.markets import market_named
from models.data.sources.reader import ReadBars, read_bars
from models.data.table import BarTable
from models.data.times import to_utc
from server.feeds.base import (
    FeedEvent,
    FeedReport,
    HistoryEnd,
    ListedTicker,
    Listing,
    ListingChange,
)
from server.feeds.forming.grid import BarGrid, trading_of
from server.feeds.live.clock import WALL, LiveClock
from server.feeds.live.source import LiveBars
from server.feeds.roster import Roster
from server.feeds.told import ToldBars
from server.feeds.watch.growing import GrowingFolder
from server.feeds.watch.settings import WatchSettings
from shared.contract import interval_seconds
from shared.errors import DataError, InputMissingError
from shared.reading import read_options

_BEFORE: Final = 40  # lines of each ticker before what is new: they tell how long bars are
_FIRST: Final = 2**40  # lines before what is new, where all is
_AHEAD: Final = datetime.timedelta(days=400)  # that rows of bars that run are read, too


class WatchFeed:
    """Files of bars that grow, played; see docs/feeds.md for what may happen to them.

    Args:
        path: The file or folder.
        settings: Of the feed.
        clock: What time it is.
        wait: Wait so many seconds, or until `stop`; None for real ones.

    Raises:
        InputMissingError: There is nothing at the path, or no bar, and `market` and `interval` do
            not say what will come.
        DataError: What is there cannot be read.
        SettingsError: An option is wrong.
    """

    def __init__(
        self,
        path: Path,
        settings: WatchSettings,
        clock: LiveClock = WALL,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        if not path.exists():
            raise InputMissingError(f"{path} does not exist")
        self._path, self._settings, self._now_ms = path, settings, clock.now_ms
        self._stopped = threading.Event()
        self._wait = wait or self._stopped.wait
        self._options = read_options(settings)
        self._files = GrowingFolder(path)
        self._trouble, self._unreadable = "", 0
        self._told_report = FeedReport()
        first = self._read(_FIRST)
        self._first = None if first is None else first.table
        self.listing = self._listing(first)
        interval_s = interval_seconds(self.listing.interval)
        if settings.interval and interval_s != interval_seconds(settings.interval):
            raise DataError(
                f"{path} has bars of {self.listing.interval}, --interval says {settings.interval}"
            )
        # What was understood of the first rows holds for all that come.
        self._options = msgspec.structs.replace(self._options, market=self.listing.market.name)
        self._roster = Roster(self.listing)
        extended = settings.session == "extended"
        grid = BarGrid(interval_s, trading_of(self.listing.market, interval_s, extended=extended))
        self._bars = ToldBars(grid, len(self._roster), grace_ms=round(1_000 * settings.grace))

    def events(self) -> Iterator[FeedEvent]:
        """Yield what stands in the files, then what comes, until `stop`."""
        rows = None if self._first is None else self._rows(self._first)
        self._first = None
        if rows is None:
            yield HistoryEnd()
        else:
            yield from self._begin(rows)
        while not self._stopped.is_set():
            read = self._read(self._lines())
            if read is not None:
                yield from self._take(read.table)
            yield from self._bars.close(self._now_ms())
            report = self._report()
            if report != self._told_report:
                self._told_report = report
                yield report
            self._wait(self._wait_s())

    def stop(self) -> None:
        """Make `events` end at once; any thread may call it."""
        self._stopped.set()

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _lines(self) -> int:
        return _BEFORE * (1 + len(self._roster) // max(len(self._files), 1))

    def _wait_s(self) -> float:
        due_ms = self._bars.due_ms()
        if due_ms is None:
            return self._settings.look
        return min(self._settings.look, max((due_ms - self._now_ms()) / 1_000, 0.01))

    def _read(self, lines: int) -> ReadBars | None:
        # What is new; None where nothing is, or nothing that can be read.
        with tempfile.TemporaryDirectory(prefix="tickerlens-watch-") as folder:
            copies = self._files.put_new(Path(folder), lines)
            if not copies:
                return None
            # As written long after the bars in it, which hides none that still runs: the clock
            # closes bars here, and not what the file was at some moment.
            now = to_utc(self._now_ms()) + _AHEAD
            for copy in copies:
                os.utime(copy, (now.timestamp(), now.timestamp()))
            try:
                where = Path(folder) if self._path.is_dir() else copies[0]
                read = read_bars(where, self._options, now)
            except (DataError, InputMissingError) as e:
                self._refuse(str(e).replace(f"{folder}/", ""), copies, Path(folder))
                if lines == _FIRST and not self._may_be_empty:
                    raise DataError(self._trouble) from e
                return None
            left_out = read.reading.left_out
            bad = [copy for copy in copies if str(copy) in left_out]
            self._trouble = ""
            if bad:
                self._refuse(left_out[str(bad[0])].replace(f"{folder}/", ""), bad, Path(folder))
            return read

    @property
    def _may_be_empty(self) -> bool:
        return bool(self._settings.interval) and self._settings.market != "auto"

    def _refuse(self, sentence: str, copies: list[Path], folder: Path) -> None:
        self._trouble = sentence
        self._unreadable += len(copies)
        for copy in copies:
            self._files.forget(copy, folder)

    def _listing(self, first: ReadBars | None) -> Listing:
        if first is None and not self._may_be_empty:
            raise InputMissingError(
                f"{self._path} holds no bar yet: say --market and --interval, and it may be empty"
            )
        table = None if first is None else first.table
        symbols = () if table is None else table.symbols
        return Listing(
            symbols=symbols,
            names=symbols,
            markets=("",) * len(symbols),
            market=market_named(self._settings.market) if table is None else table.market,
            interval=self._settings.interval if table is None else table.interval,
            label=f"watch of {self._path.resolve().name}"[:200],
            simulated=False,
            repaired={} if table is None else table.repaired,
            facts={} if first is None else first.reading.facts(),
        )

    def _begin(self, rows: LiveBars) -> Iterator[FeedEvent]:
        now_ms = self._now_ms()
        old = rows.bar_ms <= now_ms - round(1_000 * self._settings.grace)
        history = self._bars.history(rows.take(np.flatnonzero(old)), now_ms)
        yield history
        yield HistoryEnd()
        yield from self._bars.take(rows.take(np.flatnonzero(~old)), now_ms)

    def _take(self, table: BarTable) -> Iterator[FeedEvent]:
        if table.interval != self.listing.interval:
            self._trouble = f"new rows are bars of {table.interval}, not {self.listing.interval}"
            return
        added = tuple(
            ListedTicker(symbol=s, name=s) for s in table.symbols if self._roster.row_of(s) is None
        )
        if added:
            change = ListingChange(added=added)
            self._roster.apply(change)
            self._bars.grow(len(self._roster))
            yield change
        yield from self._bars.go_on(self._rows(table), self._now_ms())

    def _rows(self, table: BarTable) -> LiveBars:
        places = (self._roster.row_of(symbol) for symbol in table.symbols)
        rows = np.array([-1 if place is None else place for place in places], np.int64)
        return LiveBars(rows=rows[table.row], bar_ms=table.bar_ms, ohlcv=table.ohlcv)

    def _report(self) -> FeedReport:
        own = Counter(unreadable_file=self._unreadable, missed_bar=self._bars.missed)
        return FeedReport(sentence=self._trouble, reasons=own + self._bars.reasons)
