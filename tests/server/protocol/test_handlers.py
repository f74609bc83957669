from typing import Any

import numpy as np
import pytest

from models.data.features.price_volume import PRICE_VOLUME
from server.explain.jobs import Job
from server.protocol.handlers import Answerable
from shared.columns import DECIDED, FORMING, UP_WINS
from shared.protocol import wire
from shared.protocol.answers import Answer, Bars, BuyLog, ModelCard, Refusal, Snapshot, Universe
from shared.protocol.explanations import Methods
from shared.protocol.messages import Buy, Heatmap
from shared.protocol.requests import (
    GetBars,
    GetBuys,
    GetExplanation,
    GetHeatmap,
    GetMethods,
    GetModel,
    GetSnapshot,
    GetUniverse,
)
from tests.kit.house import DAY_MS, FULL, HOLDS, SYMBOLS, House, bars


def answer(house: House, request: Answerable) -> Answer:
    """Ask, and take the answer as it comes from the wire."""
    said = house.answers.answer(request, 2_000)
    assert not isinstance(said, Job)
    assert (said.stamp.sequence, said.stamp.made_ms) == (0, 2_000)
    request_id, got = wire.decode_answer([bytes(f) for f in wire.encode_answer(4, said)])
    assert request_id == 4
    return got


def bars_of(house: House, count: int = 240, symbol: str = SYMBOLS[0]) -> Bars:
    got = answer(house, GetBars(request_id=4, symbol=symbol, count=count))
    assert isinstance(got, Bars)
    return got


def test_the_universe_has_names_and_how_to_show_it(house: House) -> None:
    got = answer(house, GetUniverse(request_id=4))
    assert isinstance(got, Universe)
    assert (got.symbols, got.names) == (SYMBOLS, ("Ten", "Samsung", "Bitcoin"))
    assert got.markets == ("KOSPI", "KOSPI", "")
    assert (got.timezone, got.decimals, got.interval) == ("Asia/Seoul", 0, "1d")
    assert (got.feed, got.simulated) == ("made", True)


def test_the_model_card_comes_word_for_word(house: House) -> None:
    got = answer(house, GetModel(request_id=4))
    assert isinstance(got, ModelCard)
    assert got.card_json == '{"name": "made"}'
    assert (got.feature_set, got.features) == ("price_volume", PRICE_VOLUME.features)


def test_the_first_snapshot_knows_nothing_yet(house: House) -> None:
    got = answer(house, GetSnapshot(request_id=4))
    assert isinstance(got, Snapshot)
    assert got.symbols == SYMBOLS
    assert not got.flags.any()
    assert got.stamp.newest_bar_ms == 0


def test_a_snapshot_has_every_ticker_and_what_is_already_in_it(house: House) -> None:
    house.fill()
    house.run(bars(FULL + 1, (102.0, 98.0)))
    house.run(bars(FULL + 2, (103.0,), rows=(2,), closed=False))
    got = answer(house, GetSnapshot(request_id=4))
    assert isinstance(got, Snapshot)
    assert got.flags.tolist() == [DECIDED | UP_WINS, DECIDED, DECIDED | FORMING]
    assert got.last.tolist() == [102.0, 98.0, 103.0]
    assert (got.confidence_sequence, got.buy_sequence) == (2, 1)
    assert got.stamp.newest_bar_ms == (FULL + 2) * DAY_MS


def test_while_history_loads_prices_are_told_and_no_decision(house: House) -> None:
    house.fill()
    house.run(bars(FULL + 1, (102.0, 98.0, 100.0), history=True))
    house.cycle.loading = True
    got = answer(house, GetSnapshot(request_id=4))
    assert isinstance(got, Snapshot)
    assert got.last.tolist() == [102.0, 98.0, 100.0]
    for column in ("flags", "probabilities", "sets"):
        assert not got.column(column).any()
    for request in (
        GetHeatmap(request_id=4, symbol=SYMBOLS[0]),
        GetExplanation(request_id=4, symbol=SYMBOLS[0], method="saliency"),
    ):
        refused = answer(house, request)
        assert isinstance(refused, Refusal)
        assert refused.code == "no_window"
    house.cycle.end_history()
    later = answer(house, GetSnapshot(request_id=4))
    assert isinstance(later, Snapshot)
    assert later.flags.tolist() == [DECIDED | UP_WINS, DECIDED, DECIDED]


def test_the_buy_log_begins_after_what_the_desk_has(house: House) -> None:
    house.fill()
    for day, close in enumerate((102.0, 102.0, 104.0), start=FULL + 1):
        house.run(bars(day, (close,)))
    got = answer(house, GetBuys(request_id=4, after=1))
    assert isinstance(got, BuyLog)
    assert (got.sequence.tolist(), got.last.tolist()) == ([2], [104.0])


def test_bars_come_with_the_decisions_on_them(house: House) -> None:
    house.fill()
    house.run(bars(FULL + 1, (102.0,)))
    got = bars_of(house)
    assert (got.count, got.decisions, got.forming) == (FULL + 1, 2, False)
    assert got.bar_ms.tolist() == [d * DAY_MS for d in range(1, FULL + 2)]
    assert got.ohlcv[-1].tolist() == [102.0, 102.0, 102.0, 102.0, 500.0]
    assert got.decision_ms.tolist() == [FULL * DAY_MS, (FULL + 1) * DAY_MS]
    np.testing.assert_array_equal(got.probabilities[-1], house.state.probabilities[0])


def test_the_forming_bar_is_the_last_and_counts(house: House) -> None:
    house.fill()
    house.run(bars(FULL + 1, (102.0,), closed=False))
    got = bars_of(house, count=2)
    assert (got.count, got.forming) == (2, True)
    assert got.ohlcv[:, 3].tolist() == [100.0, 102.0]
    assert got.bar_ms.tolist() == [FULL * DAY_MS, (FULL + 1) * DAY_MS]
    assert got.stamp.newest_bar_ms == (FULL + 1) * DAY_MS
    assert bars_of(house, count=1).ohlcv[:, 3].tolist() == [102.0]


def test_decisions_older_than_the_bars_are_left_out(house: House) -> None:
    house.fill()
    for day in range(FULL + 1, FULL + 30):
        close = 50.0 if day > FULL + 5 else 100.0  # a split leaves bars without a decision
        house.run(bars(day, (close,)))
    got = bars_of(house, count=10)
    assert (got.count, got.decisions) == (10, 0)
    assert bars_of(house, count=26).decision_ms.tolist() == [
        (FULL + 4) * DAY_MS,
        (FULL + 5) * DAY_MS,
    ]


def test_a_ticker_without_bars_has_none(house: House) -> None:
    house.run(bars(1, (100.0,)))
    got = bars_of(house, symbol=SYMBOLS[2])
    assert (got.count, got.decisions) == (0, 0)


def test_a_heatmap_is_the_one_that_was_published(house: House) -> None:
    house.fill()
    said = house.run(bars(FULL + 1, (100.0, 98.0)), 1)[-2]
    assert isinstance(said, Heatmap)
    got = answer(house, GetHeatmap(request_id=4, symbol=SYMBOLS[1]))
    assert isinstance(got, Heatmap)
    for name in Heatmap.ARRAYS:
        np.testing.assert_array_equal(getattr(got, name), getattr(said, name))
    assert (got.winner, got.stamp.newest_bar_ms) == (said.winner, said.stamp.newest_bar_ms)


def test_a_ticker_without_a_full_window_has_no_heatmap(house: House) -> None:
    house.fill(days=FULL - 1)
    got = answer(house, GetHeatmap(request_id=4, symbol=SYMBOLS[0]))
    assert isinstance(got, Refusal)
    assert got.code == "no_window"


@pytest.mark.parametrize("kind", [GetBars, GetHeatmap])
def test_an_unknown_ticker_is_refused_by_name(
    house: House, kind: type[GetBars] | type[GetHeatmap]
) -> None:
    got = answer(house, kind(request_id=4, symbol="5930"))
    assert isinstance(got, Refusal)
    assert got.code == "unknown_ticker"
    assert "5930" in got.sentence


def test_asking_changes_nothing(house: House) -> None:
    house.fill()
    buys = [m for m in house.run(bars(FULL + 1, (102.0,))) if isinstance(m, Buy)]
    assert len(buys) == 1
    for request in (GetSnapshot(request_id=4), GetHeatmap(request_id=4, symbol=SYMBOLS[0])):
        first, again = (house.answers.answer(request, 2_000) for _ in range(2))
        assert [bytes(f) for f in wire.encode(first)] == [bytes(f) for f in wire.encode(again)]
    assert house.stamps.newest("confidence") == 1


def test_the_methods_come_with_what_was_found_of_them(house: House) -> None:
    got = answer(house, GetMethods(request_id=4))
    assert isinstance(got, Methods)
    assert [m.name for m in got.methods if m.live] == [got.methods[0].name] == ["saliency"]
    verdicts = {m.name: m.verdict for m in got.methods}
    assert verdicts["occlusion"] == HOLDS
    assert set(verdicts.values()) == {None, HOLDS}
    assert "grad_cam" not in verdicts  # the follower has no convolutions


@pytest.mark.parametrize(
    ("changes", "code", "sentence"),
    [
        ({"symbol": "000660"}, "unknown_ticker", "There is no ticker 000660."),
        ({"method": "grad_cam"}, "unknown_method", "cannot be explained by grad_cam"),
        ({"method": "x" * 64}, "unknown_method", "cannot be explained by xxx"),
        ({"target": 3}, "unknown_class", "A class is 0 to 2, was 3."),
        ({"target": -1}, "unknown_class", "A class is 0 to 2, was -1."),
        ({"target": 2**63 - 1}, "unknown_class", "A class is 0 to 2"),
        ({"symbol": SYMBOLS[2]}, "no_window", "has not enough bars yet"),
    ],
)
def test_what_cannot_be_explained_is_refused_at_once(
    house: House, changes: dict[str, Any], code: str, sentence: str
) -> None:
    for day in range(1, FULL + 1):
        house.run(bars(day, (100.0, 100.0)))
    fields: dict[str, Any] = {"symbol": SYMBOLS[0], "method": "saliency"}
    got = answer(house, GetExplanation(request_id=4, **(fields | changes)))
    assert isinstance(got, Refusal)
    assert got.code == code
    assert sentence in got.sentence


@pytest.mark.parametrize(("target", "expected"), [(None, 2), (0, 0), (1, 1)])
def test_a_question_becomes_a_job_about_the_window_of_now(
    house: House, target: int | None, expected: int
) -> None:
    house.fill()
    house.run(bars(FULL + 1, (102.0,)))
    request = GetExplanation(request_id=4, symbol=SYMBOLS[0], method="occlusion", target=target)
    job = house.answers.answer(request, 2_000)
    assert isinstance(job, Job)
    assert (job.method.name, job.winner, job.target) == ("occlusion", 2, expected)
    assert job.method.verdict == HOLDS
    np.testing.assert_array_equal(job.raw, house.state.windows.features(np.array([0]))[0])
    assert job.bar_ms[-1] == job.stamp.newest_bar_ms == (FULL + 1) * DAY_MS
