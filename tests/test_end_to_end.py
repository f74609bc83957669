"""The real server process, a real link and a real desk, from a file of dirty bars to pixels."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from client.net.endpoints import Endpoints
from client.net.link import Link
from client.state.inbox import Inbox
from client.ui.bridge import Bridge
from client.ui.look import Look
from client.ui.main_window import MainWindow
from client.ui.ticker_window import TickerWindow
from models.bars import Rules
from models.bundle import load_bundle
from models.dataset import clean
from models.engine import Engine, Explanation
from models.sources import read_table
from shared.contract import STEPS, Class, Float32, Int64
from shared.settings import DeskSettings
from tests.conftest import LiveServer, StartServer

SYMBOLS = ("005930", "000660", "035720")
DAYS = 110
WARMUP = 80
LIMIT_MS = 60_000

OpenDesk = Callable[[LiveServer], tuple[MainWindow, Link]]


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    """Write three tickers of dirty daily bars, as Korean sources do."""
    folder = tmp_path / "bars"
    folder.mkdir()
    for seed, symbol in enumerate(SYMBOLS):
        rng = np.random.default_rng(seed)
        closes = 50_000 * np.exp(np.cumsum(rng.normal(0, 0.02, DAYS)))
        lines = ["날짜,시가,고가,저가,종가,거래량"]
        for nth, close in enumerate(closes):
            low, high = close * (1 - rng.uniform(0, 0.02)), close * (1 + rng.uniform(0, 0.02))
            row = f"{rng.uniform(low, high):.0f},{high:.0f},{low:.0f},{close:.0f}"
            day = dt.date(2024, 1, 1) + dt.timedelta(days=nth)
            dirty = nth % 17 == 5
            lines.append(f"{day},0,0,0,0,0" if dirty else f"{day},{row},{rng.integers(1, 10**6)}")
        (folder / f"{symbol}.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication) -> Iterator[OpenDesk]:
    """Open the desk on a server, without the files that the program keeps its geometry in."""
    with DeskOpener(qtbot, qapp) as opener:
        yield opener.open


class DeskOpener:
    """Opens desks and closes what they need."""

    def __init__(self, qtbot: QtBot, qapp: QApplication) -> None:
        self._qtbot, self._qapp = qtbot, qapp
        self._links: list[Link] = []
        self._bridges: list[Bridge] = []

    def __enter__(self) -> "DeskOpener":
        return self

    def __exit__(self, *_: object) -> None:
        for bridge in self._bridges:
            bridge.close()
        assert all(link.stop() for link in self._links)

    def open(self, server: LiveServer) -> tuple[MainWindow, Link]:
        inbox = Inbox()
        link = Link(Endpoints(publish=server.publish, requests=server.requests), inbox)
        window = MainWindow(link, Look(DeskSettings(theme="dark", palette="korean"), self._qapp))
        self._qtbot.addWidget(window)
        bridge = Bridge(inbox)
        bridge.updated.connect(window.apply)
        link.start()
        bridge.open()
        self._links.append(link)
        self._bridges.append(bridge)
        window.show()
        return window, link


def double_click(qtbot: QtBot, window: MainWindow, row: int) -> TickerWindow:
    view = window.watchlist
    symbol = view.model().index(row, 0).data()
    spot = QPoint(view.columnViewportPosition(1) + 20, view.rowViewportPosition(row) + 16)
    button = Qt.MouseButton.LeftButton
    QTest.mouseClick(view.viewport(), button, pos=spot)
    QTest.mouseDClick(view.viewport(), button, pos=spot)
    ticker = window.tickers[symbol]
    qtbot.addWidget(ticker)
    return ticker


def expected(folder: Path, symbol: str) -> tuple[Explanation, Float32, Int64]:
    """Return what the engine says of the last window of a ticker, by the batch path."""
    bundle = load_bundle("krx-daily")
    table = read_table(folder)
    mine = table.row == table.symbols.index(symbol)
    rules = Rules(interval_s=86_400, jump_limit=0.31)
    series, _ = clean(table.bar_ms[mine], table.ohlcv[mine], rules)
    windows, last = series.windows()
    return Engine(bundle).explain(windows[-1:]), windows[-1], series.bar_ms[: last[-1] + 1]


def test_a_double_click_shows_what_the_engine_says_of_that_window(
    qtbot: QtBot, start_server: StartServer, desk: OpenDesk, bars: Path
) -> None:
    server = start_server(
        *("--feed", f"replay:{bars}", "--speed", "900", "--warmup", str(WARMUP)),
        *("--bundle", "krx-daily"),
    )
    window, _ = desk(server)
    qtbot.waitUntil(
        lambda: bool(window.table.decided.all()) and len(window.table) == 3, timeout=LIMIT_MS
    )
    ticker = double_click(qtbot, window, row=1)
    qtbot.waitUntil(lambda: ticker.heatmap.heatmap is not None, timeout=LIMIT_MS)
    first = ticker.heatmap.heatmap
    why, raw, bar_ms = expected(bars, ticker.symbol)

    def caught_up() -> bool:
        shown = ticker.heatmap.heatmap
        return shown is not None and int(shown.bar_ms[-1]) == bar_ms[-1]

    qtbot.waitUntil(caught_up, timeout=LIMIT_MS)
    shown = ticker.heatmap.heatmap
    assert shown is not None
    assert first is not None
    assert int(first.bar_ms[-1]) < int(shown.bar_ms[-1]), "the heatmap was not refreshed live"
    np.testing.assert_array_equal(shown.bar_ms, bar_ms[-STEPS:])
    np.testing.assert_allclose(shown.raw, raw, rtol=0, atol=1e-6)
    np.testing.assert_allclose(shown.scaled, why.scaled[0], rtol=0, atol=1e-5)
    np.testing.assert_allclose(shown.saliency, why.saliency[0], rtol=0, atol=1e-5)
    np.testing.assert_allclose(shown.probabilities, why.probabilities[0], rtol=0, atol=1e-6)
    assert shown.winner == why.winner[0]
    row = window.table.row_of[ticker.symbol]
    up = why.probabilities[0, Class.UP]
    qtbot.waitUntil(
        lambda: abs(window.table.probabilities[row, Class.UP] - up) < 1e-6, timeout=LIMIT_MS
    )
    np.testing.assert_array_equal(ticker.series.bar_ms, bar_ms)


def test_the_desk_is_whole_again_after_its_server_was_killed(
    qtbot: QtBot, start_server: StartServer, desk: OpenDesk, bars: Path
) -> None:
    flags = ("--feed", f"replay:{bars}", "--speed", "60", "--bundle", "krx-daily")
    server = start_server(*flags, "--warmup", "60")
    window, link = desk(server)
    qtbot.waitUntil(lambda: bool(window.table.decided.any()), timeout=LIMIT_MS)
    ticker = double_click(qtbot, window, row=0)
    qtbot.waitUntil(lambda: ticker.heatmap.heatmap is not None, timeout=LIMIT_MS)
    before = ticker.heatmap.heatmap
    assert before is not None
    server.kill()
    qtbot.waitUntil(lambda: link.health().state == "lost", timeout=LIMIT_MS)
    start_server(*flags, "--warmup", "100", publish=server.publish, requests=server.requests)

    def whole() -> bool:
        shown = ticker.heatmap.heatmap
        return (
            link.health().state == "live"
            and shown is not None
            and shown.stamp.run_id != before.stamp.run_id
            and bool(window.table.decided.any())
        )

    qtbot.waitUntil(whole, timeout=LIMIT_MS)
