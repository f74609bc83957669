import datetime

import numpy as np

from models.evaluation.metrics.days import blocks, dates, periods, years
from shared.contract import Int64
from shared.markets import MARKETS


def _ms(*moments: str) -> Int64:
    return np.array(
        [round(datetime.datetime.fromisoformat(m).timestamp() * 1000) for m in moments], np.int64
    )


def _day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(int))


def test_a_date_is_that_of_the_exchange() -> None:
    # 15:30 in Seoul is 06:30 UTC; 20:00 in New York is already the next day in UTC.
    assert dates(_ms("2021-03-02T06:30Z"), MARKETS["krx"]).tolist() == [_day("2021-03-02")]
    assert dates(_ms("2021-03-03T01:00Z"), MARKETS["us"]).tolist() == [_day("2021-03-02")]


def test_a_bar_that_closes_at_midnight_belongs_to_the_date_that_ends() -> None:
    found = dates(_ms("2021-03-03T00:00Z", "2021-03-03T00:05Z"), MARKETS["crypto"])
    assert found.tolist() == [_day("2021-03-02"), _day("2021-03-03")]


def test_blocks_count_dates_with_outcomes_not_the_calendar() -> None:
    block, count = blocks(np.array([10, 10, 17, 13, 11]))
    assert (block.tolist(), count) == ([0, 0, 3, 2, 1], 4)


def test_an_outcome_over_several_dates_makes_longer_blocks() -> None:
    block, count = blocks(np.array([10, 11, 12, 13, 20]), length=2)
    assert (block.tolist(), count) == ([0, 0, 1, 1, 2], 3)


def test_years() -> None:
    assert years(np.array([_day("2020-12-31"), _day("2021-01-01")])) == ["2020", "2021"]


def test_periods_are_as_fine_as_the_span_is_short() -> None:
    start = _day("2020-12-30")
    assert periods(np.array([start, start + 300])) == ("quarter", ["2020 Q4", "2021 Q4"])
    assert periods(np.array([start, start + 100])) == ("month", ["2020-12", "2021-04"])
    assert periods(np.array([start, start + 5])) == ("week", ["2020 week 53", "2021 week 01"])
