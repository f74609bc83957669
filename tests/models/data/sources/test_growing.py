import numpy as np
import pytest

from models.data.sources.growing import GrowingColumns


@pytest.mark.parametrize("guess", [0, 3, 100])
def test_rows_are_added_whatever_was_guessed(guess: int) -> None:
    columns = GrowingColumns(2, guess, np.float64)
    for first in range(0, 9, 3):
        some = np.arange(first, first + 3.0)
        columns.add([[some[:1], some[1:]], [10 * some]])
    whole = columns.whole()
    assert whole.tolist() == [[n, 10 * n] for n in range(9)]
    assert whole[:, 0].flags.c_contiguous
    assert columns.column(1).tolist() == whole[:, 1].tolist()
    assert not len(GrowingColumns(0, guess, np.int64).whole())
