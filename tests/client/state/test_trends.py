import numpy as np
import pytest

from client.state.trends import TREND_BARS, Trends
from client.state.update import RowChanges
from shared.columns import DECIDED, FORMING
from tests.kit.made_market import DAY_MS, NEWEST, MadeMarket
from tests.kit.maker import Maker
from tests.kit.updates import row_changes

ROW = np.array([1])


def said(up: float, day: int, flags: int = DECIDED) -> RowChanges:
    shares = np.array([[0.0, 1 - up, up]], np.float32)
    flags_ = np.array([flags], np.uint8)
    return row_changes((1,), shares, bar_ms=np.array([day * DAY_MS]), flags=flags_)


def known(trends: Trends) -> list[float]:
    values = trends.of(ROW)[0]
    return [round(float(v), 2) for v in values[~np.isnan(values)]]


def test_each_bar_adds_what_was_decided_on_it() -> None:
    trends = Trends(2)
    for day, up in ((1, 0.1), (2, 0.2), (2, 0.3), (1, 0.9)):
        trends.take(said(up, day), DAY_MS)
    assert known(trends) == [0.1, 0.3]
    assert np.isnan(trends.of(np.array([0]))).all()
    assert trends.rises(np.array([0, 1])) == pytest.approx([0, 0.1])
    trends.take(said(0.0, 3, flags=0), DAY_MS)  # no decision
    assert known(trends) == [0.1, 0.3]


def test_a_bar_that_forms_tells_of_the_one_before() -> None:
    trends = Trends(2)
    trends.take(said(0.1, 1), DAY_MS)
    trends.take(said(0.1, 2, DECIDED | FORMING), DAY_MS)
    assert known(trends) == [0.1]
    trends.take(said(0.4, 3, DECIDED | FORMING), DAY_MS)
    assert known(trends) == [0.1, 0.4]


def test_the_oldest_falls_out_and_rows_move_along() -> None:
    trends = Trends(2)
    for day in range(1, TREND_BARS + 3):
        trends.take(said(day / 100, day), DAY_MS)
    trends = trends.moved(np.array([-1, 1]))
    assert known(trends) == [d / 100 for d in range(3, TREND_BARS + 3)]
    assert (trends.low, trends.high) == pytest.approx((0.01, 0.62))


def test_what_was_decided_before_is_put_under_what_came_since(make: Maker) -> None:
    trends, bars = Trends(2), MadeMarket(make).bars("005930")
    newest = int(bars.decision_ms[-1]) // DAY_MS
    trends.take(said(0.7, newest + 1), DAY_MS)
    trends.recall(1, bars)
    assert known(trends) == [0.5, 0.5, 0.7]
    trends.recall(1, MadeMarket(make).bars("005930", NEWEST + 9))
    assert known(trends) == [0.5, 0.5]
