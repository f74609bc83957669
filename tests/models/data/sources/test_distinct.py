import numpy as np
import pytest

from models.data.sources.distinct import distinct

MINUTE_MS = 60_000


def test_times_that_rows_share_are_returned_once() -> None:
    ms = np.random.default_rng(1).choice(np.arange(1, 500), 20_000) * MINUTE_MS + 7
    times, place = distinct(ms, MINUTE_MS)
    assert place is not None
    assert np.array_equal(times, np.unique(ms))
    assert np.array_equal(times[place], ms)


@pytest.mark.parametrize(
    "ms",
    [
        np.arange(10) * MINUTE_MS,  # few
        np.arange(20_000) * MINUTE_MS,  # each by itself
        np.append(np.tile(np.arange(100), 100) * MINUTE_MS, 30_001),  # one between two
        np.append(np.zeros(20_000, np.int64), 2**62),  # one far away
    ],
)
def test_where_that_is_no_gain_they_stay_as_they_are(
    ms: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> None:
    times, place = distinct(ms, MINUTE_MS)
    assert times is ms
    assert place is None
