import numpy as np

from client.state.moved_rows import moved, rows_before, rows_of


def test_rows_are_found_by_their_symbols() -> None:
    assert rows_before(rows_of(("A", "B", "C")), ("C", "X", "A")).tolist() == [2, -1, 0]
    assert rows_before({}, ("A",)).tolist() == [-1]
    assert rows_before(rows_of(("A",)), ()).tolist() == []


def test_values_go_along_and_new_rows_are_0() -> None:
    there = moved(np.array([[1, 2], [3, 4]], np.int64), np.array([1, -1, 0]))
    assert there.tolist() == [[3, 4], [0, 0], [1, 2]]
