"""Listens to the source, makes bars of trades, and closes bars by the exchange's clock."""

import asyncio
import contextlib
import logging
from collections import Counter
from typing import Final

import numpy as np

from server.feeds.base import BarBatch
from server.feeds.forming.bars import FormingBars, NoTrade, TradePatience
from server.feeds.forming.trades import TradeBatch
from server.feeds.live.faults import SourceError
from server.feeds.live.filling import Filler
from server.feeds.live.source import LiveBars, LiveEvent, LiveRefused
from server.feeds.live.state import LiveState

log = logging.getLogger(__name__)

_LOOK_S: Final = 30.0  # at most between two looks at the clock
_FORMING_S: Final = 1.0  # between two times that bars made of trades are told while they form
_NEVER_MS: Final = 10 * 86_400_000  # no clock closes a bar that its page closes
_SLEPT_MS: Final = 15_000  # what the clock on the wall may go ahead of the loop's


class Stream:
    """The live part of a feed.

    Args:
        state: What is shared.
        filler: Who is asked for what was missed.
        no_trade: What stands for a time without a trade, where bars are made of trades.
        down: Why the source could not be opened; None where it could.
    """

    def __init__(
        self,
        state: LiveState,
        filler: Filler,
        no_trade: NoTrade,
        down: SourceError | None = None,
    ) -> None:
        self._state, self._filler = state, filler
        self._source, self._traits = state.fixed.source, state.fixed.source.traits
        self._grid, self._grace_ms = state.fixed.grid, round(1_000 * self._traits.grace_s)
        self._by_page = self._traits.closed_by == "page"
        self._close_ms = _NEVER_MS if self._by_page else self._grace_ms
        self._down = down
        self._unstreamed: set[int] = set()
        patience = TradePatience(grace_ms=self._grace_ms)
        self._forming = FormingBars(self._grid, len(state.roster), patience, no_trade)
        self._heard_s = 0.0
        self._heard_ms = 0
        self._told_s = 0.0
        self._task: asyncio.Task[None] | None = None
        self._why: SourceError | None = None
        self._asked_to_end = False
        self._wake = asyncio.Event()

    @property
    def reasons(self) -> Counter[str]:
        """How many trades did not count, by reason."""
        return self._forming.reasons

    def restart(self, why: SourceError | None = None) -> None:
        """Listen anew: other tickers, or something is wrong that the source does not notice."""
        if self._task is not None and not self._task.done():
            self._why, self._asked_to_end = why, True
            self._task.cancel()

    async def listen(self) -> None:
        """Listen for ever, again and again."""
        opened = self._down is None  # by the feed
        if self._down is not None:
            self._state.board.hold(self._state.roster.rows)
            await asyncio.sleep(self._state.troubles.note("live", self._down))
        while True:
            wait_s = 0.0
            try:
                if not opened:
                    await self._source.open()
                await self._state.set_clock()
                await self._listen_once()
            except SourceError as e:
                opened = False
                wait_s = self._state.troubles.note("live", e)
            self._state.board.hold(self._state.roster.rows)
            await asyncio.sleep(wait_s)

    async def _listen_once(self) -> None:
        self._task = asyncio.create_task(self._follow())
        try:
            await self._task
        except asyncio.CancelledError:
            if not self._asked_to_end:
                self._task.cancel()
                raise
            if self._why is not None:
                raise self._why from None
        finally:
            self._asked_to_end, self._why = False, None

    async def _follow(self) -> None:
        self._forming.grow(len(self._state.roster))
        self._unstreamed.clear()
        connected = False
        async with contextlib.aclosing(self._source.live(self._state.rows)) as events:
            async for event in events:
                if not connected:
                    connected = True
                    self._connected()
                self._heard_s, self._heard_ms = _now_s(), self._state.exchange_ms
                self._take(event)
        raise SourceError("cut", self._traits.name, "the stream ended")

    def _connected(self) -> None:
        # From here on nothing is missed; what lies before is asked for. A bar that was running is
        # whole where bars are told, and lacks trades where trades are.
        now_ms, rows = self._state.exchange_ms, self._state.roster.rows
        self._state.troubles.healed("live")
        over = self._grid.newest_over(now_ms)
        ends = self._grid.close_ms(np.array([over, over + 1]).clip(min=0)).tolist()
        is_running = self._grid.begin_ms(np.array([over + 1]))[0] < now_ms
        if self._traits.tells == "trades":
            self._forming.lose(self._heard_ms or now_ms - 1, now_ms)
        is_partial = self._traits.tells == "trades" and is_running
        self._filler.reach(rows, ends[1] if is_partial else ends[0])
        if is_running and self._traits.tells == "bars":
            self._filler.want(rows.tolist(), ends[1] + self._filler.settles_ms)
        self._wake.set()

    def _take(self, event: LiveEvent) -> None:
        match event:
            case LiveBars():
                self._hear(event)
            case TradeBatch():
                self._forming.add(event, self._state.exchange_ms)
            case LiveRefused():
                for symbol, reason in event.reasons.items():
                    log.warning("%s: not streamed, its pages are asked for: %s", symbol, reason)
                    if (row := self._state.roster.row_of(symbol)) is not None:
                        self._unstreamed.add(row)
            case _:
                return
        self._wake.set()

    def _hear(self, bars: LiveBars) -> None:
        inside = self._state.fixed.inside(bars.bar_ms)
        if not inside.all():
            bars = bars.take(np.flatnonzero(inside))
        for batch in self._state.board.take(bars):
            self._state.tell([batch])
            if batch.closed:
                self._keep(batch)

    async def close_bars(self) -> None:
        """Look at the clock for ever: what is over is closed."""
        wall_ms, loop_s = self._state.fixed.clock.now_ms(), _now_s()
        due_ms = self._next_over_ms()
        while True:
            self._wake.clear()
            now_ms = self._state.exchange_ms
            self._make_bars(now_ms)
            for batch in self._state.board.close(now_ms, self._close_ms):
                self._state.tell([batch])
                self._confirm(batch)
            if now_ms >= due_ms:
                self._over(due_ms)
                due_ms = self._next_over_ms()
            await self._wait(due_ms)
            slept_ms = self._state.fixed.clock.now_ms() - wall_ms - 1_000 * (_now_s() - loop_s)
            if abs(slept_ms) > _SLEPT_MS:
                wall_ms, loop_s = self._state.fixed.clock.now_ms(), _now_s()
                due_ms = self._next_over_ms()
                self.restart(SourceError("cut", self._traits.name, "this machine slept"))

    def _confirm(self, batch: BarBatch) -> None:
        if self._traits.confirms:
            self._filler.confirm(batch.rows, int(batch.bar_ms[0]))
        self._keep(batch)

    def _keep(self, batch: BarBatch) -> None:
        # What pages confirm is kept as they have it.
        if not self._traits.confirms and not self._by_page:
            symbols = self._state.roster.symbols(batch.rows)
            self._state.cache.go_on(symbols, batch.bar_ms, batch.ohlcv)

    def _make_bars(self, now_ms: int) -> None:
        if self._traits.tells != "trades":
            return
        closed = self._forming.closed(now_ms)
        if len(closed.rows):
            for batch in closed.rounds():
                self._hear(
                    LiveBars(
                        rows=batch.rows,
                        bar_ms=batch.bar_ms,
                        ohlcv=batch.ohlcv,
                        final=not self._by_page,
                    )
                )
                if self._by_page:
                    self._ask_how_closed(batch)
        if _now_s() - self._told_s >= _FORMING_S:
            self._told_s = _now_s()
            forming = self._forming.forming(now_ms)
            self._hear(LiveBars(rows=forming.rows, bar_ms=forming.bar_ms, ohlcv=forming.ohlcv))

    def _ask_how_closed(self, batch: BarBatch) -> None:
        for ms in np.unique(batch.bar_ms).tolist():
            self._filler.confirm(batch.rows[batch.bar_ms == ms], ms)

    def _over(self, closed_ms: int) -> None:
        rows = sorted(self._unstreamed)
        if self._traits.tells == "pages" or (self._by_page and self._traits.tells == "bars"):
            rows = self._state.roster.rows.tolist()
        self._filler.want(rows, closed_ms + self._filler.settles_ms)

    def _next_over_ms(self) -> int:
        now_ms = self._state.exchange_ms
        over = self._grid.newest_over(now_ms)
        return int(self._grid.over_ms(np.array([over + 1]))[0])

    async def _wait(self, due_ms: int) -> None:
        now_ms = self._state.exchange_ms
        times = [due_ms + self._grace_ms + 1, now_ms + round(1_000 * _LOOK_S)]
        if (next_ms := self._state.board.due_ms(self._close_ms)) is not None:
            times.append(next_ms)
        wait_s = max(min(times) - now_ms, 1) / 1_000
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
                await asyncio.sleep(_FORMING_S if self._traits.tells == "trades" else 0)

    async def watch_silence(self) -> None:
        """Listen anew for ever where nothing is heard although the market is open."""
        silent_s = self._traits.silent_s
        while silent_s:
            await asyncio.sleep(silent_s / 4)
            is_open = self._grid.number(np.array([self._state.exchange_ms]))[0] >= 0
            if is_open and self._heard_s and _now_s() - self._heard_s > silent_s:
                self._heard_s = _now_s()
                self.restart(SourceError("silent", self._traits.name))


def _now_s() -> float:
    return asyncio.get_running_loop().time()
