import multiprocessing
import os
import signal

import pytest

from models.evaluation.walk_forward.crew import _born_deaf, _end_with, cores, do_all


class Doubling:
    """Doubles numbers, and knows in which process."""

    def do(self, task: int) -> tuple[int, int]:
        if task < 0:
            raise ValueError("below 0")
        return 2 * task, os.getpid()


def test_one_worker_is_this_process_and_keeps_the_order() -> None:
    found: list[tuple[int, int]] = []
    do_all(Doubling(), [1, 2, 3], 1, found.append)
    assert found == [(2, os.getpid()), (4, os.getpid()), (6, os.getpid())]


def test_a_task_that_fails_ends_the_rest() -> None:
    found: list[tuple[int, int]] = []
    with pytest.raises(ValueError, match="below 0"):
        do_all(Doubling(), [1, -1, 3], 1, found.append)
    assert [double for double, _ in found] == [2]


def test_a_worker_ends_when_the_other_end_of_its_pipe_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    reader, writer = multiprocessing.Pipe(duplex=False)
    writer.close()
    _end_with(reader)
    reader.close()
    assert codes == [1]


def test_processes_are_born_deaf_to_ctrl_c_and_with_one_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    before = signal.getsignal(signal.SIGINT)
    with _born_deaf():
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert os.environ["OMP_NUM_THREADS"] == os.environ["MKL_NUM_THREADS"] == "1"
    assert signal.getsignal(signal.SIGINT) is before
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in os.environ


def test_there_is_at_least_one_core() -> None:
    assert cores() >= 1
