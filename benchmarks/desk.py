"""Rows updated, sorted and painted: ours, a careful default delegate, and a sorted QTableWidget."""

import itertools
import os
import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QPolygonF
from PySide6.QtWidgets import QApplication, QTableView, QTableWidget, QTableWidgetItem

from benchmarks.timing import Measurement, in_turns
from client.state.inbox import Inbox
from client.state.list_cells import LIST_CELLS, section
from client.state.table import Table
from client.state.trends import TREND_BARS
from client.state.update import RowChanges
from client.ui.theme.theme import Theme
from client.ui.watchlist.miniatures import MAP_SIZE, Miniatures
from client.ui.watchlist.row import Row
from client.ui.watchlist.row_list import AnyIndex
from client.ui.watchlist.watchlist_model import WatchlistModel
from client.ui.watchlist.watchlist_view import WatchlistView
from shared.cells import CellFormat
from shared.column_arrays import ColumnArrays
from shared.columns import ALL_CLASSES, DECIDED, UP_WINS
from shared.contract import STEPS, WINDOW_SHAPE, Class
from shared.explaining import MapKind
from shared.protocol.answers import Universe
from shared.protocol.envelope import Stamp
from shared.protocol.messages import Heatmap
from shared.settings import DeskSettings

ROWS: Final = 3_000
MORE_ROWS: Final = 10_000
SIZE: Final = (1534, 28 + 38 * 32)  # 38 rows and the header
_IN_SIGHT: Final = 38
_STAMP: Final = Stamp(run_id="benchmark", model_id="", made_ms=0)
_STEPS_OF_TIME: Final = itertools.count(TREND_BARS + STEPS)

Values = tuple[RowChanges, list[Heatmap]]


def run(rounds: int) -> list[Measurement]:
    """Time one drain of changed rows until its pixels stand."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    theme = Theme(DeskSettings(theme="dark", palette="korean"), app)
    prepare, set_texts = _table_widget()
    few = in_turns(
        {
            "tickerlens: columns, one sort, whole rows painted": _ours(theme, ROWS),
            "the same columns, a careful default delegate": _default_delegate(theme),
            f"tickerlens, {MORE_ROWS:,} rows": _ours(theme, MORE_ROWS),
        },
        rounds,
        clock=time.process_time,
    )
    slow = {"sorted QTableWidget, prepared texts": set_texts}
    widget = in_turns(slow, 3, [prepare], clock=time.process_time)
    note = (
        f"{_IN_SIGHT} rows in sight, each with a new sparkline, miniature and reason a drain; "
        "processor time of the process"
    )
    return [
        Measurement(
            title=f"{ROWS:,} rows updated, sorted and painted",
            timings=(*few, *widget),
            note=note,
        )
    ]


class CarefulModel(WatchlistModel):
    """A model for Qt's own delegate: words once a row and frame, pictures once a decision."""

    def __init__(self, table: Table, theme: Theme) -> None:
        super().__init__(table)
        self._theme, self._miniatures = theme, Miniatures(theme)
        self._rows: dict[int, Row] = {}
        self._maps: dict[object, QPixmap] = {}

    def refresh(self, *, restarted: bool = False) -> None:
        """Show what the table holds now, and forget the words of before."""
        self._rows = {}
        super().refresh(restarted=restarted)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what the delegate asks for."""
        place = index.row()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return super().data(index, role)
        row = self._rows.get(place)
        if row is None:
            row = self._rows[place] = self.shown(place, place, range(len(LIST_CELLS)))[0]
        reads = LIST_CELLS[index.column()].cell.reads
        pens = self._theme.rows[round((row.probabilities or (0, 0, 0))[Class.UP] * 100)]
        match role:
            case Qt.ItemDataRole.DisplayRole if reads is not CellFormat.TREND:
                return row.words[index.column()]
            case Qt.ItemDataRole.BackgroundRole:
                return pens.tint
            case Qt.ItemDataRole.ForegroundRole:
                return pens.text.color()
            case Qt.ItemDataRole.DecorationRole if reads is CellFormat.MAP:
                return self._map(row)
            case Qt.ItemDataRole.DecorationRole if reads is CellFormat.TREND:
                return self._line(place)
        return None

    def _map(self, row: Row) -> QPixmap | None:
        if row.glance is None:
            return None
        if row.glance not in self._maps:
            pixmap = QPixmap(*MAP_SIZE)
            with QPainter(pixmap) as painter:
                self._miniatures.paint(painter, row.glance, 0, MAP_SIZE[1] / 2, grey=False)
            self._maps[row.glance] = pixmap
        return self._maps[row.glance]

    def _line(self, place: int) -> QPixmap:
        values = self.table.trends.of(self.rows[place : place + 1])[0].tolist()
        pixmap = QPixmap(QSize(96, 20))
        pixmap.fill(Qt.GlobalColor.transparent)
        points = [QPointF(i * 96 / 59, 20 * (1 - v)) for i, v in enumerate(values) if v == v]
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(*self._theme.tokens.accent_text))
            painter.drawPolyline(QPolygonF(points))
        return pixmap


def _ours(theme: Theme, rows: int) -> Callable[[], None]:
    arrive, table = _table(rows)
    model = WatchlistModel(table)
    return _drain(arrive, model, WatchlistView(model, theme))


def _default_delegate(theme: Theme) -> Callable[[], None]:
    arrive, table = _table(ROWS)
    model = CarefulModel(table, theme)
    view = QTableView()
    view.setModel(model)
    view.verticalHeader().setDefaultSectionSize(32)
    view.verticalHeader().setVisible(False)
    for column, listed in enumerate(LIST_CELLS):
        view.setColumnWidth(column, listed.cell.width)
        view.setColumnHidden(column, not listed.cell.shown)
    return _drain(arrive, model, view)


def _drain(
    arrive: Callable[[], None], model: WatchlistModel, view: QTableView
) -> Callable[[], None]:
    model.refresh(restarted=True)
    _show(view)

    def drain() -> None:
        arrive()
        model.refresh()
        view.viewport().repaint()

    return drain


def _table_widget() -> tuple[Callable[[], None], Callable[[], None]]:
    # What prepares the texts of all cells, and what sets them.
    arrive, table = _table(ROWS)
    model = WatchlistModel(table)
    model.refresh(restarted=True)
    widget = QTableWidget(ROWS, len(LIST_CELLS))
    cells = [[QTableWidgetItem("") for _ in LIST_CELLS] for _ in range(ROWS)]
    for row, items in enumerate(cells):
        for column, item in enumerate(items):
            widget.setItem(row, column, item)
    widget.setSortingEnabled(True)
    widget.sortByColumn(section("up"), Qt.SortOrder.DescendingOrder)
    _show(widget)
    texts: list[Row] = []

    def prepare() -> None:
        arrive()
        texts[:] = model.shown(0, ROWS - 1, range(len(LIST_CELLS)))

    def set_texts() -> None:
        for items, row in zip(cells, texts, strict=True):
            for column, item in enumerate(items):
                item.setText(row.words[column])
        widget.viewport().repaint()

    return prepare, set_texts


def _show(view: QTableView) -> None:
    # Nothing is painted before the window is exposed.
    view.resize(*SIZE)
    view.show()
    while not view.windowHandle().isExposed():
        QApplication.processEvents()


def _table(rows: int) -> tuple[Callable[[], None], Table]:
    # A table of so many rows, and a call in which new values of all of them arrive.
    symbols = tuple(f"{row:06d}" for row in range(rows))
    inbox, table = Inbox(), Table()
    inbox.put_universe(
        Universe(
            stamp=_STAMP,
            symbols=symbols,
            names=tuple(f"Company {s}" for s in symbols),
            markets=("KOSPI",) * rows,
            timezone="Asia/Seoul",
            decimals=0,
            interval="1d",
            feed="simulated",
            simulated=True,
        )
    )
    drains = itertools.cycle([_values(seed, rows) for seed in range(8)])
    day_ms = 86_400_000

    def arrive() -> None:
        (changes, heatmaps), now = next(drains), next(_STEPS_OF_TIME)
        changes.bar_ms[:] = now * day_ms
        inbox.put_rows(changes)
        for heatmap in heatmaps:
            heatmap.bar_ms[:] = (now + np.arange(1 - STEPS, 1)) * day_ms
            inbox.put_heatmap(heatmap)
        table.apply(inbox.drain())

    for _ in range(TREND_BARS):
        arrive()
    return arrive, table


def _values(seed: int, rows: int) -> Values:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet((2, 2, 2), rows).astype(np.float32)
    up_wins = probabilities.argmax(axis=1) == Class.UP
    columns = ColumnArrays.zeros(rows)
    columns.probabilities[:] = probabilities
    columns.last[:] = rng.integers(1_000, 900_000, rows)
    columns.change[:] = rng.normal(0, 0.02, rows)
    columns.flags[:] = np.where(up_wins, DECIDED | UP_WINS, DECIDED)
    columns.sets[:] = ALL_CLASSES
    changes = RowChanges(index=np.arange(rows), columns=columns, coverage=0.9)
    first = np.argsort(-probabilities[:, Class.UP], kind="stable")[:_IN_SIGHT]
    return changes, [_heatmap(row, probabilities, rng) for row in first.tolist()]


def _heatmap(row: int, probabilities: Any, rng: np.random.Generator) -> Heatmap:
    shares = probabilities[row]
    return Heatmap(
        stamp=_STAMP,
        symbol=f"{row:06d}",
        method="saliency",
        title="Saliency",
        kind=MapKind.SLOPE,
        winner=Class(shares.argmax()).value,
        top_drop=0.2,
        random_drop=0.1,
        probabilities=shares,
        scores=shares,
        saliency=rng.normal(0, 1, WINDOW_SHAPE).astype(np.float32),
        raw=rng.normal(0, 1, WINDOW_SHAPE).astype(np.float32),
        scaled=rng.normal(0, 1, WINDOW_SHAPE).astype(np.float32),
        bar_ms=np.arange(STEPS, dtype=np.int64),
    )
