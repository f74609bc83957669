import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from models.bundles.bundle import load_bundle
from models.bundles.card import CalibrationCard
from models.bundles.files import WEIGHTS_FILE
from models.calibration.adaptive import AdaptiveState
from models.calibration.static import Calibration
from server.feeds.base import BarBatch, ListedTicker, ListingChange
from server.market.subscribed import Subscribed
from server.protocol.sequencer import Sequencer
from server.swap import model_swap
from server.swap.candidate import examined
from server.swap.mailbox import Mailbox, ModelRequest, ask
from server.swap.model_swap import ModelSwap
from server.swap.successor import BarsCopy, Successor
from shared.columns import COLUMNS
from shared.errors import BundleError, UnavailableError
from shared.settings import ServerSettings
from tests.kit.bundles import made_folder
from tests.kit.house import FULL, House, bars
from tests.kit.waiting import wait_for

DAYS = FULL + 8
NOBODY = Subscribed(heatmap=np.zeros(3, np.bool_), bar=np.zeros(3, np.bool_))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models that fit, and some that do not."""
    parent = tmp_path_factory.mktemp("models")
    made_folder(parent, "one", 3)
    made_folder(parent, "two", 5)
    made_folder(parent, "hourly", 7, interval="1h")
    learned = CalibrationCard(
        kind="none", static=Calibration(), adaptive=AdaptiveState(threshold=0.3)
    )
    made_folder(parent / "again", "one", 3, calibration=learned)
    shutil.copytree(parent / "two", parent / "half")
    weights = (parent / "two" / WEIGHTS_FILE).read_bytes()
    (parent / "half" / WEIGHTS_FILE).write_bytes(weights[: len(weights) // 2])
    (parent / "empty").mkdir()
    return parent


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_swap, "LOOK_S", 0.01)


def day(number: int, **changes: Any) -> BarBatch:
    moved = 100 + np.array([3.0, 7.0, 1.0]) * np.random.default_rng(number).normal(size=3)
    return bars(number, tuple(moved.round(2).tolist()), **changes)


def served(folders: Path, name: str) -> House:
    """A server that has read a history with a model and is live since."""
    house = House(load_bundle(str(folders / name)))
    for number in range(1, DAYS):
        house.run(day(number, history=True))
    house.cycle.end_history()
    house.run(day(DAYS))
    return house


@contextmanager
def swapping(house: House, folders: Path, name: str, **others: Any) -> Iterator[ModelSwap]:
    settings = ServerSettings()
    candidate = examined(str(folders / name), house.listing, settings)
    with ModelSwap(candidate, house.listing, settings, **others) as swap:
        house.cycle.heir = swap
        yield swap


def take_over(house: House, swap: ModelSwap) -> str:
    """Do what the main loop does as soon as a model is ready; return which one it was."""
    found = wait_for(lambda: swap.ready(house.cycle))
    model_id = found.candidate.model.model_id
    house.cycle.take_over(found.state, Sequencer("another", model_id))
    swap.done()
    return model_id


def test_another_model_decides_as_if_it_had_always_served(folders: Path) -> None:
    house, wanted = served(folders, "one"), served(folders, "two")
    said = house.cycle.buys.after(0, house.stamps.answer(0, 1)).symbols
    with swapping(house, folders, "one") as swap:
        swap.ask(str(folders / "two"))
        wait_for(lambda: swap.ready(house.cycle))
        # The market goes on while the model waits for the end of a cycle: it takes that as well.
        for one in (house, wanted):
            one.run(day(DAYS + 1, closed=False))
            one.run(day(DAYS + 1))
            one.cycle.relist(ListingChange(added=(ListedTicker(symbol="NEW", name="New"),)))
            one.run(bars(DAYS + 2, (50.0,), rows=(3,), closed=False))
        assert take_over(house, swap) == wanted.model.model_id
    for one in (house, wanted):
        one.run(day(DAYS + 2))
    for column in COLUMNS:
        found = house.cycle.state.column(column.name)
        assert np.array_equal(found, wanted.state.column(column.name)), column.name
    decided = np.flatnonzero(wanted.state.decided(np.arange(3)))
    assert len(decided) > 1
    assert np.array_equal(house.cycle.state.saliency[decided], wanted.state.saliency[decided])
    assert house.cycle.state.save().adaptive == wanted.state.save().adaptive
    assert house.cycle.status("live", 1).accepted == wanted.cycle.status("live", 1).accepted
    # It is another run: numbers begin anew, and what was said before stands under the first.
    status = house.cycle.status("live", 2)
    assert (status.stamp.run_id, status.stamp.model_id) == ("another", wanted.model.model_id)
    log = house.cycle.buys.after(0, status.stamp)
    assert log.complete
    assert log.symbols[: len(said)] == said
    assert set(log.sequence[: len(said)].tolist()) <= {1}


def test_a_model_that_does_not_fit_is_refused_and_the_one_before_goes_on(folders: Path) -> None:
    house, notes = served(folders, "one"), list[str]()
    before = house.model.model_id
    mailbox = Mailbox(folders / "mailbox")
    with (
        capture_logs() as logs,
        swapping(house, folders, "one", mailbox=mailbox, note=notes.append) as swap,
    ):
        ways = {
            "hourly": "was trained on bars of 1h",
            "half": "model.safetensors",
            "empty": "the bundle has no",
            "again/one": "give it a name of its own",
            "nowhere": "neither a folder nor a shipped bundle",
        }
        for name, why in ways.items():
            with pytest.raises(BundleError, match=why) as refused:
                ask(folders / "mailbox", ModelRequest(folder=str(folders / name)))
            assert swap.said == str(refused.value)
            assert swap.said.endswith(f"{before} goes on")
        # What serves already is no fault.
        said = ask(folders / "mailbox", ModelRequest(folder=str(folders / "one")))
        assert said == f"{before} serves already"
        swap.ask()  # as by a signal, which has no other answer than this
        wait_for(lambda: sum(log["event"] == "the model serves already" for log in logs) == 2)
        status = house.cycle.status("live", 1, model_note=swap.said)
        assert (status.stamp.model_id, status.model_note) == (before, said)
    assert len(notes) == len(ways) == sum(log["event"] == "a model is refused" for log in logs)
    with pytest.raises(UnavailableError, match="no server of this user"):
        ask(folders / "mailbox", ModelRequest(folder=str(folders / "two")))


def test_a_signal_has_the_folder_read_anew(folders: Path, tmp_path: Path) -> None:
    shutil.copytree(folders / "one", tmp_path / "serving")
    house = served(folders, "one")
    with swapping(house, tmp_path, "serving") as swap:
        shutil.copytree(folders / "two", tmp_path / "serving", dirs_exist_ok=True)
        swap.ask()
        assert take_over(house, swap).startswith("two@")


def test_the_model_that_serves_learns_from_a_past_that_it_was_not_asked_about(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, wanted = served(folders, "one"), served(folders, "one")
    with swapping(house, folders, "one") as swap:
        house.cycle.owes_past = True
        found = wait_for(lambda: swap.ready(house.cycle))
        assert found.candidate.model.model_id == house.model.model_id
        # Who asks for another model meanwhile need not wait for it.
        swap.ask(str(folders / "two"))
        for _ in house.cycle.learn_past(found.state, 1, NOBODY):
            pass
        swap.done()
        assert take_over(house, swap).startswith("two@")
    assert found.state.save().adaptive == wanted.state.save().adaptive
    assert not house.cycle.owes_past
    # What cannot be learned is told once, and the market goes on.
    broken = served(folders, "one")

    def fails(*_: object) -> None:
        raise ValueError("made")

    monkeypatch.setattr(Successor, "warm_up", fails)
    with capture_logs() as logs, swapping(broken, folders, "one") as swap:
        broken.cycle.owes_past = True
        wait_for(lambda: bool(logs) or swap.ready(broken.cycle))
        assert swap.ready(broken.cycle) is None
    assert [log["log_level"] for log in logs] == ["error"]


def test_bars_that_are_copied_a_few_tickers_at_a_time_are_those_of_all(folders: Path) -> None:
    state = served(folders, "one").state
    few = BarsCopy(state, at_once=2)
    assert few.go_on() is None
    parts, whole = few.go_on(), BarsCopy(state).go_on()
    assert parts is not None
    assert whole is not None
    for found, wanted in zip(parts.batches(), whole.batches(), strict=True):
        assert np.array_equal(found.rows, wanted.rows)
        assert np.array_equal(found.bar_ms, wanted.bar_ms)
        assert np.array_equal(found.ohlcv, wanted.ohlcv)
