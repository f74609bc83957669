"""A feed of now: history, then bars as they come, from any source behind the one protocol."""

import asyncio
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from server.feeds.base import FeedEvent, Listing
from server.feeds.forming.grid import BarGrid, trading_of
from server.feeds.live.cache import BarCache, cache_folder
from server.feeds.live.clock import WALL, LiveClock
from server.feeds.live.faults import SourceError
from server.feeds.live.filling import Filler
from server.feeds.live.listing import UniverseKeeper
from server.feeds.live.report import Reporter
from server.feeds.live.settings import LiveSettings
from server.feeds.live.source import LiveSource
from server.feeds.live.span import history_start
from server.feeds.live.state import LiveState, Whereabouts
from server.feeds.live.streaming import Stream
from server.feeds.live.vendor_calendar import CalendarWatch
from server.feeds.roster import Roster
from shared.contract import Int64, interval_seconds
from shared.errors import SettingsError

_DOWN: Final = ("cut", "limited", "nonsense", "server_error", "silent", "unreachable")
_CLOSE_S: Final = 0.4  # what a source may take to let go


class LiveFeed:
    """A source of live bars, played: it waits, asks again, and tells what is wrong.

    Args:
        source: The vendor.
        settings: Of the feed; a source's own type of them will do.
        clock: What time it is.

    Raises:
        SourceError: The source cannot be used, for the reason in the sentence.
        SettingsError: The universe is none, the source has no bars of that length, or bars without
            a trade are asked for that the source would not confirm.
        InputMissingError: The file of the universe cannot be opened.
        DataError: It is not what it must be.
    """

    def __init__(self, source: LiveSource, settings: LiveSettings, clock: LiveClock = WALL) -> None:
        interval_s = interval_seconds(settings.interval)
        intervals = source.traits.intervals
        if intervals and settings.interval not in intervals:
            raise SettingsError(
                f"{source.traits.name} has bars of {', '.join(intervals)}, was {settings.interval}"
            )
        says_bars = source.traits.tells != "trades" or source.traits.closed_by == "page"
        if settings.no_trade == "flat" and says_bars:
            raise SettingsError(
                f"{source.traits.name} says itself which bars there are: no_trade must be skip, "
                "was flat"
            )
        self._source, self._settings, self._clock = source, settings, clock
        extended = settings.session == "extended"
        grid = BarGrid(interval_s, trading_of(source.market, interval_s, extended=extended))
        self._fixed = Whereabouts(
            source=source,
            clock=clock,
            grid=grid,
            interval_s=interval_s,
            history=settings.history,
            extended=extended,
        )
        listed = re.sub("[^A-Za-z0-9_.-]", "-", settings.universe)
        kept = self._folder() / f"universe-{listed}.json"
        self._keeper = UniverseKeeper(source, settings.universe, clock, kept)
        self._down: SourceError | None = None
        self._loop = clock.new_loop()
        self._is_over = False
        try:
            self._loop.run_until_complete(self._open())
            self.listing = self._listing()
        except BaseException:
            self.close()
            raise
        self._state = LiveState(self._fixed, Roster(self.listing), BarCache(self._folder()))

    def events(self) -> Iterator[FeedEvent]:
        """Yield all history, then bars as they come, until `stop`."""
        work = self._loop.create_task(self._work())
        work.add_done_callback(lambda _: self._state.news.put_nowait(None))
        while not self._is_over:
            event = self._loop.run_until_complete(self._state.news.get())
            if event is None:
                break
            yield event
        self._end(work)

    def stop(self) -> None:
        """Make `events` end soon; any thread may call it."""
        self._is_over = True
        with contextlib.suppress(RuntimeError):  # it is closed already
            self._loop.call_soon_threadsafe(self._state.news.put_nowait, None)

    def attend(self, rows: Int64) -> None:
        """Ask first for what is missing of these tickers, as `Attentive` says."""
        self._state.attended = frozenset(rows.tolist())

    def close(self) -> None:
        """Let go of the source."""
        if self._loop.is_closed():
            return
        with contextlib.suppress(TimeoutError, SourceError):
            self._loop.run_until_complete(asyncio.wait_for(self._source.close(), _CLOSE_S))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _open(self) -> None:
        # With a vendor that is down, what is kept will do until it is there again.
        try:
            await self._source.open()
            await self._keeper.read()
        except SourceError as e:
            if e.kind not in _DOWN or not self._keeper.remember():
                raise
            self._down = e

    def _listing(self) -> Listing:
        listed = self._keeper.listed(self._clock.now_ms()).values()
        if not listed:
            raise SettingsError(f"the universe {self._settings.universe} has no ticker now")
        return Listing(
            symbols=tuple(t.symbol for t in listed),
            names=tuple(t.name for t in listed),
            markets=tuple(t.segment for t in listed),
            names_en=tuple(t.name_en for t in listed),
            sectors=tuple(t.sector for t in listed),
            market=self._source.market,
            interval=self._settings.interval,
            label=self._source.traits.name,
            simulated=False,
            delay_s=self._source.traits.delay_s,
            facts=self._facts(),
        )

    def _facts(self) -> dict[str, list[str]]:
        traits = self._source.traits
        delay = [f"bars come {traits.delay_s} s late"] if traits.delay_s else []
        return {
            "source": [traits.name, *delay],
            "daily bar": [traits.daily_bar],
            "limits": list(traits.limits),
        }

    def _folder(self) -> Path:
        traits = self._source.traits
        name = traits.name + f"-{traits.variant}" * (traits.variant != "")
        return cache_folder(self._settings, name, self._source.market)

    async def _work(self) -> None:
        state = self._state
        with contextlib.suppress(SourceError):  # it is asked again before the stream
            await state.set_clock()
        state.cache.tidy()
        filler = Filler(state)
        stream = Stream(state, filler, self._settings.no_trade, self._down)
        start_ms = history_start(
            self._source.market,
            self._fixed.interval_s,
            self._fixed.history,
            state.exchange_ms,
            extended=self._fixed.extended,
        )
        filler.remember(state.restore(start_ms))
        filler.want(state.roster.rows.tolist())
        try:
            async with asyncio.TaskGroup() as tasks:
                for part in (
                    filler.run(),
                    stream.listen(),
                    stream.close_bars(),
                    stream.watch_silence(),
                    self._keeper.follow(state, filler, stream),
                    Reporter(state, filler, stream).run(),
                    CalendarWatch(state).run(),
                ):
                    tasks.create_task(part)
        finally:
            filler.keep()

    def _end(self, work: "asyncio.Task[None]") -> None:
        work.cancel()
        done, _ = self._loop.run_until_complete(asyncio.wait({work}, timeout=_CLOSE_S))
        if done and not work.cancelled() and (error := work.exception()) is not None:
            raise _single(error)


def _single(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
