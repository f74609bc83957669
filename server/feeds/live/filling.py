"""Asks the source for pages: history, what was missed, and what confirms bars that closed live."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.data.growth import grown
from server.feeds.base import BarBatch
from server.feeds.live.cache import KnownSpan
from server.feeds.live.faults import Backoff, SourceError
from server.feeds.live.source import HistoryPage
from server.feeds.live.span import history_start
from server.feeds.live.state import LiveState
from server.feeds.live.units import VolumeUnits
from shared.contract import Float64, Int64

log = logging.getLogger(__name__)

_AT_ONCE: Final = 8  # questions under way; how fast they begin is the limiter's business
_OVERLAP: Final = 3  # bars that are asked for again, to notice that the past was rewritten
_ROUNDED: Final = 1e-5  # by which prices may differ that a vendor computes anew each time
_FLUSH_S: Final = 5.0
_PATIENCE_S: Final = 60.0  # with a source in trouble, kept history is enough after so long
_OF_ONE: Final = ("nonsense", "server_error")  # what may be wrong with one ticker alone
_FEW: Final = 3  # tickers in a row that fail so, from which on it is the source
_FILES: Final = "bars could not be kept on disk"


@dataclass(frozen=True, kw_only=True, eq=False)
class _PagedBars:
    bar_ms: Int64
    ohlcv: Float64


class Filler:
    """Fills what is missing between what is known of a ticker and now, whoever is looked at first.

    The same question serves all three: history on the start, the gap after a cut, and each bar that
    closed live, which is known for certain once a page holds it.

    Attributes:
        unconfirmed: (n,) int64, close of the newest bar of each ticker that was told live and is
            not in a page yet, ms since 1970 UTC; 0 where none waits.

    Args:
        state: What is shared.
    """

    def __init__(self, state: LiveState) -> None:
        self._state, self._fixed = state, state.fixed
        self._source, self._traits = state.fixed.source, state.fixed.source.traits
        n = len(state.roster)
        self.unconfirmed = np.zeros(n, np.int64)
        self._release_ms = np.zeros(n, np.int64)
        self._tails: dict[int, _PagedBars] = {}
        self._wanted: dict[int, None] = {}  # in the order in which they were
        self._busy: set[int] = set()
        self._units = VolumeUnits(self._traits)
        state.board.doubted[:] = self._units.is_needed
        self._backoffs: dict[int, Backoff] = {}  # of those that fail by themselves
        self._again: dict[int, asyncio.TimerHandle] = {}  # when they are asked for again
        self._failing: set[int] = set()  # since anything was well
        self._there = asyncio.Event()
        self._paused_until = 0.0
        self._began_s = 0.0

    def grow(self) -> None:
        """Make room for the tickers that came."""
        n, board = len(self._state.roster), self._state.board
        board.doubted[len(self.unconfirmed) :] = self._units.is_needed
        self.unconfirmed, self._release_ms = grown(self.unconfirmed, n), grown(self._release_ms, n)

    def want(self, rows: Iterable[int], at_ms: int = 0) -> None:
        """Ask for these tickers, not before a time.

        Args:
            rows: Whom.
            at_ms: By the exchange's clock, ms since 1970 UTC.
        """
        rows = list(rows)
        wait_s = (at_ms - self._state.exchange_ms) / 1_000 if at_ms else 0.0
        if wait_s > 0:
            asyncio.get_running_loop().call_later(wait_s, self.want, rows)
            return
        self._wanted |= dict.fromkeys(rows)
        self._there.set()

    def reach(self, rows: Int64, until_ms: int) -> None:
        """Ask for all up to a moment; until then nothing is told of these tickers but that."""
        self._release_ms[rows] = until_ms
        self._state.board.hold(rows)
        self.want(rows.tolist())

    def confirm(self, rows: Int64, closed_ms: int) -> None:
        """Ask for bars that closed live, once the source has them as it leaves them."""
        self.unconfirmed[rows] = closed_ms
        self.want(rows.tolist(), closed_ms + self.settles_ms)

    def remember(self, kept: BarBatch) -> None:
        """Note the newest bars of those that were kept, by row and time: to ask for them again."""
        rows, starts = np.unique(kept.rows, return_index=True)
        for row, start, end in zip(
            rows, starts, np.append(starts, len(kept.rows))[1:], strict=True
        ):
            newest = slice(max(start, end - _OVERLAP), end)
            self._tails[int(row)] = _PagedBars(bar_ms=kept.bar_ms[newest], ohlcv=kept.ohlcv[newest])

    async def run(self) -> None:
        """Ask for ever."""
        self._began_s = _now_s()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(_AT_ONCE):
                tasks.create_task(self._ask())
            tasks.create_task(self._keep())

    @property
    def left_s(self) -> int:
        """How long the first history still takes if it goes on as it did, s; 0 if unknown."""
        done, listed = self._state.done, len(self._state.roster.rows)
        took_s = _now_s() - self._began_s
        return round(took_s / done * (listed - done)) if done else 0

    @property
    def settles_ms(self) -> int:
        """How long after its end a bar is asked for, ms."""
        return round(1_000 * (self._traits.settles_s + self._traits.delay_s))

    async def _ask(self) -> None:
        while True:
            row = await self._next()
            self._busy.add(row)
            try:
                await self._fill(row)
            except SourceError as e:
                self._failed(row, e)
            finally:
                self._busy.discard(row)

    async def _next(self) -> int:
        while True:
            while (wait_s := self._paused_until - _now_s()) > 0:
                await asyncio.sleep(wait_s)
            free = self._wanted.keys() - self._busy
            if free:
                first = free & self._state.attended
                row = min(first) if first else next(r for r in self._wanted if r in free)
                del self._wanted[row]
                return row
            self._there.clear()
            await self._there.wait()

    def _failed(self, row: int, fault: SourceError) -> None:
        troubles = self._state.troubles
        if fault.kind == "units_differ":
            troubles.note("units", fault)
            self._state.board.hold(np.array([row]))
            self._refuse(row, fault)
            return
        if fault.kind == "unknown_ticker":
            troubles.counts[fault.kind] += 1
            self._refuse(row, fault)
            return
        self._failing.add(row)
        if fault.kind in _OF_ONE and len(self._failing) < _FEW:
            troubles.counts[fault.kind] += 1
            self._refuse(row, fault)
            wait_s = self._backoffs.setdefault(row, Backoff()).wait_s(fault)
            if row in self._again:
                self._again[row].cancel()
            loop = asyncio.get_running_loop()
            self._again[row] = loop.call_later(wait_s, self.want, [row])
            return
        self.want([row])
        if self._paused_until <= _now_s():  # the others that are under way fail for the same reason
            self._paused_until = _now_s() + troubles.note("history", fault)

    def _refuse(self, row: int, fault: SourceError) -> None:
        # One ticker holds up nobody else.
        self._state.refused[row] = fault.detail
        self._state.filled[row] = True
        log.warning("%s: no bars: %s", self._state.symbol(row), fault)
        self._look_whether_done()

    async def _fill(self, row: int) -> None:
        symbol = self._state.symbol(row)
        until_ms = self._state.exchange_ms - self.settles_ms
        start_ms = history_start(
            self._source.market,
            self._fixed.interval_s,
            self._fixed.history,
            until_ms,
            extended=self._fixed.extended,
        )
        known = self._state.cache.known(symbol)
        whole = known is None or not known.from_ms <= start_ms < known.until_ms
        back_ms = 1_000 * _OVERLAP * self._fixed.interval_s
        from_ms = start_ms if known is None or whole else known.until_ms - back_ms
        asked, anew = await self._pages(symbol, from_ms, until_ms), False
        if not whole and self._is_rewritten(row, asked):
            log.info("%s: its past was rewritten, by a split or a dividend", symbol)
            from_ms, asked = start_ms, await self._pages(symbol, start_ms, until_ms)
            whole = anew = True
        since_ms = from_ms if known is None or whole else known.from_ms
        self._state.cache.put(symbol, asked.bar_ms, asked.ohlcv, KnownSpan(since_ms, until_ms))
        self._filled(row, asked, until_ms, anew=anew)

    async def _pages(self, symbol: str, from_ms: int, until_ms: int) -> _PagedBars:
        # The newest first, as vendors give them.
        pages: list[HistoryPage] = []
        to_ms = until_ms
        while to_ms > from_ms:
            page = await self._source.page(symbol, from_ms, to_ms)
            if page.from_ms >= to_ms:
                raise SourceError("nonsense", self._traits.name, f"{symbol}: pages do not end")
            inside = (page.bar_ms > max(from_ms, page.from_ms)) & (page.bar_ms <= to_ms)
            inside &= self._fixed.inside(page.bar_ms)
            pages.insert(
                0,
                HistoryPage(
                    bar_ms=page.bar_ms[inside], ohlcv=page.ohlcv[inside], from_ms=page.from_ms
                ),
            )
            to_ms = page.from_ms
        none = np.zeros(0, np.int64), np.zeros((0, 5))
        return _PagedBars(
            bar_ms=np.concatenate([none[0], *(p.bar_ms for p in pages)]),
            ohlcv=np.concatenate([none[1], *(p.ohlcv for p in pages)]),
        )

    def _is_rewritten(self, row: int, asked: _PagedBars) -> bool:
        tail = self._tails.get(row)
        if tail is None or not self._traits.adjusted:
            return False
        _, now, before = np.intersect1d(asked.bar_ms, tail.bar_ms, return_indices=True)
        differ = ~np.isclose(asked.ohlcv[now, 3], tail.ohlcv[before, 3], rtol=_ROUNDED, atol=0)
        return len(differ) > 1 and bool(differ.all())

    def _filled(self, row: int, asked: _PagedBars, until_ms: int, *, anew: bool) -> None:
        state = self._state
        heard = state.board.heard(row, asked.bar_ms)
        is_trusted = self._units.agree(row, state.symbol(row), heard[:, 4], asked.ohlcv[:, 4])
        self._tails[row] = _PagedBars(
            bar_ms=asked.bar_ms[-_OVERLAP:], ohlcv=asked.ohlcv[-_OVERLAP:]
        )
        state.tell(state.board.settle(row, asked.bar_ms, asked.ohlcv, until_ms, anew=anew))
        state.troubles.healed("history")
        state.refused.pop(row, None)
        self._backoffs.pop(row, None)
        self._again.pop(row, None)
        self._failing.clear()
        state.filled[row] = True
        if self.unconfirmed[row] <= until_ms:
            self.unconfirmed[row] = 0
        release_ms = int(self._release_ms[row])
        state.board.doubted[row] = not is_trusted
        if release_ms > until_ms:
            self.want([row], release_ms + self.settles_ms)
        else:
            state.board.release(row)
            if not is_trusted:
                self._want_next(row)
        self._look_whether_done()

    def _want_next(self, row: int) -> None:
        # The bar that runs now, once its page is there.
        running = self._fixed.grid.newest_over(self._state.exchange_ms) + 1
        over_ms = int(self._fixed.grid.over_ms(np.array([running]))[0])
        self.want([row], over_ms + self.settles_ms)

    def _look_whether_done(self) -> None:
        if not self._state.is_live and self._state.done >= len(self._state.roster.rows):
            self._state.go_live()

    async def _keep(self) -> None:
        # On disk, and to the desks, of what came since.
        while True:
            await asyncio.sleep(_FLUSH_S)
            self.keep()
            self._state.tell_history()
            long = _now_s() - self._began_s > _PATIENCE_S
            if long and not self._state.is_live and self._state.troubles.sentence:
                self._state.go_live()

    def keep(self) -> None:
        """Write what came; a disk that is full costs the next start some time, and nothing else."""
        try:
            self._state.cache.flush()
        except OSError as e:
            log.warning("%s: %s", _FILES, e.strerror)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
