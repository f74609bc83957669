"""The one door between the net thread and the main thread: newest wins, and nothing piles up."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import numpy as np

from client.state.moved_rows import moved, rows_before, rows_of
from client.state.update import BUYS_KEPT, LoggedBuy, RowChanges, Update
from client.state.wish import Wish
from shared.column_arrays import ColumnArrays
from shared.contract import Bool
from shared.explaining import OfferedMethod
from shared.limits import MAX_BARS
from shared.protocol.answers import Bars, ModelCard, Universe
from shared.protocol.explanations import Explanation
from shared.protocol.messages import Bar, Heatmap, Status
from shared.protocol.past import PastBuys, PastWindow


class Inbox:
    """Collects what is new until the main thread drains it.

    The `put_` methods belong to the net thread, `drain` to the main thread. However seldom it is
    drained, it holds one value a row, the newest heatmap and status, and bounded logs.
    """

    _universe: Universe | None
    _restarted: bool
    _changed: Bool  # (n,) rows that came since the last drain
    _columns: ColumnArrays
    _rows: int  # n
    _buys: deque[LoggedBuy]
    _status: Status | None
    _coverage: float
    _card: ModelCard | None
    _methods: tuple[OfferedMethod, ...]
    _bars: dict[str, Bars]
    _live_bars: dict[str, dict[int, Bar]]
    _histories: dict[str, Bars]
    _heatmaps: dict[str, Heatmap]
    _refusals: dict[str, str]
    _explanations: dict[str, dict[Wish, Explanation | str]]
    _past_buys: dict[str, PastBuys]
    _past_windows: dict[str, tuple[int, PastWindow | str]]

    def __init__(self) -> None:
        self._notify: Callable[[], object] | None = None
        self._lock = threading.Lock()
        self._waiting = False
        self._run_id = ""
        self._symbols: tuple[str, ...] = ()
        self._new_rows(0)
        self._clear()

    def on_arrival(self, notify: Callable[[], object]) -> None:
        """Call `notify` when something comes into an empty inbox, and now if something waits.

        It is called on the net thread, must return at once, and may only wake the main thread.
        """
        with self._lock:
            self._notify = notify
            waiting = self._waiting
        if waiting:
            notify()

    def drain(self) -> Update:
        """Return all that is new and forget it; main thread."""
        with self._lock:
            self._waiting = False
            update = Update(
                universe=self._universe,
                restarted=self._restarted,
                rows=self._take_rows(),
                buys=tuple(self._buys),
                status=self._status,
                card=self._card,
                methods=self._methods,
                bars=self._bars,
                live_bars={s: tuple(b.values()) for s, b in self._live_bars.items()},
                histories=self._histories,
                heatmaps=self._heatmaps,
                refusals=self._refusals,
                explanations=self._explanations,
                past_buys=self._past_buys,
                past_windows=self._past_windows,
            )
            self._clear()
        return update

    def put_universe(self, universe: Universe) -> None:
        """Start over with the first universe of a run, or go on with a later one; net thread.

        The status came before the first one, and stays.
        """
        with self._arrival():
            if universe.stamp.run_id != self._run_id:
                # What waits is of rows that are no more, and would be applied to the new ones.
                status = self._status
                self._new_rows(len(universe.symbols))
                self._clear()
                self._run_id, self._restarted, self._status = universe.stamp.run_id, True, status
            else:
                self._move_rows(universe)
            self._symbols, self._universe = universe.symbols, universe

    def put_rows(self, rows: RowChanges) -> None:
        """Overwrite rows; net thread."""
        with self._arrival():
            # Into the one place of each row, so that the newest wins: a desk that slept an hour
            # wakes up to the values of now, not to an hour of messages.
            self._changed[rows.index] = True
            self._coverage = rows.coverage
            self._columns.put(rows.index, rows.columns)

    def put_buys(self, entries: Iterable[LoggedBuy]) -> None:
        """Append entries of the buy log and gaps in it, oldest first; net thread."""
        with self._arrival():
            self._buys.extend(entries)

    def put_status(self, status: Status) -> None:
        """Keep the newest status; net thread."""
        with self._arrival():
            self._status = status

    def put_card(self, card: ModelCard) -> None:
        """Keep what the model is; net thread."""
        with self._arrival():
            self._card = card

    def put_methods(self, methods: tuple[OfferedMethod, ...]) -> None:
        """Keep what decisions can be explained by; net thread."""
        with self._arrival():
            self._methods = methods

    def put_bars(self, bars: Bars) -> None:
        """Keep an answer to `GetBars`, and of the live bars those made after it; net thread."""
        with self._arrival():
            self._bars[bars.symbol] = bars
            # An answer holds all bars up to when it was made: older live ones would undo it.
            live = self._live_bars.pop(bars.symbol, {})
            newer = {t: b for t, b in live.items() if b.stamp.made_ms >= bars.stamp.made_ms}
            if newer:
                self._live_bars[bars.symbol] = newer

    def put_history(self, bars: Bars) -> None:
        """Keep what was decided on the newest bars of a ticker; net thread."""
        with self._arrival():
            self._histories[bars.symbol] = bars

    def put_bar(self, bar: Bar) -> None:
        """Keep the newest state of the bar of this time; net thread."""
        with self._arrival():
            live = self._live_bars.setdefault(bar.symbol, {})
            live[bar.stamp.newest_bar_ms] = bar
            if len(live) > MAX_BARS:
                del live[next(iter(live))]

    def put_heatmap(self, heatmap: Heatmap) -> None:
        """Keep the newest heatmap of the ticker; net thread."""
        with self._arrival():
            self._heatmaps[heatmap.symbol] = heatmap
            # The refusal was of a window that was not full yet; now there is one.
            self._refusals.pop(heatmap.symbol, None)

    def put_refusal(self, symbol: str, sentence: str) -> None:
        """Keep why the server cannot answer for `symbol`; net thread."""
        with self._arrival():
            self._refusals[symbol] = sentence

    def put_past_buys(self, buys: PastBuys) -> None:
        """Keep the newest buys of a ticker and what came of them; net thread."""
        with self._arrival():
            self._past_buys[buys.symbol] = buys

    def put_past_window(self, symbol: str, bar_ms: int, answer: PastWindow | str) -> None:
        """Keep the decision on a bar of the past that was asked for last; net thread."""
        with self._arrival():
            self._past_windows[symbol] = (bar_ms, answer)

    def put_explanation(self, symbol: str, wish: Wish, answer: Explanation | str) -> None:
        """Keep the newest answer to a wish, or why there is none; net thread."""
        with self._arrival():
            self._explanations.setdefault(symbol, {})[wish] = answer

    @contextmanager
    def _arrival(self) -> Iterator[None]:
        with self._lock:
            yield
            notify = None if self._waiting else self._notify
            self._waiting = True
        # Once for all that comes before the next drain, and outside the lock, since what it
        # calls may come back here.
        if notify is not None:
            notify()

    def _take_rows(self) -> RowChanges:
        index = np.flatnonzero(self._changed)
        return RowChanges(
            index=index,
            columns=self._columns.take(index),
            coverage=self._coverage,
        )

    def _new_rows(self, n: int) -> None:
        # One place for the newest value of each of n rows.
        self._columns = ColumnArrays.zeros(n)
        self._rows = n
        self._coverage = 0.0

    def _move_rows(self, universe: Universe) -> None:
        origin = rows_before(rows_of(self._symbols), universe.symbols)
        self._columns = self._columns.moved(origin)
        self._rows = len(origin)
        self._changed = moved(self._changed, origin)

    def _clear(self) -> None:
        self._universe = None
        self._restarted = False
        self._changed = np.zeros(self._rows, np.bool_)
        self._buys = deque(maxlen=BUYS_KEPT)
        self._status = None
        self._card = None
        self._methods = ()
        self._bars = {}
        self._live_bars = {}
        self._histories = {}
        self._heatmaps = {}
        self._refusals = {}
        self._explanations = {}
        self._past_buys = {}
        self._past_windows = {}
