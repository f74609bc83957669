from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QThreadPool
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from client.state.table import Table
from client.ui.theme.theme import Theme
from client.ui.ticker.export import Exporter
from client.ui.ticker.ticker_window import TickerWindow
from shared.protocol.past import PastBuys
from tests.kit.fake_link import FakeLink
from tests.kit.made_market import METHODS, SYMBOL, MadeMarket
from tests.kit.messages import a_message
from tests.kit.waiting import LIMIT_MS


@pytest.fixture
def window(market: MadeMarket, link: FakeLink, theme: Theme, qtbot: QtBot) -> TickerWindow:
    table = Table()
    table.apply(market.start((0.7, 0.2, 0.1), (0.7, 0.2, 0.1), (0.1, 0.1, 0.8)))
    window = TickerWindow(SYMBOL, table, link, theme, METHODS)
    qtbot.addWidget(window)
    buys = a_message(PastBuys, symbol=SYMBOL, bar_ms=market.times(60)[[1, 3, 5]])
    window.apply(
        market.update(
            bars={SYMBOL: market.bars(SYMBOL)},
            heatmaps={SYMBOL: market.heatmap(SYMBOL)},
            past_buys={SYMBOL: buys},
        )
    )
    window.show()
    return window


def test_a_window_is_written_as_picture_drawing_page_and_table(
    window: TickerWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    exporter = Exporter(window)

    def written(name: str) -> bytes:
        path = tmp_path / name
        with qtbot.waitSignal(exporter.told, timeout=LIMIT_MS) as told:
            exporter.write(path, 1_764_000_000_000)
        assert told.args == [f"saved {path}"]
        return path.read_bytes()

    image = QImage.fromData(written("a.PNG"))
    assert (image.width(), image.height()) == (2 * window.width(), 2 * window.height())
    drawn = written("a.svg").decode()
    assert 'version="1.1"' in drawn
    assert "clipPath" in drawn  # without clipping the oldest candles lie over the prices
    assert "Apple" in drawn
    page = written("a.pdf")
    assert page.startswith(b"%PDF")
    assert page.count(b"/Type /Page\n") == 1
    lines = written("a.csv").decode().splitlines()
    assert lines[0].startswith("symbol,close_time,open,high,low,close,volume,down,flat,up,buy")
    assert len(lines) == 61
    assert [line.split(",")[-3:] for line in lines[2:7:2]] == [
        ["0.500000", "up", "0.010000"],
        ["0.600000", "down", "-0.020000"],
        ["0.700000", "open", ""],
    ]
    times = np.array([line.split(",")[1] for line in lines[1:]])
    assert (times[1:] > times[:-1]).all()
    QThreadPool.globalInstance().waitForDone()


def test_what_cannot_be_written_is_said(window: TickerWindow, tmp_path: Path, qtbot: QtBot) -> None:
    exporter = Exporter(window)
    with qtbot.waitSignal(exporter.told, timeout=LIMIT_MS) as told:
        exporter.write(tmp_path / "gone" / "a.csv", 0)
    assert told.args is not None
    assert "cannot be written: No such file" in told.args[0]
    with qtbot.waitSignal(exporter.told, timeout=LIMIT_MS) as told:
        exporter.write(tmp_path / "a.parquet", 0)
    assert told.args == ["a ticker is written as .png, .svg, .pdf, .csv, was .parquet"]
    QThreadPool.globalInstance().waitForDone()
