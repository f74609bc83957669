import numpy as np

from tests.kit.house import DAY_MS, bars


def test_a_batch_without_repeated_tickers_is_one_round() -> None:
    batch = bars(1, (10.0, 11.0, 12.0), rows=(2, 0, 1), closed=False, history=True)
    (only,) = batch.rounds()
    assert only.rows.tolist() == [2, 0, 1]
    assert only.ohlcv[:, 3].tolist() == [10.0, 11.0, 12.0]
    assert not only.closed
    assert only.history


def test_repeated_tickers_come_in_rounds_that_keep_their_order() -> None:
    batch = bars(1, (10.0, 11.0, 12.0, 13.0), rows=(0, 1, 0, 0))
    rounds = list(batch.rounds())
    assert [r.rows.tolist() for r in rounds] == [[0, 1], [0], [0]]
    assert [r.ohlcv[:, 3].tolist() for r in rounds] == [[10.0, 11.0], [12.0], [13.0]]


def test_parts_hold_whole_rounds() -> None:
    batch = bars(1, tuple(map(float, range(1, 8))), rows=(0, 0, 1, 0, 1, 0, 0))
    assert [p.rows.tolist() for p in batch.parts(4)] == [[0, 0, 1, 1], [0, 0, 0]]
    assert [len(p.rows) for p in batch.parts(100)] == [7]


def test_an_empty_batch_has_no_round() -> None:
    assert list(bars(1, ()).rounds()) == list(bars(1, ()).parts(10)) == []


def test_take_keeps_columns_together() -> None:
    taken = bars(3, (10.0, 11.0, 12.0)).take(np.array([2, 0]))
    assert taken.rows.tolist() == [2, 0]
    assert taken.ohlcv[:, 3].tolist() == [12.0, 10.0]
    assert taken.bar_ms.tolist() == [3 * DAY_MS] * 2
