import numpy as np

from server.market.ring import History


def filled(records: int) -> History[np.float64]:
    history = History(2, 4, 1, np.float64)
    for i in range(1, records + 1):
        history.append(np.array([1]), np.array([i]), np.array([[10.0 * i]]))
    return history


def test_the_newest_records_come_oldest_first() -> None:
    ms, values = filled(3).newest(1, 2)
    assert ms.tolist() == [2, 3]
    assert values.tolist() == [[20.0], [30.0]]


def test_the_oldest_records_are_forgotten() -> None:
    ms, values = filled(10).newest(1, 600)
    assert ms.tolist() == [7, 8, 9, 10]
    assert values[:, 0].tolist() == [70.0, 80.0, 90.0, 100.0]


def test_tickers_do_not_touch_each_other() -> None:
    ms, values = filled(3).newest(0, 5)
    assert ms.shape == (0,)
    assert values.shape == (0, 1)


def test_nothing_may_be_asked_for() -> None:
    assert filled(3).newest(1, 0)[0].size == 0


def test_answers_are_copies() -> None:
    history = filled(3)
    history.newest(1, 3)[1][:] = 0
    assert history.newest(1, 1)[1].tolist() == [[30.0]]
