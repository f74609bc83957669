"""3,000 rows updated, sorted and painted: ours, a default delegate, and a sorted QTableWidget."""

import itertools
import os
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTableView, QTableWidget, QTableWidgetItem

from benchmarks.timing import Measurement, in_turns
from client.state.inbox import Inbox
from client.state.list_cells import LIST_CELLS, section
from client.state.table import Table
from client.state.update import RowChanges
from client.ui.theme.theme import Theme
from client.ui.watchlist.watchlist_model import WatchlistModel
from client.ui.watchlist.watchlist_view import WatchlistView
from shared.column_arrays import ColumnArrays
from shared.columns import ALL_CLASSES, DECIDED, UP_WINS
from shared.contract import Class
from shared.protocol.answers import Universe
from shared.protocol.envelope import Stamp
from shared.settings import DeskSettings

ROWS = 3_000
SIZE = (1534, 28 + 38 * 32)  # 38 rows and the header


def run(rounds: int) -> list[Measurement]:
    """Time one drain of 3,000 changed rows until its pixels stand."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    theme = Theme(DeskSettings(theme="dark", palette="korean"), app)
    timings = in_turns(
        {
            "tickerlens: columns, one sort, whole rows painted": _ours(theme),
            "the same model, default delegate": _default_delegate(),
        },
        rounds,
    )
    widget = in_turns({"sorted QTableWidget, item by item": _table_widget()}, 1)
    return [
        Measurement(title="3,000 rows updated, sorted and painted", timings=(*timings, *widget))
    ]


def _ours(theme: Theme) -> Callable[[], None]:
    arrive, model = _watchlist()
    return _drain(arrive, model, WatchlistView(model, theme))


def _default_delegate() -> Callable[[], None]:
    arrive, model = _watchlist()
    view = QTableView()
    view.setModel(model)
    view.verticalHeader().setDefaultSectionSize(32)
    return _drain(arrive, model, view)


def _drain(
    arrive: Callable[[], None], model: WatchlistModel, view: QTableView
) -> Callable[[], None]:
    _show(view)

    def drain() -> None:
        arrive()
        model.refresh()
        view.viewport().repaint()

    return drain


def _table_widget() -> Callable[[], None]:
    arrive, model = _watchlist()
    widget = QTableWidget(ROWS, len(LIST_CELLS))
    cells = [[QTableWidgetItem("") for _ in LIST_CELLS] for _ in range(ROWS)]
    for row, items in enumerate(cells):
        for column, item in enumerate(items):
            widget.setItem(row, column, item)
    widget.setSortingEnabled(True)
    widget.sortByColumn(section("up"), Qt.SortOrder.DescendingOrder)
    _show(widget)

    def drain() -> None:
        arrive()
        for row, items in enumerate(cells):
            for column, item in enumerate(items):
                item.setText(str(model.data(model.index(row, column))))
        widget.viewport().repaint()

    return drain


def _show(view: QTableView) -> None:
    # Nothing is painted before the window is exposed.
    view.resize(*SIZE)
    view.show()
    while not view.windowHandle().isExposed():
        QApplication.processEvents()


def _watchlist() -> tuple[Callable[[], None], WatchlistModel]:
    # A model of 3,000 rows, and a call in which new values of all of them arrive.
    symbols = tuple(f"{row:06d}" for row in range(ROWS))
    inbox, table = Inbox(), Table()
    inbox.put_universe(
        Universe(
            stamp=Stamp(run_id="benchmark", model_id="", made_ms=0),
            symbols=symbols,
            names=tuple(f"Company {s}" for s in symbols),
            markets=("KOSPI",) * ROWS,
            timezone="Asia/Seoul",
            decimals=0,
            interval="1d",
            feed="simulated",
            simulated=True,
        )
    )
    values = itertools.cycle([_values(seed) for seed in range(8)])

    def arrive() -> None:
        inbox.put_rows(next(values))
        table.apply(inbox.drain())

    arrive()
    model = WatchlistModel(table)
    model.refresh(restarted=True)
    return arrive, model


def _values(seed: int) -> RowChanges:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet((2, 2, 2), ROWS).astype(np.float32)
    up_wins = probabilities.argmax(axis=1) == Class.UP
    columns = ColumnArrays.zeros(ROWS)
    columns.probabilities[:] = probabilities
    columns.last[:] = rng.integers(1_000, 900_000, ROWS)
    columns.change[:] = rng.normal(0, 0.02, ROWS)
    columns.bar_ms[:] = seed + 1
    columns.flags[:] = np.where(up_wins, DECIDED | UP_WINS, DECIDED)
    columns.sets[:] = ALL_CLASSES
    return RowChanges(
        index=np.arange(ROWS),
        columns=columns,
        coverage=0.9,
    )
