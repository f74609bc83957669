"""Whatever is called whatever, no window takes it for more than text."""

import html
import unicodedata
from collections.abc import Iterator
from typing import Final

import msgspec
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from client.state.explained import Choice
from client.ui.shell.faults import FaultReporter
from client.ui.shell.main_window import MainWindow
from client.ui.theme.theme import Theme
from client.ui.ticker.cell import Cell
from client.ui.watchlist.buy_log import BuyLogView
from shared.protocol.answers import ModelCard, Universe
from tests.kit.fake_link import FakeLink
from tests.kit.made_market import MadeMarket
from tests.kit.maker import Maker
from tests.kit.messages import a_message
from tests.kit.methods import INTEGRATED, LIVE

# Markup that Qt draws or fetches, keys of menus, an escape sequence, an override of the writing
# direction, a placeholder of titles; `NEEDLE` is how much of it is text.
BAD: Final = "<h1>A&B</h1><img src='x'>\x1b[31m\u202e[*]\x9b2J\n\x07"
NEEDLE: Final = "<h1>A&B</h1><img src='x'>"
SYMBOL: Final = "<b>X</b>&\u202e\u2066"


@pytest.fixture
def window(link: FakeLink, theme: Theme, qtbot: QtBot) -> MainWindow:
    market = MadeMarket(Maker(symbols=(SYMBOL, "005930", "AAPL")))
    window = MainWindow(link, theme)
    qtbot.addWidget(window)
    universe = a_message(
        Universe,
        stamp=market.make.stamp(),
        symbols=market.make.symbols,
        names=(BAD,) * 3,
        markets=(BAD,) * 3,
        timezone="Asia/Seoul\x1b",
        feed=BAD,
    )
    methods = tuple(
        msgspec.structs.replace(method, title=BAD, note=BAD) for method in (LIVE, INTEGRATED)
    )
    card = a_message(ModelCard)
    features = tuple(
        msgspec.structs.replace(f, label=f"{nth}<b>&\u202e", unit="<i>x</i>\x1b")
        for nth, f in enumerate(card.features)
    )
    window.apply(market.update({0: (0.1, 0.1, 0.8), 1: (0.7, 0.2, 0.1)}, universe=universe))
    status = market.status(
        state="failed", feed=BAD, feed_error=BAD, feed_note=BAD, model_note=BAD, dropped={BAD: 3}
    )
    window.apply(market.update(status=status, buys=(market.buy(SYMBOL),), methods=methods))
    window.open_ticker(SYMBOL)
    window.apply(
        market.update(
            {0: (0.1, 0.1, 0.8)},
            card=a_message(ModelCard, features=features),
            heatmaps={SYMBOL: msgspec.structs.replace(market.heatmap(SYMBOL), title=BAD)},
            bars={SYMBOL: market.bars(SYMBOL)},
        )
    )
    window.tickers[SYMBOL].choose(Choice(beside="integrated_gradients"))
    window.show()
    return window


def said(widget: QWidget) -> Iterator[str]:
    """Yield every text of a widget that Qt may show, as what it shows of it."""
    tip = widget.toolTip()
    if "<" in tip:
        assert tip.startswith("<qt>")
        assert tip.endswith("</qt>")
        inner = tip.removeprefix("<qt>").removesuffix("</qt>").replace("<br>", "")
        assert "<" not in inner
        tip = html.unescape(inner)
    yield tip
    yield widget.windowTitle()
    yield widget.accessibleName()
    if isinstance(widget, QLabel):
        plain = widget.textFormat() == Qt.TextFormat.PlainText
        assert plain or "<" not in widget.text()
        yield widget.text()
    if isinstance(widget, QAbstractButton):
        yield widget.text()


def assert_is_text(words: str) -> None:
    kinds = {unicodedata.category(c) for c in words if c not in "\n\t"}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}, ascii(words)


def test_every_word_in_every_window_is_plain(window: MainWindow, qtbot: QtBot) -> None:
    faults = FaultReporter(window)
    with qtbot.waitSignal(faults.happened):
        faults.happened.emit(f"ValueError: {BAD}")
    qtbot.waitUntil(lambda: len(window.findChildren(QMessageBox)) == 1)
    tops = [window, *window.tickers.values()]
    widgets = [w for top in tops for w in (top, *top.findChildren(QWidget))]
    texts = [words for widget in widgets for words in said(widget)]
    for action in (a for top in tops for a in top.findChildren(QAction)):
        assert "<" not in action.toolTip() or action.toolTip().startswith("<qt>")
        texts.append(action.text())
    for words in texts:
        assert_is_text(words)
    # And what was said is there to be read, in names, tips, menus, titles and the box.
    assert sum(NEEDLE in words for words in texts) >= 5
    assert any(NEEDLE.replace("&", "&&") in words for words in texts)
    window.findChildren(QMessageBox)[0].close()


def test_a_tool_tip_of_a_cell_is_text(window: MainWindow) -> None:
    view = window.tickers[SYMBOL].maps.first.view
    tip = view.tip(Cell(2, 3))
    assert "<b>3&lt;b&gt;&amp;</b>" in tip
    assert "&lt;h1&gt;" in tip
    assert_is_text(tip)
    assert view.cell_at(QPointF(-1, -1)) is None


def test_all_of_it_can_be_painted(window: MainWindow, qapp: QApplication) -> None:
    for top in (window, *window.tickers.values()):
        assert not top.grab().isNull()
    (log,) = window.findChildren(BuyLogView)
    assert not log.grab().isNull()
