import dataclasses

import numpy as np
import pytest

from client.state.bar_axis import BarRange
from client.state.beside import beside, found, up_beside
from client.state.series import TickerSeries, series_of
from client.state.table import Table
from tests.kit.made_market import MadeMarket
from tests.kit.maker import Maker


@pytest.fixture
def series(make: Maker) -> TickerSeries:
    return series_of(MadeMarket(make).bars("AAPL", 10))


def test_both_begin_at_the_first_bar_in_sight_that_both_have(series: TickerSeries) -> None:
    other = dataclasses.replace(series, bar_ms=series.bar_ms[4:], ohlcv=2 * series.ohlcv[4:])
    shown = beside(series, other, BarRange(1.6, 9.0))
    assert shown is not None
    assert shown.start == 4
    assert np.isnan(shown.alike()[:4]).all()
    np.testing.assert_allclose(shown.alike()[4:], 1_040 * other.ohlcv[:, 3] / 2_080)
    assert shown.words(2, ("A", "B")) == "A −1.92%   B –"
    assert shown.words(9, ("A", "B")) == "A +4.81%   B +4.81%"
    assert beside(series, other, BarRange(-3.0, 2.0)) is None


def test_confidences_stand_at_the_bars_of_the_one(series: TickerSeries) -> None:
    times, said = series.bar_ms[[3, 5]], np.array([[0.1, 0.2, 0.7], [0.2, 0.2, 0.6]], np.float32)
    other = dataclasses.replace(series, decision_ms=times, probabilities=said)
    assert up_beside(series, other)[[3, 4, 5]].tolist() == pytest.approx(
        [0.7, np.nan, 0.6], nan_ok=True
    )


def test_a_ticker_is_found_by_half_its_name_but_not_the_one_that_is_shown(make: Maker) -> None:
    table = Table()
    table.apply(MadeMarket(make).start((0, 0, 0), (0, 0, 0), (0, 0, 0)))
    assert found("sung", table, "AAPL") == "005930"
    assert found("a", table, "AAPL") == "000020"  # Daon Bio holds one
    assert found("a", table, "") == "AAPL"  # begins with it
    assert found("conf >", table, "AAPL") == "000020"
    assert (found("", table, ""), found("nobody", table, "")) == ("", "")
