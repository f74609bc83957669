import dataclasses

from client.net.written_rows import WrittenRows
from tests.kit.maker import Maker


def test_a_row_is_written_by_nothing_older_and_keeps_that_as_it_moves(make: Maker) -> None:
    rows = WrittenRows()
    rows.move(make.universe())
    assert rows.take(make.confidence({"AAPL": 0.5, "NEW": 0.5}, 7), 7).index.tolist() == [2]
    assert rows.take(make.snapshot({}), 6).index.tolist() == [0, 1]
    rows.move(dataclasses.replace(make, symbols=("AAPL", "NEW")).universe())
    assert rows.take(make.confidence({"AAPL": 0.5, "NEW": 0.5}, 6), 6).index.tolist() == [1]
    assert (rows.revision, rows.newest) == (0, 7)
