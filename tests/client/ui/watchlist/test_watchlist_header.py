import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QMenu
from pytestqt.qtbot import QtBot

from client.state.column_layout import ColumnLayout
from client.state.list_cells import LIST_CELLS, section
from client.state.table import Table
from client.ui.theme.theme import Theme
from client.ui.watchlist.watchlist_header import WatchlistHeader
from client.ui.watchlist.watchlist_model import WatchlistModel
from client.ui.watchlist.watchlist_view import WatchlistView


@pytest.fixture
def view(theme: Theme, qtbot: QtBot) -> WatchlistView:
    view = WatchlistView(WatchlistModel(Table()), theme)
    qtbot.addWidget(view)
    view.resize(1_400, 300)
    view.show()
    return view


def choose(menu: QMenu, words: str) -> None:
    next(action for action in menu.actions() if action.text() == words).trigger()


def shown(header: WatchlistHeader) -> list[str]:
    order = [header.logicalIndex(visual) for visual in range(header.count())]
    return [LIST_CELLS[i].cell.name for i in order if not header.isSectionHidden(i)]


def test_columns_are_chosen_in_its_menu_and_reset(view: WatchlistView) -> None:
    header = view.heading
    before = shown(header)
    choose(header.menu(), "Flat")
    choose(header.menu(), "Trend")
    assert set(before) ^ set(shown(header)) == {"flat", "trend"}
    choose(header.menu(), "Standard")
    assert shown(header) == before


def test_columns_are_moved_and_sized(view: WatchlistView) -> None:
    header = view.heading
    header.moveSection(header.visualIndex(section("up")), 0)
    assert shown(header)[0] == "up"
    assert header.columns.order[0] == "up"
    right = header.sectionViewportPosition(section("up")) + header.sectionSize(section("up"))
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(header.viewport(), left, pos=QPoint(right - 1, 10))
    QTest.mouseMove(header.viewport(), QPoint(right + 39, 10))
    QTest.mouseRelease(header.viewport(), left, pos=QPoint(right + 39, 10))
    wide = header.columns.widths["up"]
    assert wide == header.sectionSize(section("up"))
    header.sectionHandleDoubleClicked.emit(section("up"))
    assert header.columns.widths == {}


def test_a_layout_is_kept_under_a_name_and_forgotten(
    view: WatchlistView, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = view.heading
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: (" Mine & yours ", True))
    choose(header.menu(), "Flat")
    choose(header.menu(), "Keep these columns as…")
    assert header.sets == {"Mine & yours": ColumnLayout(shown={"flat": True})}
    choose(header.menu(), "Standard")
    assert "flat" not in shown(header)
    choose(header.menu(), "Mine && yours")
    assert "flat" in shown(header)
    forget = header.menu().findChildren(QMenu)[0]
    choose(forget, "Mine && yours")
    assert header.sets == {}
