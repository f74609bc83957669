import zoneinfo

import msgspec
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from client.clock import now_ms
from client.state.buys import Buys, NamedBuy, gap_words
from client.state.table import Table
from client.state.update import BuyGap
from client.ui.theme.theme import Theme
from client.ui.watchlist.buy_log import ROW_PX, BuyColumn, BuyLogModel, BuyLogView
from tests.kit.made_market import NOON_MS, MadeMarket
from tests.kit.spreads import a_spread
from tests.kit.waiting import LIMIT_MS
from tests.kit.widgets import strict_tester

GAP = BuyGap(first=2, last=5, after_ms=NOON_MS, before_ms=NOON_MS + 60_000)
SEOUL = zoneinfo.ZoneInfo("Asia/Seoul")


@pytest.fixture
def model(market: MadeMarket) -> BuyLogModel:
    model = BuyLogModel(Buys(), Table())
    model.take(market.update(universe=market.universe(), buys=(market.buy("000020"),)))
    return model


def words(model: BuyLogModel, row: int) -> list[str]:
    return [str(model.index(row, column).data()) for column in BuyColumn]


def test_the_newest_stands_first(model: BuyLogModel, market: MadeMarket) -> None:
    model.take(market.update(buys=(market.buy("005930"), market.buy("AAPL", 0.9))))
    assert words(model, 0) == ["13 Nov 2025", "Apple", "90%", "", "48,900"]
    assert [words(model, row)[1] for row in range(3)] == ["Apple", "Samsung", "Daon Bio"]
    model.take(market.update(buys=(msgspec.structs.replace(market.buy("AAPL"), late=True),)))
    assert words(model, 0)[1] == "Apple · late"


def test_a_gap_is_a_row_of_words_that_opens_nothing(
    model: BuyLogModel, theme: Theme, market: MadeMarket, qtbot: QtBot
) -> None:
    model.take(market.update(buys=(GAP, market.buy("AAPL"))))
    assert words(model, 1) == [gap_words(GAP, now_ms(), SEOUL), "", "", "", ""]
    assert [words(model, row)[1] for row in (0, 2)] == ["Apple", "Daon Bio"]
    view = BuyLogView(model, theme)
    qtbot.addWidget(view)
    opened: list[str] = []
    view.opened.connect(opened.append)
    view.setCurrentIndex(model.index(1, 0))
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert opened == []


def test_a_gap_is_painted_muted_across_the_row(
    model: BuyLogModel, theme: Theme, market: MadeMarket, qtbot: QtBot
) -> None:
    model.take(market.update(buys=(GAP,)))
    view = BuyLogView(model, theme)
    qtbot.addWidget(view)
    view.resize(600, 120)
    view.show()
    image = view.viewport().grab().toImage().copy(110, 0, 200, ROW_PX)
    colors = (image.pixelColor(x, y) for x in range(200) for y in range(ROW_PX))
    pixels = {(color.red(), color.green(), color.blue()) for color in colors}
    assert theme.tokens.muted in pixels
    assert theme.tokens.text not in pixels


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

    qtbot.waitUntil(grown, timeout=LIMIT_MS)
    # What comes a moment later is there at once: a fast replay would leave the log half lit.
    model.take(market.update(buys=(market.buy("AAPL"),)))
    view.setCurrentIndex(QModelIndex())
    shown = view.viewport().grab().toImage()
    assert shown.copy(0, 0, 600, ROW_PX) == shown.copy(0, ROW_PX, 600, ROW_PX)


def test_a_buy_tells_how_strong_it_is_for_the_model(market: MadeMarket) -> None:
    table = Table()
    table.spread = a_spread(0.0, 1.0, buy_from=0.9)
    model = BuyLogModel(Buys(), table)
    model.take(market.start())
    model.take(market.update(buys=(market.buy("AAPL", 0.97), market.buy("005930", 0.4))))
    weak, strong = model.buys.rows[0], model.buys.rows[1]
    assert model.words(strong, BuyColumn.STRENGTH) == "top 3%"
    assert isinstance(weak, NamedBuy)
    assert isinstance(strong, NamedBuy)
    assert [model.is_weak(weak), model.is_weak(strong)] == [True, False]
