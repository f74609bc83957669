"""A trader's first minutes at the desk, without a mouse."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from client.state.list_cells import LIST_CELLS
from client.ui.shell.keys import KeysDialog
from client.ui.shell.main_window import MainWindow
from client.ui.theme.theme import Theme
from client.ui.ticker.ticker_window import TickerWindow
from shared.protocol.past import PastBuys
from tests.kit.fake_link import FakeLink
from tests.kit.made_market import METHODS, MadeMarket
from tests.kit.messages import a_message
from tests.kit.waiting import LIMIT_MS

KEY, HELD = Qt.Key, Qt.KeyboardModifier
NONE, CTRL, ALT = HELD.NoModifier, HELD.ControlModifier, HELD.AltModifier
SAMSUNG = "005930"


@pytest.fixture
def window(link: FakeLink, theme: Theme, market: MadeMarket, qtbot: QtBot) -> MainWindow:
    window = MainWindow(link, theme)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(window.isActiveWindow, timeout=LIMIT_MS)
    window.apply(
        market.update(
            {0: (0.2, 0.2, 0.6), 1: (0.1, 0.5, 0.4), 2: (0.7, 0.1, 0.2)},
            universe=market.make.universe(names=("다온바이오", "삼성전자", "애플")),
            methods=METHODS,
        )
    )
    return window


def press(window: QWidget, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    # Where the keyboard's focus is, and nowhere else.
    QTest.keyClick(window.focusWidget(), key, held)


def compose(words: str) -> None:
    event = QInputMethodEvent()
    event.setCommitString(words)
    focused = QApplication.focusWidget()
    assert focused is not None
    QApplication.sendEvent(focused, event)


def place_of(ticker: TickerWindow) -> int | None:
    return ticker.explained.past_ms


def said(widget: QWidget) -> str:
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def test_a_trader_finds_stars_understands_compares_and_exports_by_keys_alone(
    window: MainWindow, market: MadeMarket, tmp_path: Path, qtbot: QtBot
) -> None:
    # Sort: by the column to the left of the confidence, and turned around.
    sorted_by = LIST_CELLS[window.watchlist.heading.sortIndicatorSection()].cell.name
    press(window, KEY.Key_Left, ALT)
    heading = window.watchlist.heading
    assert LIST_CELLS[heading.sortIndicatorSection()].cell.name != sorted_by
    press(window, KEY.Key_Up, ALT)
    assert heading.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
    # Find by half a name, star, open.
    press(window, KEY.Key_F, CTRL)
    compose("삼성")
    press(window, KEY.Key_Return)
    assert window.watchlist.chosen() == SAMSUNG
    press(window, KEY.Key_D, CTRL)
    assert window.table.marks.stars == (SAMSUNG,)
    press(window, KEY.Key_Return)
    ticker = window.tickers[SAMSUNG]
    qtbot.waitUntil(ticker.isActiveWindow, timeout=LIMIT_MS)
    buys = a_message(PastBuys, symbol=SAMSUNG, bar_ms=market.times(60)[[10, 20, 40]])
    window.apply(
        market.update(
            bars={SAMSUNG: market.bars(SAMSUNG)},
            heatmaps={SAMSUNG: market.heatmap(SAMSUNG)},
            past_buys={SAMSUNG: buys},
        )
    )
    # Why: the map is there; a cell of it is reached and read.
    assert "Why up?" in said(ticker)
    view = ticker.maps.first.view
    for _ in range(20):
        if view.hasFocus():
            break
        press(ticker, KEY.Key_Tab)
    press(ticker, KEY.Key_Left)
    assert view.accessibleDescription()
    # The buy before, and now again.
    press(ticker, KEY.Key_BracketLeft)
    assert place_of(ticker) == int(market.times(60)[40])
    press(ticker, KEY.Key_N)
    assert place_of(ticker) is None
    # Two methods, and another ticker.
    press(ticker, KEY.Key_C)
    assert ticker.explained.beside is not None
    press(ticker, KEY.Key_K)
    assert isinstance(ticker.focusWidget(), QLineEdit)
    compose("다온")
    press(ticker, KEY.Key_Return)
    assert ticker.charts.comparison.symbol == "000020"
    # All keys, on one screen of a small display.
    press(ticker, KEY.Key_F1)
    (keys,) = ticker.findChildren(KeysDialog)
    assert "compare with another ticker" in said(keys)
    assert (keys.sizeHint().width() <= 1_280, keys.sizeHint().height() <= 680) == (True, True)
    QTest.keyClick(keys, KEY.Key_Escape)
    # A picture.
    qtbot.waitUntil(ticker.isActiveWindow, timeout=LIMIT_MS)
    press(ticker, KEY.Key_E)
    (dialog,) = ticker.findChildren(QFileDialog)
    (name,) = (f for f in dialog.findChildren(QLineEdit) if f.objectName() == "fileNameEdit")
    path = tmp_path / "samsung.png"
    name.setText(str(path))
    QTest.keyClick(name, KEY.Key_Return)
    qtbot.waitUntil(lambda: "saved" in said(ticker), timeout=LIMIT_MS)
    assert QImage(str(path)).width() == 2 * ticker.width()
