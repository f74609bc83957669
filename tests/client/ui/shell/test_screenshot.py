from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from client.ui.shell.main_window import MainWindow
from client.ui.shell.screenshot import Screenshot, written
from client.ui.theme.theme import Theme
from client.ui.ticker.ticker_layout import USUAL_SIZE
from shared.errors import SettingsError, UnavailableError
from shared.protocol.messages import Heatmap
from tests.kit.fake_link import FakeLink
from tests.kit.made_market import NEWEST, SYMBOL, MadeMarket


def _maps(market: MadeMarket, newest: int) -> dict[str, Heatmap]:
    return {SYMBOL: market.heatmap(SYMBOL, newest)}


def test_a_picture_waits_for_what_it_is_to_show(
    link: FakeLink, theme: Theme, market: MadeMarket, qtbot: QtBot, tmp_path: Path
) -> None:
    window = MainWindow(link, theme)
    qtbot.addWidget(window)
    ticker, page = (Screenshot(window, SYMBOL, kind) for kind in (".png", ".pdf"))
    assert ticker.look() is None
    assert ticker.missing() == ""
    window.apply(market.start((0.7, 0.2, 0.1), (0.7, 0.2, 0.1), (0.1, 0.1, 0.8)))
    window.show()
    assert ticker.look() is None
    assert link.watched == [SYMBOL]
    window.apply(market.update(bars={SYMBOL: market.bars(SYMBOL)}))
    assert ticker.look() is None
    assert ticker.missing() == f"no decision came whole on {SYMBOL}"
    # One moment in map and row, and an older one in the bars.
    ahead = NEWEST + 1
    window.apply(market.update({2: (0.1, 0.1, 0.8)}, ahead, heatmaps=_maps(market, ahead)))
    assert ticker.look() is None
    window.apply(market.update({2: (0.1, 0.1, 0.8)}, heatmaps=_maps(market, NEWEST)))
    made, of_page = ticker.look(), page.look()
    assert made is not None
    assert of_page is not None
    assert of_page().startswith(b"%PDF")
    assert written(tmp_path / "a.png", [made], "") == 0
    image = QImage(str(tmp_path / "a.png"))
    assert image.size() == USUAL_SIZE * 2
    listed = Screenshot(window, "", ".png")
    assert listed.look() is None
    assert listed.look(patient=False) is not None
    others = window.table.symbols
    window.apply(market.update(heatmaps={symbol: market.heatmap(symbol) for symbol in others}))
    assert listed.look() is None
    window.apply(market.update(histories={symbol: market.bars(symbol) for symbol in others}))
    of_list = listed.look()
    assert of_list is not None
    assert QImage.fromData(of_list()).width() == 2 * window.width()
    with pytest.raises(SettingsError, match="no ticker 999999"):
        Screenshot(window, "999999", ".png").look()
    with pytest.raises(SettingsError, match="the list is written as"):
        Screenshot(window, "", ".gif").look()
    with pytest.raises(UnavailableError, match="cannot be written"):
        written(tmp_path / "gone" / "a.png", [made], "")
    with pytest.raises(UnavailableError, match="nothing to show in 60 s: no server"):
        written(tmp_path / "a.png", [], "no server")
