import numpy as np
import pytest

from models.data.ring import BarRing
from tests.kit.for_each import for_each

KEPT = 6
LOOKBACK = 3


def filled(bars: int, decided: tuple[int, ...] = ()) -> BarRing:
    """A ring of two tickers of which the second has bars 1, 2, ... at those times."""
    ring, row = BarRing(2, KEPT, LOOKBACK), np.array([1])
    for i in range(1, bars + 1):
        ring.append(row, np.array([i]), np.full((1, 5), 10.0 * i))
        if i in decided:
            ring.decide(row, np.array([[0.1, 0.2, 0.7]], dtype=np.float32))
    return ring


def test_the_newest_records_come_oldest_first() -> None:
    records = filled(3).newest(1, 2)
    assert records.bar_ms.tolist() == [2, 3]
    assert records.ohlcv[:, 3].tolist() == [20.0, 30.0]


def test_the_oldest_records_are_forgotten() -> None:
    records = filled(10).newest(1, 600)
    assert records.bar_ms.tolist() == [5, 6, 7, 8, 9, 10]
    assert records.ohlcv[:, 3].tolist() == [50.0, 60.0, 70.0, 80.0, 90.0, 100.0]


def test_tickers_do_not_touch_each_other() -> None:
    records = filled(3).newest(0, 5)
    assert records.bar_ms.shape == (0,)
    assert records.ohlcv.shape == (0, 5)


def test_nothing_may_be_asked_for() -> None:
    assert filled(3).newest(1, 0).bar_ms.size == 0


def test_answers_are_copies() -> None:
    ring = filled(3)
    ring.newest(1, 3).ohlcv[:] = 0
    ring.newest_bars(np.array([1]), 3)[:] = 0
    assert ring.newest(1, 1).ohlcv[0].tolist() == [30.0] * 5


def test_a_decision_stands_beside_its_bar_and_goes_with_it() -> None:
    records = filled(4, decided=(2, 3)).newest(1, 4)
    assert records.decided.tolist() == [False, True, True, False]
    assert records.probabilities[:, 2] == pytest.approx([0, 0.7, 0.7, 0])
    assert not filled(3 + KEPT, decided=(2, 3)).newest(1, KEPT).decided.any()


@for_each("bars", range(3 * KEPT))
def test_a_look_back_is_whole_wherever_the_ring_stands(bars: int) -> None:
    got = filled(bars).newest_bars(np.array([1, 0]), LOOKBACK)
    newest = [10.0 * i if i > 0 else 0.0 for i in range(bars - LOOKBACK + 1, bars + 1)]
    assert got[0, :, 3].tolist() == newest
    assert not got[1].any()
    assert filled(bars).newest_bars(np.array([1]), 1)[0, 0, 3] == newest[-1]


@for_each("bars", range(1, 3 * KEPT))
def test_a_bar_is_found_by_its_time_and_given_other_numbers(bars: int) -> None:
    oldest = 1 if bars <= KEPT else bars - KEPT + 2  # what came before it is known, or nothing did
    for time in range(bars + 2):
        ring, row = filled(bars, decided=(time,)), np.array([1])
        age = ring.age_of(row, np.array([time]))
        assert age.tolist() == [bars - time if oldest <= time <= bars else -1]
        if age[0] < 0:
            continue
        times, around = ring.around(row, age)
        near = [t if 1 <= t <= bars else 0 for t in (time - 1, time, time + 1)]
        assert times[0].tolist() == near
        assert around[0, :, 3].tolist() == [10.0 * t for t in near]
        ring.replace(row, age, np.full((1, 5), 7.0))
        kept = ring.newest(1, KEPT)
        assert kept.ohlcv[kept.bar_ms == time].tolist() == [[7.0] * 5]
        assert (kept.ohlcv[:, 3] == 7.0).sum() == 1
        assert kept.bar_ms[kept.decided].tolist() == [time]
        newest = ring.newest_bars(row, LOOKBACK)[0, :, 3]
        expected = [7.0 if t == time else 10.0 * max(t, 0) for t in range(bars - 2, bars + 1)]
        assert newest.tolist() == expected
        assert ring.newest_times(row, LOOKBACK)[0].tolist() == [
            max(t, 0) for t in range(bars - 2, bars + 1)
        ]
