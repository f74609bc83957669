"""Models that take over a whole server under load: sockets, journal and explanations follow."""

from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest
from structlog.testing import capture_logs

from models.bundles.bundle import load_bundle
from models.bundles.files import read_files
from models.inference.engine import Engine
from models.inference.served import read_served
from server.feeds.base import FeedEvent, HistoryEnd, Listing
from server.journal import reading
from server.journal.journal import Journal
from server.journal.records import run_of
from server.journal.time_machine import decision_at
from server.journal.writer import Retention
from server.swap import model_swap
from server.swap.candidate import examined
from server.swap.model_swap import ModelSwap
from shared.protocol.messages import Buy, Confidence, Published
from shared.settings import ServerSettings
from tests.kit.bundles import made_folder
from tests.kit.feeds import MadeFeed
from tests.kit.house import FULL, SYMBOLS, Context, House, bars
from tests.kit.running_server import running


def moved(number: int) -> tuple[float, ...]:
    moves = np.random.default_rng(number).normal(size=len(SYMBOLS))
    return tuple((100 + 2 * moves).round(2).tolist())


class FedFeed(MadeFeed):
    """Three tickers with full windows; days go on as a test asks for them."""

    def __init__(self, listing: Listing) -> None:
        super().__init__(listing)
        self.days = SimpleQueue[int]()

    def events(self) -> Iterator[FeedEvent]:
        for number in range(1, FULL + 1):
            yield bars(number, moved(number), history=True)
        yield HistoryEnd()
        while number := self.days.get():
            yield bars(number, moved(number))

    def stop(self) -> None:
        self.days.put(0)


def test_no_message_is_of_two_models_however_often_one_takes_over(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_swap, "LOOK_S", 0.01)
    made_folder(tmp_path, "one", 3)
    made_folder(tmp_path, "two", 5)
    made_folder(tmp_path, "hourly", 7, interval="1h")
    bundle, settings = load_bundle(str(tmp_path / "one")), ServerSettings()
    listing = House(bundle).listing
    first = examined(str(tmp_path / "one"), listing, settings)
    run = run_of("made", "first", first.model, first.files)
    journal = Journal(tmp_path / "journal", run, Retention(days=0, bar_days=30))
    feed, refused, heard = FedFeed(listing), list[str](), list[Published]()
    with (
        capture_logs(),
        ModelSwap(
            *(first, listing, settings), prepare=journal.prepare, note=refused.append
        ) as swap,
        running(
            *(context, feed, bundle, b"confidence/", b"buy/"), journal=journal, swap=swap
        ) as desk,
    ):
        desk.hear_until("live")
        number = FULL
        for name in ("two", "hourly", "one"):
            swap.ask(str(tmp_path / name))
            before, until, done = len(refused), number + 12, False
            while not done or number < until:
                number += 1
                feed.days.put(number)
                one = desk.hear()
                while not isinstance(one, Confidence):
                    heard.append(one)
                    one = desk.hear()
                heard.append(one)
                done = done or len(refused) > before or one.stamp.model_id.startswith(f"{name}@")
        desk.stop.ask()
        heard += desk.hear_until("goodbye")
        desk.ran.result()
    journal.close()
    model_of = dict[str, str]()
    for message in heard:
        stamp = message.stamp
        assert model_of.setdefault(stamp.run_id, stamp.model_id) == stamp.model_id
    assert [m.partition("@")[0] for m in model_of.values()] == ["one", "two", "one"]
    # Each run counts from its own beginning, and no bar is left out or said twice.
    days = [m.stamp.newest_bar_ms for m in heard if isinstance(m, Confidence)]
    assert days == sorted(set(days))
    assert len(days) == number - FULL
    # The journal has each buy under the run that said it, and under its model.
    said = {
        (m.stamp.run_id, m.stamp.model_id, symbol, bar_ms)
        for m in heard
        if isinstance(m, Buy)
        for symbol, bar_ms in zip(m.symbols, m.bar_ms.tolist(), strict=True)
    }
    with reading.reading(tmp_path / "journal") as database:
        kept = set(database.execute("SELECT run_id, model_id, symbol, bar_ms FROM buys"))
        runs = database.execute(
            "SELECT run_id, model_id FROM run JOIN model ON model.id = run.model ORDER BY run.id"
        ).fetchall()
        (open_runs,) = database.execute(
            "SELECT count(*) FROM run WHERE ended_ms IS NULL"
        ).fetchone()
        (moments,) = database.execute("SELECT count(*) FROM moment WHERE history = 0").fetchone()
        # What each of them decided is explained by itself, whichever serves by then.
        decided_by = {
            m.stamp.newest_bar_ms: m.stamp.model_id for m in heard if isinstance(m, Confidence)
        }
        for day_ms in (days[0], days[len(days) // 2], days[-1]):
            past = decision_at(database, SYMBOLS[0], day_ms)
            assert past.model_id == decided_by[day_ms]
            name = str(tmp_path / past.model_id.partition("@")[0])
            engine = Engine(read_served(read_files(Path(name)), name))
            found = engine.saliency(past.scaled[None], np.array([past.winner]))
            np.testing.assert_allclose(past.saliency, found[0], atol=1e-6)
    assert said == kept
    assert {model for _, model, _, _ in said} == set(model_of.values())
    assert dict(runs) == model_of
    assert open_runs == 0
    assert moments == len(days)
