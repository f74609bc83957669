import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from client.ui.shell.main_window import MainWindow
from client.ui.theme.theme import Theme
from client.ui.ticker.ticker_window import TickerWindow
from tests.kit.fake_link import FakeLink
from tests.kit.made_market import MadeMarket
from tests.kit.waiting import LIMIT_MS

ORDER = ("005930", "000020", "AAPL")  # by confidence


@pytest.fixture
def window(link: FakeLink, theme: Theme, market: MadeMarket, qtbot: QtBot) -> MainWindow:
    window = MainWindow(link, theme)
    qtbot.addWidget(window)
    window.show()
    window.apply(market.start((0.2, 0.4, 0.4), (0.1, 0.1, 0.8), (0.7, 0.1, 0.2)))
    return window


def linked(window: MainWindow, symbol: str) -> TickerWindow:
    window.open_ticker(symbol)
    ticker = window.tickers[symbol]
    QTest.keyClick(ticker, Qt.Key.Key_L)
    assert window.tickers.linked is ticker
    return ticker


def test_keys_go_to_the_next_ticker_of_the_list_that_has_no_window(
    window: MainWindow, link: FakeLink, market: MadeMarket
) -> None:
    window.open_ticker(ORDER[0])
    ticker = window.tickers[ORDER[0]]
    window.apply(market.update(bars={ORDER[0]: market.bars(ORDER[0])}))
    QTest.keyClick(ticker, Qt.Key.Key_PageDown)
    assert (ticker.symbol, list(window.tickers)) == (ORDER[1], [ORDER[1]])
    assert (link.watched[-1], link.unwatched) == (ORDER[1], [ORDER[0]])
    assert "Daon Bio" in ticker.windowTitle()
    assert len(ticker.series) == 0
    window.apply(market.update(bars={s: market.bars(s, 30) for s in ORDER}))
    assert len(ticker.series) == 30
    window.open_ticker(ORDER[2])
    QTest.keyClick(ticker, Qt.Key.Key_PageDown)
    assert ticker.symbol == ORDER[1]
    QTest.keyClick(ticker, Qt.Key.Key_PageUp)
    QTest.keyClick(ticker, Qt.Key.Key_PageUp)
    assert ticker.symbol == ORDER[0]


def test_a_linked_window_follows_the_selection_and_takes_it_along(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.watchlist.go_to(ORDER[1])
    ticker = linked(window, ORDER[0])
    assert ticker.symbol == ORDER[1]
    QTest.keyClick(window.watchlist, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: ticker.symbol == ORDER[2], timeout=LIMIT_MS)
    QTest.keyClick(ticker, Qt.Key.Key_PageUp)
    assert (ticker.symbol, window.watchlist.chosen()) == (ORDER[1], ORDER[1])
    window.open_ticker(ORDER[1])
    assert window.tickers[ORDER[1]] is not ticker
    assert window.tickers.every() == [window.tickers[ORDER[1]], ticker]


def test_what_is_no_longer_linked_keeps_its_ticker(
    window: MainWindow, link: FakeLink, qtbot: QtBot
) -> None:
    first = linked(window, ORDER[0])
    window.watchlist.go_to(ORDER[1])
    qtbot.waitUntil(lambda: first.symbol == ORDER[1], timeout=LIMIT_MS)
    window.open_ticker(ORDER[1])
    second = linked(window, ORDER[1])
    assert first.isVisible()
    assert window.tickers[ORDER[1]] is first
    QTest.keyClick(second, Qt.Key.Key_L)
    assert window.tickers.linked is None
    assert window.tickers[ORDER[1]] is second
    assert not first.isVisible()
    window.close()
    assert len(window.tickers) == 0
    assert link.unwatched[-1] == ORDER[1]
