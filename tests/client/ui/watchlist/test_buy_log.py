import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from client.state.buys import Buys
from client.ui.theme.theme import Theme
from client.ui.watchlist.buy_log import ROW_PX, BuyColumn, BuyLogModel, BuyLogView
from tests.kit.made_market import MadeMarket
from tests.kit.widgets import strict_tester


@pytest.fixture
def model(market: MadeMarket) -> BuyLogModel:
    model = BuyLogModel(Buys())
    model.take(market.update(universe=market.universe(), buys=(market.buy("000020"),)))
    return model


def words(model: BuyLogModel, row: int) -> list[str]:
    return [str(model.index(row, column).data()) for column in BuyColumn]


def test_the_newest_stands_first(model: BuyLogModel, market: MadeMarket) -> None:
    model.take(market.update(buys=(market.buy("005930"), market.buy("AAPL", 0.9))))
    assert words(model, 0) == ["13 Nov", "Apple", "90%", "48,900"]
    assert [words(model, row)[1] for row in range(3)] == ["Apple", "Samsung", "Daon Bio"]


def test_a_new_universe_starts_it_over(model: BuyLogModel, market: MadeMarket) -> None:
    model.take(market.update(universe=market.universe()))
    assert model.rowCount() == 0


def test_it_keeps_qts_rules(model: BuyLogModel, market: MadeMarket) -> None:
    tester = strict_tester(model)
    model.take(market.update(buys=(market.buy("AAPL"),)))
    model.take(market.update(universe=market.universe()))
    assert tester.model() is model


def test_double_click_and_enter_open_the_ticker(
    model: BuyLogModel, theme: Theme, qtbot: QtBot
) -> None:
    view = BuyLogView(model, theme)
    qtbot.addWidget(view)
    view.resize(600, 120)
    view.show()
    opened: list[str] = []
    view.opened.connect(opened.append)
    at = view.visualRect(model.index(0, BuyColumn.NAME)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert opened == ["000020", "000020"]


def test_a_new_buy_fades_in_and_then_stands(
    model: BuyLogModel, theme: Theme, market: MadeMarket, qtbot: QtBot
) -> None:
    view = BuyLogView(model, theme)
    qtbot.addWidget(view)
    view.resize(600, 120)
    view.show()
    model.take(market.update(buys=(market.buy("AAPL"),)))
    young = view.viewport().grab().toImage().copy(0, 0, 600, ROW_PX)

    def grown() -> bool:
        return bool(view.viewport().grab().toImage().copy(0, 0, 600, ROW_PX) != young)

    qtbot.waitUntil(grown, timeout=5_000)
