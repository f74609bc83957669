import pytest
from PySide6.QtCore import QByteArray, QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from client.state.marks import Marks, OwnList
from client.state.workspace import Workspace
from client.ui.shell.list_bar import ListBar, ListButton
from client.ui.shell.main_window import MainWindow
from client.ui.theme.theme import Theme
from shared.protocol.answers import Universe
from tests.kit.fake_link import FakeLink
from tests.kit.made_market import MadeMarket, Shares
from tests.kit.messages import a_message
from tests.kit.waiting import LIMIT_MS

UP: Shares = (0.1, 0.1, 0.8)
ARRANGED = Workspace(
    marks=Marks(stars=("AAPL", "GONE")),
    lists={"Chips": OwnList(tickers=("005930",)), "Sure": OwnList(filter="conf > 50%")},
)


@pytest.fixture
def window(link: FakeLink, theme: Theme, market: MadeMarket, qtbot: QtBot) -> MainWindow:
    window = MainWindow(link, theme, ARRANGED)
    qtbot.addWidget(window)
    window.show()
    window.apply(market.start(UP, UP, (0.7, 0.2, 0.1)))
    window.apply(market.update(status=market.status()))
    return window


def said(window: MainWindow) -> list[str]:
    (bar,) = window.findChildren(ListBar)
    shown = [b for b in bar.findChildren(QToolButton) if b.isVisibleTo(window)]
    return [b.text() for b in sorted(shown, key=lambda b: b.x())]


def test_every_list_has_its_count_and_can_be_dragged_to_another_place(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.beat()
    assert said(window)[-4:] == ["★ 1", "Chips 1", "Sure 2", "+"]
    chips, sure = (
        next(b for b in window.findChildren(ListButton) if b.words == words)
        for words in ("Chips", "Sure")
    )
    data = QMimeData()
    data.setData("application/x-tickerlens-list", QByteArray(sure.key.encode()))
    move, left = Qt.DropAction.MoveAction, Qt.MouseButton.LeftButton
    chips.dropEvent(QDropEvent(QPointF(2, 2), move, data, left, Qt.KeyboardModifier.NoModifier))
    assert list(window.keeper.workspace.lists) == ["Sure", "Chips"]
    qtbot.waitUntil(lambda: said(window)[-3:] == ["Sure 2", "Chips 1", "+"], timeout=LIMIT_MS)


def test_in_a_narrow_window_lists_stand_behind_one_button(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(400, 500)
    qtbot.waitUntil(lambda: said(window) == ["All 3 ▾", "+"], timeout=LIMIT_MS)
    every = next(b for b in window.findChildren(QToolButton) if b.text() == "All 3 ▾")
    menu = every.menu()
    menu.aboutToShow.emit()
    assert [a.text() for a in menu.actions()][-2:] == ["Chips 1", "Sure 2"]
    next(a for a in menu.actions() if a.text() == "Chips 1").trigger()
    assert window.keeper.workspace.shown == "own:Chips"
    assert said(window)[0] == "Chips 1 ▾"


def test_sectors_are_a_column_where_any_is_known(window: MainWindow, market: MadeMarket) -> None:
    view = window.watchlist
    names = [a.text() for a in view.heading.menu().actions()]
    assert "Sector" in names
    cells = {view.model().headerData(i, Qt.Orientation.Horizontal): i for i in range(20)}
    assert view.isColumnHidden(cells["Sector"])
    universe = market.make.universe()
    with_sectors = {f: getattr(universe, f) for f in Universe.__struct_fields__}
    with_sectors["sectors"] = ("chips", "", "autos")
    window.resize(2_000, 500)
    window.apply(market.update({0: UP}, universe=a_message(Universe, **with_sectors)))
    assert not view.isColumnHidden(cells["Sector"])
    view.sortByColumn(cells["Sector"], Qt.SortOrder.DescendingOrder)
    assert view.model().index(0, cells["Sector"]).data() == "chips"
