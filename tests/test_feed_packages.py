"""The example packages of a feed and of an alert, in a real server, with a real link to a desk."""

import csv
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from client.net.link import Link
from client.state.inbox import Inbox
from client.state.table import Table
from client.state.update import Update
from server.alerts.base import BuyEvent, ServerEvent
from server.alerts.registry import alert_kind, open_alert
from shared.endpoints import Endpoints
from tests.kit.house import DAY_MS, FULL
from tests.kit.live_server import LiveServer, StartServer
from tests.kit.plugin_install import install_example, on_the_path, unpack_example
from tests.kit.waiting import wait_for

BUY = BuyEvent(
    symbol="AAPL",
    name="Apple, Inc.",
    confidence=0.75,
    last=2.5,
    bar_ms=1,
    made_ms=2,
    model_id="net@01234567",
    simulated=False,
)


def bar(symbol: str, day: int, close: float, *, history: bool = False) -> dict[str, object]:
    ohlcv = [close, close, close, close, 500]
    return {"symbol": symbol, "ms": day * DAY_MS, "ohlcv": ohlcv, "history": history}


def add(path: Path, *lines: dict[str, object]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(line)}\n" for line in lines)


class LiveDesk:
    """A link, and what a desk would make of it."""

    def __init__(self, inbox: Inbox, link: Link) -> None:
        self.link, self._inbox = link, inbox
        self.table = Table()
        self.updates: list[Update] = []

    def shows(self, rows: dict[str, float]) -> bool:
        update = self._inbox.drain()
        self.updates.append(update)
        self.table.apply(update)
        return dict(zip(self.table.symbols, self.table.last.tolist(), strict=True)) == rows

    def wait_for(self, rows: dict[str, float]) -> None:
        wait_for(lambda: self.shows(rows))


@contextmanager
def linked(server: LiveServer) -> Iterator[LiveDesk]:
    inbox = Inbox()
    link = Link(Endpoints(publish=server.publish, requests=server.requests), inbox)
    link.start()
    try:
        yield LiveDesk(inbox, link)
    finally:
        assert link.stop()


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A market of two, of which the history is known."""
    path = tmp_path / "market.ndjson"
    add(path, {"list": ["AAPL", "MSFT"]})
    for day in range(1, FULL + 1):
        add(path, bar("AAPL", day, 100, history=True), bar("MSFT", day, 50, history=True))
    add(path, {"live": True})
    return path


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Where the feed and the alert are installed."""
    feed, alert = "tickerlens_ndjson", "tickerlens_csv_alert"
    return (
        install_example(feed, tmp_path_factory.mktemp(feed)),
        unpack_example(alert, tmp_path_factory.mktemp(alert)),
    )


@pytest.fixture
def packages(
    sites: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    feed, alert = sites
    environment = {"TICKERLENS_ALERT__CSV__PATH": str(tmp_path / "buys.csv")}
    with on_the_path(feed, monkeypatch), on_the_path(alert, monkeypatch, environment):
        yield


FLAGS = ("--bundle", "krx-daily", "--feed-option", "follow=true", "--alerts", "csv")


@pytest.mark.usefixtures("packages")
def test_a_desk_follows_a_market_that_lists_and_delists(
    start_server: StartServer, lines: Path, tmp_path: Path
) -> None:
    server = start_server("--feed", f"ndjson:{lines}", *FLAGS)
    with linked(server) as desk:
        history = {"AAPL": 100.0, "MSFT": 50.0}
        wait_for(lambda: desk.shows(history) and desk.table.decided.all())
        add(lines, bar("AAPL", FULL + 1, 101))
        desk.wait_for({"AAPL": 101.0, "MSFT": 50.0})
        before = desk.table.probabilities[0].tolist()
        desk.updates.clear()
        add(lines, {"list": ["AAPL", "NVDA"]}, bar("NVDA", FULL + 1, 7))
        desk.wait_for({"AAPL": 101.0, "NVDA": 7.0})
        assert not any(update.restarted for update in desk.updates)
        assert desk.table.probabilities[0].tolist() == before
        add(lines, bar("AAPL", FULL + 2, 102), bar("NVDA", FULL + 2, 8))
        desk.wait_for({"AAPL": 102.0, "NVDA": 8.0})
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait() == 0  # although the feed waits for the next line
    assert (tmp_path / "buys.csv").read_text().startswith("symbol,name,confidence,last\n")


@pytest.mark.usefixtures("packages")
def test_a_desk_is_told_why_a_feed_broke_off_and_keeps_what_it_had(
    start_server: StartServer, lines: Path
) -> None:
    server = start_server("--feed", f"ndjson:{lines}", *FLAGS, "--log-format", "json")
    with linked(server) as desk:
        desk.wait_for({"AAPL": 100.0, "MSFT": 50.0})
        add(lines, bar("GOOG", FULL + 1, 101))

        def failed() -> str:
            desk.shows({})
            statuses = [u.status for u in desk.updates if u.status is not None]
            return statuses[-1].feed_error if statuses else ""

        sentence = wait_for(failed)
        assert "'ndjson'" in sentence
        assert "KeyError: 'GOOG'" in sentence
        assert desk.shows({"AAPL": 100.0, "MSFT": 50.0})
        assert desk.link.health().state == "live"


@pytest.mark.usefixtures("packages")
def test_the_example_of_an_alert_writes_buys_of_enough_confidence(tmp_path: Path) -> None:
    path = tmp_path / "told.csv"
    alert = open_alert("csv", alert_kind("csv").settings(path=str(path), least=0.5))
    alert.tell(BUY)
    alert.tell(msgspec.structs.replace(BUY, confidence=0.4))
    alert.tell(ServerEvent(phase="ended", feed="made", sentence="", made_ms=3))
    alert.close()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["symbol"], row["name"], float(row["last"])) for row in rows] == [
        ("AAPL", "Apple, Inc.", 2.5)
    ]
