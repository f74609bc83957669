import numpy as np

from client.state.time_travel import stepped, stepped_buy

BARS = np.array([10, 20, 30, 40], np.int64)
BUYS = np.array([20, 30], np.int64)
NONE = np.empty(0, np.int64)


def test_one_goes_bar_by_bar_from_now_into_the_past_and_back() -> None:
    assert [stepped(BARS, now, -1) for now in (None, 30, 25, 10)] == [30, 20, 20, 10]
    assert [stepped(BARS, now, 1) for now in (10, 25, 30, 40)] == [20, 30, None, None]
    assert stepped(BARS, None, -3) == 10
    assert stepped(NONE, None, -1) is None


def test_one_goes_buy_by_buy_and_behind_the_newest_is_now() -> None:
    assert [stepped_buy(BUYS, now, -1) for now in (None, 30, 25, 20)] == [30, 20, 20, 20]
    assert [stepped_buy(BUYS, now, 1) for now in (None, 10, 20, 30)] == [None, 20, 30, None]
    assert stepped_buy(NONE, None, -1) is None
