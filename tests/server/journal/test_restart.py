import dataclasses
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
import pytest
from structlog.testing import capture_logs

from models.bundles.files import find_bundle, read_files
from models.inference.served import Served, read_served
from server.feeds.base import BarBatch
from server.feeds.simulated import HISTORY, QUARTERS, SimulatedFeed
from server.journal import checkpoint, reading
from server.journal.journal import Journal
from server.journal.opening import new_cycle
from server.journal.records import JournalRun
from server.journal.track import Track
from server.journal.writer import Retention
from server.market.cycle import Cycle
from server.market.moment import FoundBuys
from server.market.subscribed import Subscribed
from shared.columns import COLUMNS
from shared.errors import SettingsError
from shared.protocol.messages import Buy
from shared.settings import ServerSettings
from tests.kit.house import NO_MODEL

TICKERS = 12
PAST = 44  # days of history that are played; a window needs 29
DAYS = 12  # live ones
NOBODY = Subscribed(heatmap=np.zeros(TICKERS, np.bool_), bar=np.zeros(TICKERS, np.bool_))
FEED = SimulatedFeed(TICKERS, seed=7)
Key = tuple[str, int]


@pytest.fixture(scope="module")
def served() -> Served:
    """A model whose recalibrator has something to learn."""
    return read_served(read_files(find_bundle("krx-daily")), "krx-daily")


def batches() -> list[BarBatch]:
    found = []
    for event in FEED.events():
        if isinstance(event, BarBatch):
            found.append(event)
        if len(found) == HISTORY + DAYS * QUARTERS:
            break
    return found[HISTORY - PAST :]


ALL = batches()


def play(cycle: Cycle, journal: Journal | None, events: Iterable[BarBatch]) -> list[FoundBuys]:
    """Play batches, and return the buys that were said of them."""
    cycle.loading, found = True, []
    for event in events:
        if cycle.loading and not event.history:
            cycle.end_history()
        for said in cycle.run(event, int(event.bar_ms[0]), NOBODY):
            assert journal is None or not any(isinstance(message, Buy) for message in said)
        found += [] if journal is None else journal.settled()
    if journal is not None:
        journal.settle()
        found += journal.settled()
    return found


def keys(buys: Iterable[FoundBuys]) -> list[Key]:
    return [key for found in buys for key in zip(found.symbols, found.bar_ms.tolist(), strict=True)]


@contextmanager
def kept(folder: Path, bundle: Served, run: str, source: str = "made") -> Iterator[Journal]:
    who = JournalRun(
        source=source,
        run_id=run,
        begun_ms=1,
        model_id=bundle.model_id,
        label_rule="",
        files=NO_MODEL,
    )
    journal = Journal(folder, who, Retention(days=0, bar_days=30))
    try:
        yield journal
    finally:
        journal.close()


def resumed(cycle: Cycle) -> list[BarBatch]:
    """Return what a feed gives to a server that knows all up to its newest bar."""
    known_ms = cycle.state.windows.newest_closed_ms
    return [
        dataclasses.replace(batch, history=True) if batch.bar_ms[0] <= known_ms else batch
        for batch in ALL
        if batch.closed or batch.bar_ms[0] > known_ms
    ]


def test_a_server_that_starts_again_decides_as_one_that_never_stopped(
    served: Served, tmp_path: Path
) -> None:
    settings = ServerSettings()
    never = new_cycle(None, FEED.listing, served, settings)
    play(never, None, ALL)
    wanted = never.buys.after(0, never.stamps.answer(0, 1))
    said: list[FoundBuys] = []
    # The third one is cut in the middle of a day, and never writes a checkpoint.
    for run, until in enumerate([36, PAST + 14, PAST + 30, len(ALL)]):
        with kept(tmp_path, served, f"run{run}") as journal:
            with capture_logs() as logs:
                cycle = new_cycle(journal, FEED.listing, served, settings)
            assert cycle.resumed == (run > 0)
            # Who plays a file again must know why it does not begin at its beginning.
            assert any("newest_bar" in log for log in logs) == cycle.resumed
            events = resumed(cycle) if cycle.resumed else ALL
            end_ms = ALL[until - 1].bar_ms[0]
            said += play(cycle, journal, [e for e in events if e.bar_ms[0] <= end_ms])
    assert keys(said) == list(zip(wanted.symbols, wanted.bar_ms.tolist(), strict=True))
    for column in COLUMNS:
        assert np.array_equal(cycle.state.column(column.name), never.state.column(column.name))
    assert np.array_equal(cycle.state.saliency, never.state.saliency)
    assert cycle.state.save().adaptive == never.state.save().adaptive
    assert cycle.reasons() == never.reasons() == {}
    with reading.reading(tmp_path) as database:
        assert len(reading.open_buys(database, served.model_id)) == wanted.bar_ms.tolist().count(
            int(ALL[-1].bar_ms[0])
        )
        judged = reading.newest_judged(database, served.model_id, 10_000)
    track = journal.track
    assert track is not None
    assert track.judged == len(judged) > 0
    recalled = Track(lag=1)
    with reading.reading(tmp_path) as database:
        recalled.recall(database, served.model_id)
    assert msgspec.to_builtins(recalled.record) == pytest.approx(msgspec.to_builtins(track))
    # A desk that comes back is told all of it, under one number.
    with kept(tmp_path, served, "last") as journal:
        cycle = new_cycle(journal, FEED.listing, served, settings)
        log = cycle.buys.after(0, cycle.stamps.answer(0, 1))
    assert log.symbols == wanted.symbols
    assert (log.complete, log.buy_sequence, set(log.sequence.tolist())) == (True, 1, {1})


def test_what_was_missed_is_told_late_and_nothing_twice(served: Served, tmp_path: Path) -> None:
    settings = ServerSettings()
    with kept(tmp_path, served, "first") as journal:
        play(new_cycle(journal, FEED.listing, served, settings), journal, ALL[: PAST + 8])
        journal.save()
    with kept(tmp_path, served, "second") as journal:
        cycle = new_cycle(journal, FEED.listing, served, settings)
        before = cycle.buys.after(0, cycle.stamps.answer(0, 1)).symbols
        history = [dataclasses.replace(b, history=True) for b in ALL if b.closed]
        missed = play(cycle, journal, history)
        assert missed
        assert all(found.late for found in missed)
        for found in missed:
            cycle.say_buys(found)
        log = cycle.buys.after(0, cycle.stamps.answer(0, 1))
        assert log.late == tuple(range(len(before), len(log.symbols)))
    # Without the checkpoint all of it is decided again, as news: one buy a fact.
    (path,) = tmp_path.glob("state-*.npz")
    path.unlink()
    with kept(tmp_path, served, "third") as journal:
        cycle = new_cycle(journal, FEED.listing, served, settings)
        assert not cycle.resumed
        assert keys(play(cycle, journal, ALL)) == []


def test_outcomes_of_a_bar_are_awaited_for_each_model_that_bought_on_it(
    served: Served, tmp_path: Path
) -> None:
    other = dataclasses.replace(served, card=msgspec.structs.replace(served.card, name="other"))
    closed = [dataclasses.replace(b, history=False) for b in ALL if b.closed]
    for model in (served, other):
        with kept(tmp_path, model, model.model_id) as journal:
            play(new_cycle(journal, FEED.listing, model, ServerSettings()), journal, closed)
    with reading.reading(tmp_path) as database:
        judged, again = (
            reading.newest_judged(database, m.model_id, 10_000) for m in (served, other)
        )
    assert judged == again != []


def test_bars_that_come_again_in_any_order_make_no_second_buy(
    served: Served, tmp_path: Path
) -> None:
    again = [dataclasses.replace(b, history=False) for b in ALL if b.closed]
    # Backwards in parts, and every third moment corrected by a tenth of a percent.
    parts = [again[start : start + 5] for start in range(0, len(again), 5)]
    back = [batch for part in reversed(parts) for batch in part]
    back[::3] = [dataclasses.replace(b, ohlcv=b.ohlcv * 1.001) for b in back[::3]]
    said: list[FoundBuys] = []
    with kept(tmp_path, served, "first") as journal:
        cycle = new_cycle(journal, FEED.listing, served, ServerSettings())
        for events in (ALL, again, back):
            said += play(cycle, journal, events)
    # By one that knows the journal alone, too: to it all of them are news.
    for state in tmp_path.glob("state-*.npz"):
        state.unlink()
    with kept(tmp_path, served, "second") as journal:
        said += play(new_cycle(journal, FEED.listing, served, ServerSettings()), journal, again)
    with reading.reading(tmp_path) as database:
        facts = database.execute("SELECT symbol, bar_ms FROM buys").fetchall()
    assert len(set(facts)) == len(facts) > 50
    assert sorted(keys(said)) == sorted(facts)


def test_a_damaged_checkpoint_is_set_aside_and_one_of_other_rules_left_alone(
    served: Served, tmp_path: Path
) -> None:
    with kept(tmp_path, served, "first") as journal:
        play(new_cycle(journal, FEED.listing, served, ServerSettings()), journal, ALL[:40])
        journal.save()
    (path,) = tmp_path.glob("state-*.npz")
    whole = path.read_bytes()
    with kept(tmp_path, served, "others") as journal:
        assert not new_cycle(
            journal, FEED.listing, served, ServerSettings(recalibrate=False)
        ).resumed
    for damaged in (whole[:-100], whole[: len(whole) // 2] + b"x" + whole[len(whole) // 2 + 1 :]):
        path.write_bytes(damaged)
        with pytest.raises(checkpoint.DamagedCheckpointError):
            checkpoint.read(path, "")
    with kept(tmp_path, served, "second") as journal:
        assert not new_cycle(journal, FEED.listing, served, ServerSettings()).resumed
        assert list(tmp_path.glob("state-*.damaged-*"))
    with (
        kept(tmp_path, served, "third", source="other bars") as journal,
        pytest.raises(SettingsError, match="--journal off"),
    ):
        new_cycle(journal, FEED.listing, served, ServerSettings())
