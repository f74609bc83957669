import gc
import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from client.state.colors import Rgb
from client.state.filter_language import parse
from client.state.list_cells import section
from client.state.table import Table
from client.state.tint_scale import ABSOLUTE
from client.ui.theme.theme import Theme
from client.ui.watchlist.row_painter import ROW_PX
from client.ui.watchlist.watchlist_model import WatchlistModel
from client.ui.watchlist.watchlist_view import WatchlistView
from tests.kit.made_market import MadeMarket, Shares
from tests.kit.waiting import LIMIT_MS

UP: Shares = (0.1, 0.1, 0.8)
FLAT: Shares = (0.2, 0.5, 0.3)
DOWN: Shares = (0.7, 0.2, 0.1)

Listed = tuple[WatchlistView, WatchlistModel]


def listed(theme: Theme, market: MadeMarket, qtbot: QtBot) -> Listed:
    table = Table()
    model = WatchlistModel(table)
    view = WatchlistView(model, theme)
    qtbot.addWidget(view)
    view.resize(1_200, 400)
    table.apply(market.start(UP, FLAT, DOWN))
    model.refresh(restarted=True)
    view.show()
    return view, model


@pytest.fixture
def shown(theme: Theme, market: MadeMarket, qtbot: QtBot) -> Listed:
    return listed(theme, market, qtbot)


def cell(view: WatchlistView, row: int, column: int) -> QPoint:
    return view.visualRect(view.model().index(row, column)).center()


def pixel(view: WatchlistView, row: int) -> Rgb:
    # A pixel of the row that no cell paints on.
    image = view.viewport().grab().toImage()
    color = image.pixelColor(2, row * ROW_PX + 3)
    return color.red(), color.green(), color.blue()


def tint(theme: Theme, percent: int) -> Rgb:
    color = theme.rows[ABSOLUTE.percent(percent / 100)].tint
    return color.red(), color.green(), color.blue()


def test_rows_are_tinted_by_their_confidence(shown: Listed, theme: Theme) -> None:
    view, _ = shown
    assert [pixel(view, row) for row in range(3)] == [tint(theme, p) for p in (80, 30, 10)]


def test_stale_rows_lose_their_tint(shown: Listed, theme: Theme) -> None:
    view, _ = shown
    view.set_stale(True)
    assert pixel(view, 0) == theme.tokens.surface
    view.set_stale(False)
    assert pixel(view, 0) == tint(theme, 80)


def test_the_other_theme_repaints_the_rows(shown: Listed, theme: Theme) -> None:
    view, _ = shown
    theme.toggle()
    assert theme.tokens.scheme == "light"
    assert pixel(view, 0) == tint(theme, 80)


def test_the_selected_row_keeps_its_tint_between_two_hairlines(shown: Listed, theme: Theme) -> None:
    view, _ = shown
    view.selectRow(1)
    image = view.viewport().grab().toImage()
    line = image.pixelColor(2, 2 * ROW_PX - 1)
    assert (line.red(), line.green(), line.blue()) == theme.tokens.accent_text
    assert pixel(view, 1) == tint(theme, 30)


def test_double_click_and_enter_open_the_ticker(shown: Listed, qtbot: QtBot) -> None:
    view, _ = shown
    opened: list[str] = []
    view.opened.connect(opened.append)
    left = Qt.MouseButton.LeftButton
    QTest.mouseClick(view.viewport(), left, pos=cell(view, 1, section("name")))
    QTest.mouseDClick(view.viewport(), left, pos=cell(view, 1, section("name")))
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert opened == ["005930", "000020"]


def test_a_click_on_a_title_sorts_high_to_low_first(shown: Listed, qtbot: QtBot) -> None:
    view, model = shown
    header = view.horizontalHeader()

    def click(name: str) -> list[str]:
        at = QPoint(header.sectionViewportPosition(section(name)) + 20, 10)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
        return [model.symbol(i) for i in range(3)]

    assert click("change") == ["AAPL", "005930", "000020"]
    assert click("change") == ["000020", "005930", "AAPL"]
    assert click("reason") == ["000020", "005930", "AAPL"]  # nothing to sort by
    assert header.sortIndicatorSection() == section("change")


def test_the_order_is_held_while_the_pointer_is_on_the_list(
    shown: Listed, market: MadeMarket, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.ui.watchlist.order_hold._SETTLE_MS", 50)
    view, model = shown
    at = QPointF(50, 50)
    view.viewportEvent(QEnterEvent(at, at, at))
    model.table.apply(market.update({2: (0.0, 0.0, 1.0)}))
    model.refresh()
    assert model.symbol(0) == "000020"
    with qtbot.waitSignal(model.layoutChanged, timeout=LIMIT_MS):
        view.viewportEvent(QEvent(QEvent.Type.Leave))
    assert model.symbol(0) == "AAPL"


def test_a_pointer_that_was_forgotten_on_the_list_does_not_hold_it_forever(
    shown: Listed, market: MadeMarket, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.ui.watchlist.order_hold._REST_MS", 50)
    view, model = shown
    at = QPointF(50, 50)
    view.viewportEvent(QEnterEvent(at, at, at))
    model.table.apply(market.update({2: (0.0, 0.0, 1.0)}))
    with qtbot.waitSignal(model.layoutChanged, timeout=LIMIT_MS):
        model.refresh()
    assert model.symbol(0) == "AAPL"


def test_keys_hold_the_order_too(shown: Listed, qtbot: QtBot) -> None:
    view, model = shown
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert model.held


def test_the_selection_survives_a_filter_that_keeps_its_ticker(shown: Listed) -> None:
    view, model = shown
    view.selectRow(2)
    assert view.chosen() == "AAPL"
    model.set_filter(parse("apple"))
    assert view.chosen() == "AAPL"
    model.set_filter(parse(""))
    assert view.chosen() == "AAPL"


def test_the_selection_survives_a_universe_of_other_rows(shown: Listed, market: MadeMarket) -> None:
    view, model = shown
    view.selectRow(2)
    market.make.symbols = ("AAPL",)
    smaller = market.make.universe(names=("Apple",))
    model.table.apply(market.update({0: UP}, universe=smaller))
    model.refresh(restarted=True)
    assert view.chosen() == "AAPL"


def test_an_empty_list_says_why(theme: Theme, qtbot: QtBot) -> None:
    view = WatchlistView(WatchlistModel(Table()), theme)
    qtbot.addWidget(view)
    view.resize(600, 200)
    blank = view.viewport().grab().toImage()
    view.set_hint("waiting for the server")
    assert view.viewport().grab().toImage() != blank


def test_repaints_and_thousands_of_reads_lose_no_reference(
    shown: Listed, market: MadeMarket, qtbot: QtBot
) -> None:
    # PySide6 6.12.0 lost a reference to None each time that `data()` gave it, and aborted the
    # interpreter after some hundred; so that it is seen here and not there, they are counted.
    view, model = shown
    nothing = Qt.ItemDataRole.DecorationRole
    gc.collect()  # what tests before this one left would be counted as lost
    before = sys.getrefcount(None)
    for i in range(200):
        model.table.apply(market.update({i % 3: (UP, FLAT, DOWN)[i % 2]}))
        model.refresh()
        view.viewport().repaint()
        assert {model.data(model.index(row % 3, 0), nothing) for row in range(50)} == {None}
        assert sys.getrefcount(None) > before - 50


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_both_themes_paint_without_a_warning(
    scheme: str, theme_of: Callable[[str], Theme], market: MadeMarket, qtbot: QtBot
) -> None:
    theme = theme_of(scheme)
    view, _ = listed(theme, market, qtbot)
    assert pixel(view, 0) == tint(theme, 80)


def test_the_tip_of_a_row_is_its_prediction_set(shown: Listed) -> None:
    view, _ = shown
    tips = [view.tip(cell(view, row, section("name"))) for row in range(3)]
    assert tips == [
        f"{some} could come next; 9 of 10 such sets hold what came"
        for some in ("Up or flat", "Flat", "Flat or down")
    ]
    assert view.tip(QPoint(200, 390)) == ""
