"""Tickers that come, go and are renamed while the server runs."""

import numpy as np
import pytest

from server.feeds.base import ListedTicker, ListingChange
from shared.protocol.answers import Bars, Refusal, Snapshot, Universe
from shared.protocol.messages import Bar, Confidence, Heatmap
from shared.protocol.requests import GetBars, GetHeatmap, GetSnapshot, GetUniverse
from tests.kit.house import DAY_MS, FULL, SYMBOLS, House, bars

A, B, C = SYMBOLS


def listed(symbol: str, name: str = "") -> ListedTicker:
    return ListedTicker(symbol=symbol, name=name or symbol, segment="KOSDAQ")


def snapshot(house: House) -> Snapshot:
    answer = house.answers.answer(GetSnapshot(request_id=1), 0)
    assert isinstance(answer, Snapshot)
    return answer


def universe(house: House) -> Universe:
    answer = house.answers.answer(GetUniverse(request_id=1), 0)
    assert isinstance(answer, Universe)
    return answer


def charted(house: House, symbol: str) -> Bars | Refusal:
    answer = house.answers.answer(GetBars(request_id=1, symbol=symbol, count=600), 0)
    assert isinstance(answer, Bars | Refusal)
    return answer


def test_a_ticker_that_comes_is_told_of_like_the_others(house: House) -> None:
    house.fill()
    house.cycle.relist(ListingChange(added=(listed("NEW", "Newcomer"),)))
    assert (universe(house).revision, universe(house).symbols) == (1, (*SYMBOLS, "NEW"))
    assert universe(house).names[-1] == "Newcomer"
    assert snapshot(house).last.tolist() == [100.0, 100.0, 100.0, 0.0]
    for day in range(1, FULL + 1):
        house.run(bars(day, (50.0,), rows=(3,), history=True))
    (said,) = house.run(bars(FULL + 1, (50.0, 100.1), rows=(3, 0)))
    assert isinstance(said, Confidence)
    assert said.symbols == ("NEW", A)
    assert snapshot(house).last.tolist() == [100.1, 100.0, 100.0, 50.0]
    assert house.cycle.status("live", 0).decided == 4


def test_many_that_come_one_by_one_leave_the_others_as_they_were(house: House) -> None:
    house.fill()
    before = charted(house, B)
    for nth in range(40):
        house.cycle.relist(ListingChange(added=(listed(f"N{nth}"),)))
        house.run(bars(FULL + 1, (10.0 + nth,), rows=(3 + nth,)))
    assert snapshot(house).last.tolist() == [100.0] * 3 + [10.0 + nth for nth in range(40)]
    assert len(house.state.last) <= 96  # room doubles
    after = charted(house, B)
    assert isinstance(before, Bars)
    assert isinstance(after, Bars)
    np.testing.assert_array_equal(after.ohlcv, before.ohlcv)
    np.testing.assert_array_equal(after.probabilities, before.probabilities)
    said = house.run(bars(FULL + 1, (102.0, 98.0, 100.0)))
    assert isinstance(said[0], Confidence)
    assert said[0].probabilities.argmax(axis=1).tolist() == [2, 0, 1]


def test_a_ticker_that_goes_leaves_universe_snapshot_and_confidence(house: House) -> None:
    house.fill()
    house.cycle.relist(ListingChange(removed=(B,)))
    assert universe(house).symbols == snapshot(house).symbols == (A, C)
    said = house.run(bars(FULL + 1, (101.0, 102.0, 103.0)), 0, 1, 2)
    confidence = next(m for m in said if isinstance(m, Confidence))
    assert confidence.symbols == (A, C)
    assert confidence.last.tolist() == [101.0, 103.0]
    assert {m.symbol for m in said if isinstance(m, Heatmap | Bar)} == {A, C}
    status = house.cycle.status("live", 0)
    assert (status.tickers, status.decided, status.universe_revision) == (2, 2, 1)
    assert status.dropped == {"not_listed": 1}
    for answer in (charted(house, B), house.answers.answer(GetHeatmap(request_id=1, symbol=B), 0)):
        assert isinstance(answer, Refusal)
        assert answer.code == "unknown_ticker"


def test_a_ticker_that_comes_again_begins_anew(house: House) -> None:
    house.fill()
    house.cycle.relist(ListingChange(removed=(B,)))
    house.cycle.relist(ListingChange(added=(listed(B),)))
    assert snapshot(house).symbols == (A, C, B)
    assert snapshot(house).last.tolist() == [100.0, 100.0, 0.0]
    house.run(bars(FULL + 1, (7.0,), rows=(3,)))
    again = charted(house, B)
    assert isinstance(again, Bars)
    assert again.ohlcv[:, 3].tolist() == [7.0]


def test_another_name_keeps_the_history(house: House) -> None:
    house.fill()
    house.run(bars(FULL + 1, (102.0, 100.0, 100.0)))
    house.cycle.relist(ListingChange(renamed={A: listed("NEW", "Newer")}))
    assert (universe(house).symbols, universe(house).names[0]) == (("NEW", B, C), "Newer")
    kept = charted(house, "NEW")
    assert isinstance(kept, Bars)
    assert kept.bar_ms[-1] == (FULL + 1) * DAY_MS
    assert kept.count == FULL + 1
    assert isinstance(charted(house, A), Refusal)
    (said,) = house.run(bars(FULL + 2, (104.0,)))  # up it was, and up it stays: no new entry
    assert isinstance(said, Confidence)
    assert said.symbols == ("NEW",)
    # What was said before is not said anew under another name.
    assert house.buys.after(0, house.stamps.answer(0, 0)).symbols == (A,)


def test_the_first_universe_has_not_been_revised(house: House) -> None:
    assert (universe(house).revision, house.cycle.status("starting", 0).universe_revision) == (0, 0)


def test_a_change_that_does_not_fit_is_refused(house: House) -> None:
    with pytest.raises(ValueError, match="not listed"):
        house.cycle.relist(ListingChange(removed=("X",)))
