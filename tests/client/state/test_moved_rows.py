import numpy as np

from client.state.moved_rows import moved, moves, rows_before, rows_of


def test_rows_are_found_by_their_symbols() -> None:
    assert rows_before(rows_of(("A", "B", "C")), ("C", "X", "A")).tolist() == [2, -1, 0]
    assert rows_before({}, ("A",)).tolist() == [-1]
    assert rows_before(rows_of(("A",)), ()).tolist() == []


def test_values_go_along_and_new_rows_are_0() -> None:
    there = moved(np.array([[1, 2], [3, 4]], np.int64), np.array([1, -1, 0]))
    assert there.tolist() == [[3, 4], [0, 0], [1, 2]]


def test_moves_are_what_must_be_taken_out_and_put_elsewhere() -> None:
    before = np.arange(5)
    for after, wanted in (
        ([0, 1, 2, 3, 4], 0),
        ([4, 0, 1, 2, 3], 1),
        ([1, 0, 2, 4, 3], 2),
        ([4, 3, 2, 1, 0], 4),
        ([9, 0, 1, 2, 3], 1),
        ([], 5),
    ):
        assert moves(before, np.array(after, np.int64)) == wanted
