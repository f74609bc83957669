from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from client.state.marks import Marks, OwnList
from client.ui.shell.filter_field import FilterField
from client.ui.shell.list_bar import ListButton
from client.ui.shell.main_window import MainWindow
from client.ui.theme.theme import Theme
from tests.kit.fake_link import FakeLink
from tests.kit.made_market import MadeMarket
from tests.kit.waiting import LIMIT_MS

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(link: FakeLink, theme: Theme, market: MadeMarket, qtbot: QtBot) -> MainWindow:
    window = MainWindow(link, theme)
    qtbot.addWidget(window)
    window.apply(market.start((0.1, 0.1, 0.8), (0.2, 0.5, 0.3), (0.7, 0.2, 0.1)))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.watchlist.hasFocus, timeout=LIMIT_MS)
    window.watchlist.enter()
    return window


def listed(window: MainWindow) -> list[str]:
    model = window.watchlist.model()
    return [str(model.index(row, 1).data()) for row in range(model.rowCount())]


def choose(menu: QMenu, *words: str) -> None:
    action = next(a for a in menu.actions() if a.text().split("\t")[0] == words[0])
    if len(words) > 1:
        below = action.menu()
        assert isinstance(below, QMenu)
        choose(below, *words[1:])
    else:
        action.trigger()


def lists_menu(window: MainWindow) -> QMenu:
    menu = QMenu(window)
    window.menus.fill(menu)
    return menu


def marks(window: MainWindow) -> Marks:
    return window.keeper.workspace.marks


def test_keys_mark_rows_and_undo_takes_it_back(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = window.watchlist
    QTest.keyClick(view, Qt.Key.Key_D, CTRL)
    QTest.keyClick(view, Qt.Key.Key_End)
    QTest.keyClick(view, Qt.Key.Key_P, CTRL)
    assert marks(window) == Marks(stars=("000020",), pins=("AAPL",))
    assert listed(window) == ["AAPL", "000020", "005930"]
    QTest.keyClick(view, Qt.Key.Key_End)
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert marks(window).muted == ("000020",)
    assert listed(window) == ["AAPL", "005930", "000020"]
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: (" earnings ", True))
    QTest.keyClick(view, Qt.Key.Key_E, CTRL)
    assert marks(window).notes == {"000020": "earnings"}
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Z, CTRL)
    assert marks(window) == Marks(stars=("000020",))
    assert view.grab().toImage() is not None


def test_lists_are_made_filled_shown_and_deleted(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("Chips & more", True))
    choose(window.menus.row_menu(), "Add to", "New list…")
    assert listed(window) == ["000020"]
    button = window.findChildren(ListButton)[-1]
    data = QMimeData()
    data.setText("AAPL\nGONE")
    at, left = QPoint(5, 5), Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    button.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, data, left, none))
    assert listed(window) == ["000020", "AAPL"]
    QTest.keyClick(window.watchlist, Qt.Key.Key_Delete)
    assert window.keeper.workspace.lists == {"Chips & more": OwnList(tickers=("AAPL", "GONE"))}
    choose(lists_menu(window), "Markets", "KOSPI")
    assert len(listed(window)) == 3
    choose(lists_menu(window), "Chips && more")
    choose(lists_menu(window), "Delete Chips && more")
    assert window.keeper.workspace.lists == {}
    assert len(listed(window)) == 3


def test_a_filter_is_kept_as_a_list(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("Falling", True))
    field = window.findChildren(FilterField)[0]
    field.setText("class:down")
    choose(lists_menu(window), "Keep this filter as a list…")
    field.clear()
    window.keeper.show_list("own:Falling")
    assert listed(window) == ["AAPL"]


def test_lists_go_to_files_and_come_from_them(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "Mine.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    choose(lists_menu(window), "Export this list…")
    window.menus.errands.finish()
    assert path.read_text(encoding="utf-8-sig").splitlines()[1] == "000020,Daon Bio,KOSPI,"
    path.write_text("AAPL\n", encoding="utf-8")
    choose(lists_menu(window), "Import a list…")
    qtbot.waitUntil(lambda: listed(window) == ["AAPL"], timeout=LIMIT_MS)
    assert window.keeper.workspace.shown == "own:Mine"
    path.write_text("", encoding="utf-8")
    choose(lists_menu(window), "Import a list…")
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)), timeout=LIMIT_MS)
    assert window.findChildren(QMessageBox)[0].text().startswith("Mine.csv holds no tickers")
