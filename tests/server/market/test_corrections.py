"""Closed bars that a source mends: what follows them, and what was said and stays."""

import dataclasses

import msgspec
import numpy as np
import pytest

from models.bundles.bundle import Bundle
from models.calibration.adaptive import Recalibrator
from models.data.bars import DropReason
from models.data.labels import FixedReturn, LabelRule, ScaledReturn
from server.feeds.base import BarBatch
from shared.columns import DECIDED, FORMING, UP_WINS
from shared.contract import Class, Float64, Int64
from shared.protocol.answers import Bars, Refusal
from shared.protocol.messages import Bar, Buy, Confidence, Heatmap, Published
from shared.protocol.requests import GetBars, GetHeatmap
from tests.kit.house import DAY_MS, FULL, SYMBOLS, House, bars

A = SYMBOLS[0]


def kinds(said: list[Published]) -> list[type[Published]]:
    return [type(message) for message in said]


def charted(house: House) -> Bars:
    answer = house.answers.answer(GetBars(request_id=1, symbol=A, count=600), 0)
    assert isinstance(answer, Bars)
    return answer


def shown(house: House) -> Heatmap:
    answer = house.answers.answer(GetHeatmap(request_id=1, symbol=A), 0)
    assert isinstance(answer, Heatmap)
    return answer


def test_row_and_chart_follow_and_the_decision_stays(house: House) -> None:
    house.fill()
    house.run(bars(FULL + 1, (102.0,)))
    before = charted(house)
    said = house.run(bars(FULL + 1, (95.0,)), 0)
    assert kinds(said) == [Confidence, Bar]  # and no second buy
    row, bar = said
    assert isinstance(row, Confidence)
    assert isinstance(bar, Bar)
    assert (row.symbols, row.last.tolist()) == ((A,), [95.0])
    assert row.change == pytest.approx([-0.05])
    assert row.flags.tolist() == [DECIDED | UP_WINS]
    assert (bar.stamp.newest_bar_ms, bar.closed) == ((FULL + 1) * DAY_MS, True)
    assert bar.ohlcv[3] == 95.0
    after = charted(house)
    assert after.ohlcv[-1, 3] == 95.0
    assert after.bar_ms.tolist() == before.bar_ms.tolist()
    np.testing.assert_array_equal(after.probabilities, before.probabilities)
    np.testing.assert_array_equal(row.probabilities, before.probabilities[-1:])
    (buy,) = house.buys.after(0, house.stamps.answer(0, 0)).last.tolist()
    assert buy == 102.0


def test_a_map_is_of_the_window_that_was_decided_on(house: House) -> None:
    house.fill()
    house.run(bars(FULL + 1, (102.0,)))
    before = shown(house)
    house.run(bars(FULL + 1, (10.0,)))  # by this, a split: there is no window now
    assert not house.state.windows.full[0]
    after = shown(house)
    np.testing.assert_array_equal(after.raw, before.raw)
    np.testing.assert_array_equal(after.scaled, before.scaled)
    np.testing.assert_array_equal(after.bar_ms, before.bar_ms)
    assert house.cycle.status("live", 0).decided == 3
    house.run(bars(FULL + 2, (10.1,)))
    refused = house.answers.answer(GetHeatmap(request_id=1, symbol=A), 0)
    assert isinstance(refused, Refusal)
    assert refused.code == "no_window"


def test_the_next_decision_sees_the_corrected_bar(house: House) -> None:
    house.fill()
    house.run(bars(FULL + 1, (102.0,)))
    house.run(bars(FULL + 1, (104.0,)))
    (row,) = house.run(bars(FULL + 2, (104.0,)))  # flat since then, up since the wrong close
    assert isinstance(row, Confidence)
    assert row.change.tolist() == [0]
    assert row.probabilities.argmax(axis=1).tolist() == [Class.FLAT]


def test_the_bar_before_the_newest_changes_the_change_alone(house: House) -> None:
    house.fill()
    house.run(bars(FULL + 1, (100.0,)))
    house.run(bars(FULL + 2, (102.0,)))
    said = house.run(bars(FULL + 1, (101.0,)), 0)
    assert kinds(said) == [Confidence, Bar]
    row, bar = said
    assert isinstance(row, Confidence)
    assert (row.last.tolist(), row.bar_ms.tolist()) == ([102.0], [(FULL + 2) * DAY_MS])
    assert row.change == pytest.approx([102 / 101 - 1])
    assert bar.stamp.newest_bar_ms == (FULL + 1) * DAY_MS


def test_a_bar_far_back_is_told_to_who_looks_at_it_alone(house: House) -> None:
    house.fill()
    assert kinds(house.run(bars(3, (101.0,)), 0)) == [Bar]
    assert charted(house).ohlcv[2, 3] == 101.0
    assert house.run(bars(4, (101.0,)), 1) == []


def test_a_forming_bar_is_compared_with_the_corrected_close(house: House) -> None:
    house.fill()
    house.run(bars(FULL + 1, (100.0,)))
    house.run(bars(FULL + 2, (102.0,), closed=False))
    (row,) = house.run(bars(FULL + 1, (101.0,)))
    assert isinstance(row, Confidence)
    assert (row.last.tolist(), row.bar_ms.tolist()) == ([102.0], [(FULL + 2) * DAY_MS])
    assert row.change == pytest.approx([102 / 101 - 1])
    assert row.flags[0] & FORMING


def test_the_same_bar_again_says_nothing_and_is_counted(house: House) -> None:
    house.fill()
    house.run(bars(FULL + 1, (102.0,)))
    assert house.run(bars(FULL + 1, (102.0,)), 0) == []
    assert house.cycle.status("live", 0).dropped == {"duplicate": 1}


def test_corrections_are_counted(house: House) -> None:
    house.fill()
    house.run(bars(FULL, (101.0, 102.0)))
    house.run(bars(FULL - 1, (101.0,)))
    assert house.cycle.status("live", 0).dropped == {DropReason.CORRECTED: 3}
    assert house.cycle.status("live", 0).accepted == 3 * FULL


def test_a_batch_holds_corrections_and_new_bars(house: House) -> None:
    house.fill()
    batch = BarBatch(
        rows=np.array([0, 1]),
        bar_ms=np.array([FULL, FULL + 1]) * DAY_MS,
        ohlcv=np.array([[101.0] * 4 + [5.0], [102.0] * 4 + [5.0]]),
    )
    said = house.run(batch, 0, 1)
    assert kinds(said) == [Confidence, Buy, Heatmap, Bar, Bar]
    row, buy = said[:2]
    assert isinstance(row, Confidence)
    assert isinstance(buy, Buy)
    assert set(row.symbols) == set(SYMBOLS[:2])
    assert buy.symbols == (SYMBOLS[1],)


def test_history_is_corrected_without_a_word(house: House) -> None:
    house.fill()
    assert house.run(bars(FULL, (101.0,), history=True), 0) == []
    assert house.state.last[0] == 101.0


@pytest.fixture
def learned(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The classes that came true, in the order in which they were learned."""
    classes: list[int] = []

    def learn(_self: Recalibrator, _logits: Float64, label: Int64) -> None:
        classes.extend(label.tolist())

    monkeypatch.setattr(Recalibrator, "learn", learn)
    return classes


def following(follower: Bundle, rule: LabelRule) -> House:
    card = msgspec.structs.replace(follower.card, label=rule)
    house = House(dataclasses.replace(follower, card=card))
    house.fill()
    house.run(bars(FULL + 1, (100.0,)))
    return house


def test_an_open_decision_is_judged_by_the_corrected_close(
    follower: Bundle, learned: list[int]
) -> None:
    house = following(follower, FixedReturn(horizon=2))
    house.run(bars(FULL + 1, (99.0,)))
    house.run(bars(FULL + 2, (99.0,)))
    learned.clear()
    house.run(bars(FULL + 3, (100.0,)))
    assert learned == [Class.UP]  # of 99; of the close that was first said it would be flat


def test_an_open_decision_is_judged_by_the_corrected_volatility(
    follower: Bundle, learned: list[int]
) -> None:
    house = following(follower, ScaledReturn(horizon=1, width=1.0))
    house.run(bars(FULL, (103.0,)))
    learned.clear()
    house.run(bars(FULL + 2, (101.0,)))
    assert learned == [Class.FLAT]  # still bars would make it up


def test_a_jump_that_a_correction_makes_leaves_a_decision_without_an_outcome(
    follower: Bundle, learned: list[int]
) -> None:
    house = following(follower, FixedReturn(horizon=2))
    house.run(bars(FULL + 2, (100.0,)))
    house.run(bars(FULL + 2, (50.0,)))
    learned.clear()
    house.run(bars(FULL + 3, (51.0,)))
    assert learned == []


def test_what_was_learned_of_a_wrong_close_is_not_unlearned(
    follower: Bundle, learned: list[int]
) -> None:
    house = following(follower, FixedReturn())
    learned.clear()
    house.run(bars(FULL + 2, (102.0,)))
    house.run(bars(FULL + 2, (98.0,)))
    assert learned == [Class.UP]
