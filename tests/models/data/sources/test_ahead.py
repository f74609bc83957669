import threading
from collections.abc import Iterator

import polars as pl
import pytest
from polars.exceptions import ComputeError

from models.data.sources.ahead import Task, cells_ahead


def cells(lines: bytes, is_first: bool) -> pl.DataFrame:
    if lines == b"odd":
        raise ComputeError("odd")
    return pl.DataFrame({"lines": [lines.decode()], "first": [is_first]})


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


@pytest.mark.parametrize("blocks", [[], [b"a"], [b"a", b"b", b"c", b"d"]])
def test_blocks_come_in_their_order(blocks: list[bytes]) -> None:
    frames = list(cells_ahead(blocks, cells))
    assert [f["lines"][0] for f in frames] == [b.decode() for b in blocks]
    assert [f["first"][0] for f in frames] == [i == 0 for i in range(len(blocks))]


@pytest.mark.parametrize("odd", range(3))
def test_what_cannot_be_read_is_told_in_its_turn(odd: int) -> None:
    blocks = [b"a", b"b", b"c"]
    blocks[odd] = b"odd"
    frames = cells_ahead(blocks, cells)
    for _ in range(odd):
        next(frames)
    with pytest.raises(ComputeError, match="odd"):
        next(frames)


def test_who_has_seen_enough_leaves_no_thread() -> None:
    frames = cells_ahead([b"a", b"b", b"c"], cells)
    assert next(frames)["lines"][0] == "a"
    frames.close()


@pytest.mark.parametrize("beside", [False, True])
def test_work_is_done_once_and_its_result_or_error_is_told_when_asked_for(beside: bool) -> None:
    where: list[str] = []

    def fail() -> int:
        where.append(threading.current_thread().name)
        raise ComputeError("odd")

    with Task(fail).begin(beside=beside) as failing, Task(lambda: 7).begin(beside=beside) as fine:
        assert fine.result() == 7
    assert where == (["reading"] if beside else [threading.current_thread().name])
    with pytest.raises(ComputeError, match="odd"):
        failing.result()
