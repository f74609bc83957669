import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from client.state.column_layout import ColumnLayout
from client.state.list_cells import section
from client.state.marks import Marks, OwnList
from client.state.workspace import Workspace
from client.ui.shell.main_window import MainWindow
from client.ui.theme.theme import Theme
from client.ui.watchlist.row_painter import ROW_PX
from tests.kit.fake_link import FakeLink
from tests.kit.made_market import MadeMarket
from tests.kit.waiting import LIMIT_MS

LEFT = Workspace(
    columns=ColumnLayout(shown={"flat": True}),
    sort="ticker",
    falling=False,
    marks=Marks(stars=("AAPL", "GONE")),
    lists={"Chips": OwnList(tickers=("005930",))},
    chosen="005930",
)


def test_a_list_is_as_it_was_left(
    link: FakeLink, theme: Theme, market: MadeMarket, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.ui.shell.list_keeper._SOON_MS", 1)
    window = MainWindow(link, theme, LEFT)
    qtbot.addWidget(window)
    window.show()
    window.apply(market.start((0.1, 0.1, 0.8), (0.1, 0.1, 0.8), (0.1, 0.1, 0.8)))
    view = window.watchlist
    assert window.keeper.workspace == LEFT
    assert not view.isColumnHidden(section("flat"))
    assert view.chosen() == "005930"
    assert window.table.starred.tolist() == [False, False, True]
    with qtbot.waitSignal(window.keeper.changed, timeout=LIMIT_MS) as told:
        at = QPoint(view.columnViewportPosition(section("star")) + 5, 5)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told.args[0].marks.stars == ("000020", "AAPL", "GONE")
    assert view.chosen() == "005930"


def test_the_maps_of_the_rows_in_sight_are_followed(
    link: FakeLink, theme: Theme, market: MadeMarket, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.ui.watchlist.watchlist_view._LOOK_MS", 1)
    monkeypatch.setattr("client.ui.watchlist.watchlist_view._BESIDE", 1)
    window = MainWindow(link, theme)
    qtbot.addWidget(window)
    window.show()
    window.watchlist.setFixedHeight(28 + ROW_PX)
    window.apply(market.start((0.1, 0.1, 0.8), (0.1, 0.2, 0.7), (0.1, 0.3, 0.6)))
    qtbot.waitUntil(lambda: link.in_sight[-1:] == [("000020", "005930")], timeout=LIMIT_MS)
    for name in ("trend", "why", "reason"):
        columns = window.watchlist.heading.columns.with_shown(name, shown=False)
        window.watchlist.heading.arrange(columns)
    window.watchlist.place_columns()
    qtbot.waitUntil(lambda: link.in_sight[-1] == (), timeout=LIMIT_MS)
