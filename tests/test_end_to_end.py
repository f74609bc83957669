"""The real server process, a real link and a real desk, from a file of dirty bars to pixels."""

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zmq
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from client.net.link import Link
from client.state.attribution_map import AttributionMap
from client.state.explained import Choice
from client.state.inbox import Inbox
from client.ui.shell.bridge import Bridge
from client.ui.shell.main_window import MainWindow
from client.ui.theme.theme import Theme
from client.ui.ticker.ticker_window import TickerWindow
from models.bundles.bundle import Bundle, load_bundle
from models.calibration.adaptive import Recalibrator
from models.data.bars import Rules
from models.data.features.price_volume import PRICE_VOLUME
from models.data.sources.reader import read_bars
from models.data.table import BarTable
from models.explain.attribution import attribute
from models.inference.engine import Engine
from models.inference.engine import Inference as Why
from models.inference.faithfulness import Faithfulness
from models.inference.served import served_of
from models.training.dataset import clean, collect
from shared.contract import STEPS, Class, Float32, Int64
from shared.endpoints import Endpoints
from shared.protocol import wire
from shared.protocol.answers import Answer, Refusal
from shared.protocol.explanations import Explanation, Methods
from shared.protocol.messages import Status
from shared.protocol.requests import AnyRequest, GetExplanation, GetMethods
from shared.settings import DeskSettings
from tests.kit.live_server import LiveServer, StartServer
from tests.kit.waiting import LIMIT_MS
from tests.kit.widgets import delete_closed

RULES = Rules(interval_s=86_400, jump_limit=0.31)
SYMBOLS = ("005930", "000660", "035720")
DAYS = 110
WARMUP = 80

OpenDesk = Callable[[LiveServer], tuple[MainWindow, Link]]


@pytest.fixture(scope="session")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write three tickers of dirty daily bars, as Korean sources do."""
    folder = tmp_path_factory.mktemp("bars")
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


@pytest.fixture(scope="session")
def replayed(bars: Path) -> Iterator[LiveServer]:
    """A server that has played the bars to their end, for tests that only ask."""
    anywhere = ("--publish", "tcp://127.0.0.1:*")
    flags = ("--feed", f"replay:{bars}", "--speed", "max", "--bundle", "krx-daily")
    server = LiveServer(*anywhere, *flags)
    yield server
    server.close()


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
        delete_closed()

    def open(self, server: LiveServer) -> tuple[MainWindow, Link]:
        inbox = Inbox()
        link = Link(Endpoints(publish=server.publish, requests=server.requests), inbox)
        window = MainWindow(link, Theme(DeskSettings(theme="dark", palette="korean"), self._qapp))
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
    symbol = view.model().index(row, 1).data()  # behind the star
    spot = QPoint(view.columnViewportPosition(2) + 20, view.rowViewportPosition(row) + 16)
    button = Qt.MouseButton.LeftButton
    QTest.mouseClick(view.viewport(), button, pos=spot)
    QTest.mouseDClick(view.viewport(), button, pos=spot)
    ticker = window.tickers[symbol]
    qtbot.addWidget(ticker)
    return ticker


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Expected:
    """What must be said of the last window of a ticker, found by the batch path."""

    why: Why
    drops: tuple[float, float]
    raw: Float32
    bar_ms: Int64


def expected(folder: Path, symbol: str) -> Expected:
    bundle = load_bundle("krx-daily")
    table = read_bars(folder).table
    mine = table.row == table.symbols.index(symbol)
    series, _ = clean(table.bar_ms[mine], table.ohlcv[mine], RULES)
    windows, last = series.windows(PRICE_VOLUME)
    recalibrator = taught(bundle, table)
    why = Engine(served_of(bundle)).explain(windows[-1:], recalibrator)
    relevance = why.saliency * why.scaled
    top, at_random = Faithfulness(served_of(bundle)).drops(
        why.scaled, relevance, why.winner, recalibrator
    )
    return Expected(
        why=why,
        drops=(top[0], at_random[0]),
        raw=windows[-1],
        bar_ms=series.bar_ms[: last[-1] + 1],
    )


def taught(bundle: Bundle, table: BarTable) -> Recalibrator:
    """Return what a recalibrator knows at the end of a market."""
    recalibrator = Recalibrator(bundle.card.calibration.adaptive)
    samples, _ = collect(table, RULES, bundle.card.label, PRICE_VOLUME)
    logits = Engine(served_of(bundle)).explain(samples.windows).logits.astype(np.float64)
    for moment in np.unique(samples.target_ms):
        known = samples.target_ms == moment
        recalibrator.learn(logits[known], samples.label[known])
    return recalibrator


@pytest.mark.slow
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
    qtbot.waitUntil(lambda: ticker.explained.heatmap is not None, timeout=LIMIT_MS)
    first = ticker.explained.heatmap
    truth = expected(bars, ticker.symbol)
    why, bar_ms = truth.why, truth.bar_ms

    def caught_up() -> bool:
        shown = ticker.explained.heatmap
        return shown is not None and int(shown.bar_ms[-1]) == bar_ms[-1]

    qtbot.waitUntil(caught_up, timeout=LIMIT_MS)
    shown = ticker.explained.heatmap
    assert shown is not None
    assert first is not None
    assert int(first.bar_ms[-1]) < int(shown.bar_ms[-1]), "the heatmap was not refreshed live"
    np.testing.assert_array_equal(shown.bar_ms, bar_ms[-STEPS:])
    np.testing.assert_allclose(shown.raw, truth.raw, rtol=0, atol=1e-6)
    np.testing.assert_allclose(shown.scaled, why.scaled[0], rtol=0, atol=1e-5)
    np.testing.assert_allclose(shown.saliency, why.saliency[0], rtol=0, atol=1e-5)
    np.testing.assert_allclose(shown.probabilities, why.probabilities[0], rtol=0, atol=1e-6)
    np.testing.assert_allclose(shown.scores, why.scores[0], rtol=0, atol=1e-6)
    assert (shown.top_drop, shown.random_drop) == pytest.approx(truth.drops, abs=1e-5)
    assert shown.winner == why.winner[0]
    row = window.table.row_of[ticker.symbol]
    up = why.probabilities[0, Class.UP]
    qtbot.waitUntil(
        lambda: abs(window.table.probabilities[row, Class.UP] - up) < 1e-6, timeout=LIMIT_MS
    )
    np.testing.assert_array_equal(ticker.series.bar_ms, bar_ms)


def ask(dealer: zmq.Socket[bytes], request: AnyRequest) -> Answer:
    dealer.send(wire.encode_request(request))
    assert dealer.poll(LIMIT_MS)
    request_id, answer = wire.decode_answer(dealer.recv_multipart())
    assert request_id == request.request_id
    return answer


@contextlib.contextmanager
def played(server: LiveServer) -> Iterator[zmq.Socket[bytes]]:
    """Connect to a server whose feed has ended."""
    with zmq.Context() as context, context.socket(zmq.SUB) as sub:
        sub.subscribe(wire.topic("status"))
        sub.connect(server.publish)
        state = ""
        while state != "ended":
            assert sub.poll(LIMIT_MS)
            message = wire.decode_published(sub.recv_multipart())
            state = message.state if isinstance(message, Status) else ""
        with context.socket(zmq.DEALER) as dealer:
            dealer.linger = 0
            dealer.connect(server.requests)
            yield dealer


@pytest.mark.slow
def test_any_method_and_class_is_explained_on_request(replayed: LiveServer, bars: Path) -> None:
    symbol, network = SYMBOLS[1], load_bundle("krx-daily").network
    truth = expected(bars, symbol)
    with played(replayed) as dealer:
        offered = ask(dealer, GetMethods(request_id=1))
        assert isinstance(offered, Methods)
        for method in offered.methods:
            request = GetExplanation(
                request_id=2, symbol=symbol, method=method.name, target=Class.DOWN
            )
            got = ask(dealer, request)
            assert isinstance(got, Explanation)
            assert (got.method, got.target, got.winner) == (method, 0, truth.why.winner[0])
            np.testing.assert_allclose(got.scaled, truth.why.scaled[0], rtol=0, atol=1e-5)
            maps = attribute(network, method.name, got.scaled[None], np.array([Class.DOWN]))
            shaped = maps[0].reshape(STEPS, method.columns)
            np.testing.assert_allclose(got.map, shaped, rtol=0, atol=1e-6)
            np.testing.assert_array_equal(got.bar_ms, truth.bar_ms[-STEPS:])
        live = ask(dealer, GetExplanation(request_id=3, symbol=symbol, method="saliency"))
        assert isinstance(live, Explanation)
        np.testing.assert_allclose(live.map, truth.why.saliency[0], rtol=0, atol=1e-5)
        assert (live.top_drop, live.random_drop) == pytest.approx(truth.drops, abs=1e-5)


def test_what_cannot_be_explained_gets_a_typed_refusal(replayed: LiveServer) -> None:
    changes: dict[str, dict[str, Any]] = {
        "unknown_method": {"method": "tea_leaves"},
        "unknown_class": {"target": 7},
        "unknown_ticker": {"symbol": "000000"},
    }
    fields: dict[str, Any] = {"symbol": SYMBOLS[0], "method": "saliency"}
    with played(replayed) as dealer:
        for code, change in changes.items():
            got = ask(dealer, GetExplanation(request_id=4, **(fields | change)))
            assert isinstance(got, Refusal)
            assert got.code == code


@pytest.mark.slow
def test_the_desk_shows_what_another_method_says_of_another_class(
    qtbot: QtBot, replayed: LiveServer, desk: OpenDesk
) -> None:
    window, _ = desk(replayed)
    qtbot.waitUntil(
        lambda: bool(window.table.decided.all()) and len(window.table) == 3, timeout=LIMIT_MS
    )
    ticker = double_click(qtbot, window, row=0)
    qtbot.waitUntil(lambda: len(ticker.explained.methods) > 1, timeout=LIMIT_MS)
    ticker.choose(Choice(method="integrated_gradients", target=Class.DOWN))
    qtbot.waitUntil(
        lambda: isinstance(ticker.explained.attribution(), AttributionMap), timeout=LIMIT_MS
    )
    shown = ticker.explained.attribution()
    assert isinstance(shown, AttributionMap)
    assert (shown.method.name, shown.target) == ("integrated_gradients", Class.DOWN)
    network, target = load_bundle("krx-daily").network, np.array([Class.DOWN])
    maps = attribute(network, "integrated_gradients", shown.scaled[None], target)
    np.testing.assert_allclose(shown.map, maps[0], rtol=0, atol=1e-6)


@pytest.mark.slow
def test_the_desk_is_whole_again_after_its_server_was_killed(
    qtbot: QtBot,
    start_server: StartServer,
    desk: OpenDesk,
    bars: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Silence is given up sooner, for nothing happens meanwhile.
    for module in ("client.state.health", "client.net.liveness"):
        monkeypatch.setattr(f"{module}.LOST_MS", 2_500)
    flags = ("--feed", f"replay:{bars}", "--speed", "60", "--bundle", "krx-daily")
    server = start_server(*flags, "--warmup", "60")
    window, link = desk(server)
    qtbot.waitUntil(lambda: bool(window.table.decided.any()), timeout=LIMIT_MS)
    ticker = double_click(qtbot, window, row=0)
    qtbot.waitUntil(lambda: ticker.explained.heatmap is not None, timeout=LIMIT_MS)
    before = ticker.explained.heatmap
    assert before is not None
    server.kill()
    qtbot.waitUntil(lambda: link.health().state == "lost", timeout=LIMIT_MS)
    start_server(*flags, "--warmup", "100", publish=server.publish, requests=server.requests)

    def whole() -> bool:
        shown = ticker.explained.heatmap
        return (
            link.health().state == "live"
            and shown is not None
            and shown.stamp.run_id != before.stamp.run_id
            and bool(window.table.decided.any())
        )

    qtbot.waitUntil(whole, timeout=LIMIT_MS)
