import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from client.state.filter_language import parse
from client.state.list_cells import section
from client.state.table import Table
from client.ui.theme.theme import Theme
from client.ui.watchlist.row_painter import ROW_PX
from client.ui.watchlist.watchlist_model import WatchlistModel
from client.ui.watchlist.watchlist_view import WatchlistView
from tests.kit.made_market import MadeMarket
from tests.kit.maker import Maker

COUNT = 40
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def many(make: Maker) -> MadeMarket:
    make.symbols = tuple(f"T{row:03d}" for row in range(COUNT))
    return MadeMarket(make)


@pytest.fixture
def view(theme: Theme, many: MadeMarket, qtbot: QtBot) -> WatchlistView:
    table = Table()
    model = WatchlistModel(table)
    view = WatchlistView(model, theme)
    qtbot.addWidget(view)
    view.resize(1_300, 28 + 10 * ROW_PX)
    start(table, many)
    model.refresh(restarted=True)
    view.show()
    view.enter()
    return view


def start(table: Table, market: MadeMarket) -> None:
    shares = {row: (0.0, 1 - row / 100, row / 100) for row in range(COUNT)}
    table.apply(market.update(shares, universe=market.make.universe()))


def model_of(view: WatchlistView) -> WatchlistModel:
    model = view.model()
    assert isinstance(model, WatchlistModel)
    return model


def test_keys_lead_through_the_list(view: WatchlistView) -> None:
    for key, chosen in (
        (Qt.Key.Key_End, "T000"),
        (Qt.Key.Key_Home, "T039"),
        (Qt.Key.Key_Right, "T039"),
        (Qt.Key.Key_PageDown, "T029"),
        (Qt.Key.Key_PageUp, "T039"),
    ):
        QTest.keyClick(view, key)
        assert view.chosen() == chosen
    QTest.keyClicks(view, "T01")
    assert view.chosen() == "T019"
    QTest.keyClick(view, Qt.Key.Key_T, CTRL)
    assert view.chosen() == "T019"  # a letter with Ctrl is no word


def test_rows_are_selected_and_copied(view: WatchlistView) -> None:
    QTest.keyClick(view, Qt.Key.Key_Down, SHIFT)
    at = QPoint(view.columnViewportPosition(section("last")) + 5, 4 * ROW_PX + 5)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, CTRL, at)
    assert view.selected() == ("T039", "T038", "T035")
    view.copy_rows()
    lines = [line.split("\t") for line in QApplication.clipboard().text().split("\n")]
    assert [line[1] for line in lines] == ["T039", "T038", "T035"]
    assert lines[0][6] == "39%"
    assert len(lines[0]) == 11


def test_the_selection_outlives_a_filter_and_another_run(
    view: WatchlistView, many: MadeMarket
) -> None:
    QTest.keyClick(view, Qt.Key.Key_Down, SHIFT)
    model = model_of(view)
    model.set_filter(parse("T00"))
    assert view.selected() == ()
    model.set_filter(parse(""))
    assert view.selected() == ("T039", "T038")
    start(model.table, many)
    model.refresh(restarted=True)
    assert view.selected() == ("T039", "T038")


def test_the_list_stays_where_it_was_through_another_run(
    view: WatchlistView, many: MadeMarket
) -> None:
    view.verticalScrollBar().setValue(5 * ROW_PX + 7)
    assert view.top() == "T034"
    model = model_of(view)
    start(model.table, many)
    model.refresh(restarted=True)
    assert view.top() == "T034"
    assert view.verticalScrollBar().value() == 5 * ROW_PX + 7


def test_the_heading_says_how_many_rows_would_move(view: WatchlistView, many: MadeMarket) -> None:
    model = model_of(view)
    quiet = view.heading.grab().toImage()
    QTest.keyClick(view, Qt.Key.Key_Down)
    model.table.apply(many.update({0: (0.0, 0.0, 1.0), 35: (0.9, 0.0, 0.1)}))
    model.refresh()
    assert (model.symbol(0), model.moved(0, 9)) == ("T039", 1)
    assert view.heading.grab().toImage() != quiet
    view.hold.release()
    assert (model.symbol(0), model.moved(0, 9)) == ("T000", 0)
    assert view.heading.grab().toImage() == quiet
