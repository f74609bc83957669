import numpy as np
import pytest

from shared.column_arrays import ColumnArrays, CoreColumns
from shared.columns import COLUMNS


def test_every_column_starts_as_its_descriptor_says() -> None:
    rows = ColumnArrays.zeros(3)
    for column in COLUMNS:
        array = rows.column(column.name)
        assert array.shape == (3, *column.shape)
        assert array.dtype == np.dtype(column.dtype)
        assert not array.any()


def test_names_are_given_once_and_elements_are_little_endian() -> None:
    assert len({c.name for c in COLUMNS}) == len(COLUMNS)
    assert all(c.dtype[0] in "<|" for c in COLUMNS)


def test_the_typed_names_are_those_of_columns() -> None:
    typed = {name for name in vars(CoreColumns) if isinstance(vars(CoreColumns)[name], property)}
    assert typed <= {c.name for c in COLUMNS}


def test_rows_are_taken_as_copies_and_put_back() -> None:
    rows = ColumnArrays.zeros(4)
    taken = rows.take(np.array([1, 3]))
    taken.last[:] = (5.0, 7.0)
    taken.probabilities[1] = (0.1, 0.2, 0.7)
    assert not rows.last.any()
    rows.put(np.array([0, 3]), taken)
    assert rows.last.tolist() == [5.0, 0.0, 0.0, 7.0]
    assert rows.probabilities[3].tolist() == pytest.approx([0.1, 0.2, 0.7])


@pytest.mark.parametrize("name", [c.name for c in COLUMNS])
def test_a_row_differs_where_any_of_its_values_does(name: str) -> None:
    rows = ColumnArrays.zeros(3)
    other = rows.take(np.array([2, 0]))
    other.column(name)[1] = 1
    assert rows.differ(np.array([2, 0]), other).tolist() == [False, True]
