import numpy as np
import polars as pl
import pytest

from models.data.sources.growing import GrowingColumns


@pytest.mark.parametrize("guess", [0, 3, 100])
def test_rows_are_added_whatever_was_guessed(guess: int) -> None:
    columns = GrowingColumns(2, guess)
    for first in range(0, 9, 3):
        some = np.arange(first, first + 3.0)
        columns.add([pl.Series(values=some), pl.Series(values=10 * some)])
    whole = columns.whole()
    assert whole.tolist() == [[n, 10 * n] for n in range(9)]
    assert whole[:, 0].flags.c_contiguous


def test_what_is_missing_is_no_number() -> None:
    columns = GrowingColumns(1, 2)
    columns.add([pl.Series(values=[1.5, None], dtype=pl.Float64)])
    assert np.array_equal(columns.whole(), [[1.5], [np.nan]], equal_nan=True)
