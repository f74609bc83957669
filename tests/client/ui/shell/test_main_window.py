import dataclasses
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from client.state.colors import Rgb
from client.state.list_cells import section
from client.state.tint_scale import ABSOLUTE
from client.ui.shell.filter_field import FilterField
from client.ui.shell.keys import KeysDialog
from client.ui.shell.main_window import MainWindow
from client.ui.shell.tint_legend import TintLegend
from client.ui.theme.theme import Theme
from shared.protocol.messages import Status
from tests.kit.fake_link import FakeLink
from tests.kit.made_market import METHODS, NEWEST, MadeMarket, Shares
from tests.kit.messages import a_message
from tests.kit.spreads import a_spread
from tests.kit.waiting import LIMIT_MS

UP: Shares = (0.1, 0.1, 0.8)
FLAT: Shares = (0.2, 0.5, 0.3)
DOWN: Shares = (0.7, 0.2, 0.1)


@pytest.fixture
def window(link: FakeLink, theme: Theme, market: MadeMarket, qtbot: QtBot) -> MainWindow:
    window = MainWindow(link, theme)
    qtbot.addWidget(window)
    window.apply(market.start(FLAT, UP, DOWN))
    window.apply(market.update(status=market.status()))
    window.show()
    qtbot.waitExposed(window)
    return window


def words(window: MainWindow) -> list[str]:
    labels = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    return labels + [button.text() for button in window.findChildren(QToolButton)]


def field(window: MainWindow) -> FilterField:
    return window.findChildren(FilterField)[0]


def top(window: MainWindow) -> str:
    return str(window.watchlist.model().index(0, section("ticker")).data())


def status(market: MadeMarket) -> Status:
    return a_message(
        Status,
        stamp=market.make.stamp(bar_ms=86_400_000),
        market_ms=int(market.times(NEWEST + 1)[-1]),
        state="ended",
        feed="made bars",
        cycle_ms=14.2,
        accepted=1_234,
        dropped={"halt": 2, "zero_price": 7},
    )


def test_it_counts_tickers_and_buys_and_says_that_they_are_simulated(window: MainWindow) -> None:
    assert {"All 3", "Buys 1", "SIMULATED"} <= set(words(window))


def test_a_real_market_carries_no_badge(window: MainWindow, market: MadeMarket) -> None:
    real = market.make.universe(simulated=False)
    window.apply(market.update({0: UP}, universe=real))
    assert "SIMULATED" not in words(window)


def test_the_status_line_says_what_the_server_says(window: MainWindow, market: MadeMarket) -> None:
    assert "live · 0.3 s" in words(window)
    window.apply(market.update(status=status(market)))
    assert "the feed ended at 2026-01-11 · link live · 0.3 s" in words(window)
    assert "cycle 14 ms      model krx-daily      made bars (ended)      bar 1970-01-02" in words(
        window
    )
    tips = [label.toolTip() for label in window.findChildren(QLabel)]
    assert any("1,234 bars accepted<br>7 zero price<br>2 halt" in tip for tip in tips)


def first_pixel(window: MainWindow) -> Rgb:
    color = window.watchlist.viewport().grab().toImage().pixelColor(2, 3)
    return color.red(), color.green(), color.blue()


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "starting", "history": 0.5},
        {"state": "ended"},
        {"state": "failed", "feed_error": "broken"},
        {"stale_since_ms": 5},
        {"closed_until_ms": 2_000_000_000_000},
    ],
)
def test_rows_are_grey_unless_the_market_is_live(
    window: MainWindow, market: MadeMarket, theme: Theme, changes: dict[str, Any]
) -> None:
    assert first_pixel(window) != theme.tokens.surface
    window.apply(market.update(status=market.status(**changes)))
    assert first_pixel(window) == theme.tokens.surface
    window.apply(market.update(status=market.status()))
    assert first_pixel(window) != theme.tokens.surface


def test_another_run_is_not_live_before_it_says_so(
    window: MainWindow, market: MadeMarket, theme: Theme
) -> None:
    window.apply(market.start(FLAT, UP, DOWN))
    assert first_pixel(window) == theme.tokens.surface
    assert any("no word of the market yet" in w for w in words(window))


def test_while_history_loads_nobody_is_in_class_2(window: MainWindow, market: MadeMarket) -> None:
    window.apply(market.update(status=market.status(state="starting", history=0.5)))
    assert {"All 3", "Buys 0"} <= set(words(window))
    assert any("loading history 50%" in w for w in words(window))


def test_a_lost_link_greys_the_rows_and_says_since_when(
    window: MainWindow, link: FakeLink, theme: Theme
) -> None:
    link.state = "lost"
    window.beat()
    assert any("lost since" in w and "nothing heard" in w for w in words(window))
    color = window.watchlist.viewport().grab().toImage().pixelColor(2, 3)
    assert (color.red(), color.green(), color.blue()) == theme.tokens.surface


def test_typing_filters_and_escape_clears(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.focusWidget() is field(window)
    QTest.keyClicks(field(window), "app")
    assert window.watchlist.model().rowCount() == 1
    QTest.keyClick(field(window), Qt.Key.Key_Escape)
    assert window.watchlist.model().rowCount() == 3
    assert field(window).text() == ""


def test_enter_in_the_filter_goes_to_the_first_ticker_found(
    window: MainWindow, link: FakeLink
) -> None:
    QTest.keyClicks(field(window), "sam")
    QTest.keyClick(field(window), Qt.Key.Key_Return)
    assert window.watchlist.chosen() == "005930"
    QTest.keyClick(window.watchlist, Qt.Key.Key_Return)
    assert link.watched == ["005930"]


def test_the_filter_completes_and_says_what_is_wrong(window: MainWindow) -> None:
    line = field(window)
    QTest.keyClicks(line, "cl")
    assert line.hint == "ass:"
    QTest.keyClick(line, Qt.Key.Key_Tab)
    assert line.hint == ""
    QTest.keyClick(line, Qt.Key.Key_Tab)
    assert line.text() == "class:"
    assert "what class: is held against is missing" in words(window)
    assert window.watchlist.model().rowCount() == 3
    QTest.keyClicks(line, "d")
    QTest.keyClick(line, Qt.Key.Key_Tab)
    assert (line.text(), top(window)) == ("class:down", "AAPL")
    QTest.keyClick(line, Qt.Key.Key_Tab)  # nothing more to complete
    assert window.focusWidget() is not line


def test_a_syllable_that_is_being_composed_filters_already(window: MainWindow) -> None:
    composing = QInputMethodEvent("ㄱ", [])
    QApplication.sendEvent(field(window), composing)
    assert window.watchlist.model().rowCount() == 0
    committed = QInputMethodEvent()
    committed.setCommitString("sam")
    QApplication.sendEvent(field(window), committed)
    assert (field(window).text(), top(window)) == ("sam", "005930")


def test_the_list_of_buys_shows_buys_alone(window: MainWindow, qtbot: QtBot) -> None:
    buys = next(b for b in window.findChildren(QToolButton) if b.text() == "Buys 1")
    buys.click()
    assert window.watchlist.model().rowCount() == 1
    assert top(window) == "005930"


def test_a_double_click_opens_a_ticker_once(
    window: MainWindow, link: FakeLink, qtbot: QtBot
) -> None:
    view = window.watchlist
    at = view.visualRect(view.model().index(0, section("name"))).center()
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    window.open_ticker("005930")
    window.open_ticker("AAPL")
    assert list(window.tickers) == ["005930", "AAPL"]
    assert link.watched == ["005930", "AAPL"]


def test_a_change_of_the_tickers_keeps_selection_windows_maps_and_buys(
    window: MainWindow, market: MadeMarket
) -> None:
    window.watchlist.selectRow(1)
    chosen = window.watchlist.chosen()
    window.open_ticker("AAPL")
    window.apply(
        market.update(heatmaps={"AAPL": market.heatmap("AAPL")}, bars={"AAPL": market.bars("AAPL")})
    )
    shares = {s: window.table.probabilities[r].tolist() for s, r in window.table.row_of.items()}
    later = dataclasses.replace(market.make, symbols=("AAPL", "NEW", "005930", "000020"))
    window.apply(market.update(universe=later.universe(), restarted=False))
    assert {"All 4", "Buys 1"} <= set(words(window))
    assert window.watchlist.chosen() == chosen
    ticker = window.tickers["AAPL"]
    assert len(ticker.series) == 60
    assert ticker.explained.heatmap is not None
    table = window.table
    assert {s: table.probabilities[table.row_of[s]].tolist() for s in shares} == shares
    gone = dataclasses.replace(market.make, symbols=("NEW",)).universe()
    refusals = {"AAPL": "There is no ticker AAPL."}
    window.apply(market.update(universe=gone, restarted=False, refusals=refusals))
    assert "All 1" in words(window)
    assert window.tickers["AAPL"] is ticker
    assert ticker.explained.attribution() == refusals["AAPL"]


def test_the_heatmap_on_screen_is_the_one_that_came(window: MainWindow, market: MadeMarket) -> None:
    window.open_ticker("AAPL")
    sent = market.heatmap("AAPL")
    window.apply(market.update(heatmaps={"AAPL": sent}, bars={"AAPL": market.bars("AAPL")}))
    shown = window.tickers["AAPL"].maps.first.view.attribution
    assert shown is not None
    np.testing.assert_array_equal(shown.map, sent.saliency)


def test_a_ticker_opened_later_knows_the_methods_that_came_before(
    window: MainWindow, market: MadeMarket
) -> None:
    window.apply(market.update(methods=METHODS))
    window.apply(market.update())
    window.open_ticker("AAPL")
    assert window.tickers["AAPL"].explained.methods == METHODS


def test_closing_it_closes_the_tickers_and_ends_their_watch(
    window: MainWindow, link: FakeLink
) -> None:
    window.open_ticker("AAPL")
    window.open_ticker("000020")
    window.close()
    assert link.unwatched == ["AAPL", "000020"]
    assert window.tickers == {}


def test_the_first_values_are_sorted_even_under_the_pointer(
    link: FakeLink, theme: Theme, market: MadeMarket, qtbot: QtBot
) -> None:
    window = MainWindow(link, theme)
    qtbot.addWidget(window)
    window.apply(market.update(universe=market.universe()))
    QTest.keyClick(window.watchlist, Qt.Key.Key_Down)
    window.apply(market.update({0: FLAT, 1: UP, 2: DOWN}))
    assert top(window) == "005930"


def test_f1_lists_the_keys_and_puts_them_away_and_keys_work_over_it(
    window: MainWindow, theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Which a window manager may do, or not: then the keys would be those of the window behind.
    activated: list[object] = []
    monkeypatch.setattr(KeysDialog, "activateWindow", lambda self: activated.append(self))
    QTest.keyClick(window, Qt.Key.Key_F1)
    assert activated == window.findChildren(KeysDialog)
    dialog = window.findChildren(KeysDialog)[0]
    qtbot.waitUntil(dialog.isActiveWindow, timeout=LIMIT_MS)
    scheme = theme.tokens.scheme
    QTest.keyClick(dialog, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert theme.tokens.scheme != scheme
    with qtbot.waitSignal(dialog.destroyed, timeout=LIMIT_MS):
        QTest.keyClick(dialog, Qt.Key.Key_F1)


def test_ctrl_t_changes_the_theme(window: MainWindow, theme: Theme, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert theme.tokens.scheme == "light"
    assert not window.grab(window.rect().adjusted(0, 0, 0, 0)).isNull()


def test_before_the_first_word_of_a_server_it_says_that_it_waits(
    link: FakeLink, theme: Theme, qtbot: QtBot
) -> None:
    link.state = "connecting"
    window = MainWindow(link, theme)
    qtbot.addWidget(window)
    window.show()
    assert "connecting" in words(window)
    assert window.childAt(QPoint(5, 5)) is not None


def test_keys_of_every_window(
    window: MainWindow, link: FakeLink, theme: Theme, qtbot: QtBot
) -> None:
    window.open_ticker("AAPL")
    ticker = window.tickers["AAPL"]
    qtbot.waitUntil(ticker.isActiveWindow, timeout=LIMIT_MS)
    scheme = theme.tokens.scheme
    QTest.keyClick(ticker, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert theme.tokens.scheme != scheme
    QTest.keyClick(ticker, Qt.Key.Key_F11)
    assert ticker.isFullScreen()
    assert not window.isFullScreen()
    QTest.keyClick(ticker, Qt.Key.Key_F1)
    assert ticker.findChildren(KeysDialog)
    ticker.findChildren(KeysDialog)[0].close()
    qtbot.waitUntil(ticker.isActiveWindow, timeout=LIMIT_MS)
    QTest.keyClick(ticker, Qt.Key.Key_F5)
    assert link.refreshed == 1
    QTest.keyClick(ticker, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert window.tickers == {}
    assert window.isVisible()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=LIMIT_MS)
    QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert not window.isVisible()


def test_the_legend_tells_the_scale_of_colors_and_a_click_changes_it(
    window: MainWindow, market: MadeMarket
) -> None:
    legend = window.findChildren(TintLegend)[0]
    assert "does not say" in legend.accessibleName()
    card = msgspec.structs.replace(market.make.card(), confidence=a_spread(0.3, 0.5))
    window.apply(market.update(card=card))
    assert "33% to 50%: the strongest 1 in 200" in legend.accessibleName()
    before = window.watchlist.viewport().grab().toImage()
    window.open_ticker("AAPL")
    legend.click()
    assert legend.accessibleName() == f"Colors from {ABSOLUTE.sentence}"
    assert window.watchlist.viewport().grab().toImage() != before
    legend.click()
    assert window.watchlist.viewport().grab().toImage() == before
