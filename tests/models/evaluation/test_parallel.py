import os
import signal
import subprocess
import sys

import pytest

from models.evaluation import parallel
from models.evaluation.parallel import cores, do_all
from tests.kit.doubling import double
from tests.kit.places import ROOT
from tests.kit.pool_tasks import Adding
from tests.kit.warm_python import warm_python

# A task that says when it is under way and then lasts longer than its test may.
STUCK = """
import os, signal, threading
from models.evaluation.parallel import cores, do_all

def stuck(task: int) -> None:
    os.write(1, b"under way\\n")  # whole or not at all, also where a signal comes meanwhile
    threading.Event().wait(150)

signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
try:
    do_all(stuck, [1, 2, 3, 4], 2, print)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_one_worker_is_this_process_and_keeps_the_order() -> None:
    found: list[tuple[int, int]] = []
    do_all(double, [1, 2, 3], 1, found.append)
    assert found == [(2, os.getpid()), (4, os.getpid()), (6, os.getpid())]


def test_a_task_that_fails_ends_the_rest() -> None:
    found: list[tuple[int, int]] = []
    with pytest.raises(ValueError, match="below 0"):
        do_all(double, [1, -1, 3], 1, found.append)
    assert [double for double, _ in found] == [2]


@pytest.mark.slow
def test_workers_are_other_processes_of_one_thread_with_arrays_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", warm_python())
    adding = Adding()
    found: list[tuple[int, int, int]] = []
    do_all(adding.do, [10, 20, 30], 2, found.append)
    with pytest.raises(ValueError, match="below 0"):
        do_all(double, [1, -1], 2, lambda _: None)
    assert {10 * (total // 10) for total, _, _ in found} == {10, 20, 30}
    assert os.getpid() not in {process for _, process, _ in found}
    assert {threads for _, _, threads in found} == {1}
    assert adding.values[0] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="orphans keep their parent's number there")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL], ids=lambda sent: sent.name)
def test_workers_end_with_the_program_that_started_them(sent: signal.Signals) -> None:
    # Every process of the program holds the pipe: it ends when all of them are gone.
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", STUCK],
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "under way\n"
        if sent == signal.SIGINT:
            os.killpg(program.pid, sent)  # as a terminal does
        else:
            os.kill(program.pid, sent)
        out, err = program.communicate()
    said = [line for line in out.splitlines() if line != "under way"]  # by each worker
    assert said == (["interrupted"] if sent == signal.SIGINT else [])
    assert "Traceback" not in err


def test_a_worker_that_became_an_orphan_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    parallel._watch(os.getppid() + 1)
    assert codes == [1]


def test_there_is_at_least_one_core() -> None:
    assert cores() >= 1
