import numpy as np

from client.state.series import EMPTY, TickerSeries, series_of
from shared.protocol.messages import Bar
from tests.kit.maker import Maker
from tests.kit.messages import a_message

UP = np.array([0.1, 0.2, 0.7], np.float32)


def bar(make: Maker, bar_ms: int, close: float = 100.0, *, closed: bool = True) -> Bar:
    return a_message(
        Bar,
        stamp=make.stamp(1, bar_ms=bar_ms),
        symbol="AAPL",
        closed=closed,
        ohlcv=np.array([100.0, max(close, 100.0), min(close, 100.0), close, 1.0]),
    )


def grown(make: Maker, *times: int) -> TickerSeries:
    series = EMPTY
    for time in times:
        series = series.with_bar(bar(make, time))
    return series


def test_a_new_bar_is_appended(make: Maker) -> None:
    series = grown(make, 10, 20, 30)
    assert series.bar_ms.tolist() == [10, 20, 30]
    assert series.ohlcv.shape == (3, 5)


def test_a_bar_of_the_same_time_replaces_the_last_one(make: Maker) -> None:
    forming = grown(make, 10).with_bar(bar(make, 20, 101.0, closed=False))
    assert forming.forming
    closed = forming.with_bar(bar(make, 20, 102.0))
    assert not closed.forming
    assert closed.ohlcv[:, 3].tolist() == [100.0, 102.0]


def test_an_older_bar_changes_nothing(make: Maker) -> None:
    series = grown(make, 10, 20)
    assert series.with_bar(bar(make, 15)) is series


def test_a_correction_of_a_bar_that_lies_back_takes_its_place(make: Maker) -> None:
    series = grown(make, 10, 20).with_bar(bar(make, 30, closed=False))
    mended = series.with_bar(bar(make, 10, 105.0))
    assert mended.bar_ms.tolist() == [10, 20, 30]
    assert mended.ohlcv[:, 3].tolist() == [105.0, 100.0, 100.0]
    assert mended.forming
    assert series.ohlcv[0, 3] == 100.0


def test_a_series_is_not_changed_by_what_follows(make: Maker) -> None:
    before = grown(make, 10)
    before.with_bar(bar(make, 10, 105.0))
    assert before.ohlcv[0, 3] == 100.0


def test_the_newest_decision_on_a_bar_stands(make: Maker) -> None:
    series = grown(make, 10, 20).with_decision(20, UP[::-1].copy()).with_decision(20, UP)
    assert series.decision_ms.tolist() == [20]
    np.testing.assert_array_equal(series.probabilities, [UP])


def test_decisions_stand_with_their_bars_and_nan_where_there_are_none(make: Maker) -> None:
    series = grown(make, 10, 20, 30).with_decision(5, UP).with_decision(20, UP)
    aligned = series.decision_of_bar()
    assert aligned.shape == (3, 3)
    np.testing.assert_array_equal(aligned[1], UP)
    assert np.isnan(aligned[[0, 2]]).all()


def test_bars_are_found_by_their_time(make: Maker) -> None:
    series = grown(make, 10, 20)
    assert series.index_of(20) == 1
    assert series.index_of(15) is None
    assert series.index_of(25) is None


def test_a_series_begins_as_the_answer_says(make: Maker) -> None:
    answer = make.bars("AAPL")
    series = series_of(answer)
    assert len(series) == 1
    assert series.bar_ms is answer.bar_ms


def test_a_mean_is_of_the_closes_up_to_each_bar_and_not_known_for_the_first(make: Maker) -> None:
    series = EMPTY
    for place, close in enumerate((10.0, 20.0, 60.0, 40.0)):
        series = series.with_bar(bar(make, place, close))
    np.testing.assert_allclose(series.mean_close(3), [np.nan, np.nan, 30, 40])
    np.testing.assert_allclose(series.mean_close(1), [10, 20, 60, 40])
    assert np.isnan(series.mean_close(5)).all()
    assert len(EMPTY.mean_close(20)) == 0
