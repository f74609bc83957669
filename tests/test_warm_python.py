"""What stands in for `python` in tests does what `python` does."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.warm_python import warm_python

LOST = "import os, threading; print(os.getpid(), flush=True); threading.Event().wait()"


def ran(
    python: str, *arguments: str, cwd: Path | None = None, said: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, *arguments], input=said, capture_output=True, text=True, check=False, cwd=cwd
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("-c", "import sys; print(sys.argv, sys.stdin.read()); sys.exit(3)", "a", "b c"), 3),
        (("-c", "import sys; print(__name__, sys.path); sys.exit('a word')"), 1),
        (("-c", "import atexit; atexit.register(print, 'last')"), 0),
        (("-m", "made", "a"), 0),
    ],
)
def test_it_does_what_python_does(
    arguments: tuple[str, ...], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["/one", "/two"]))
    source = "import os, sys; print(__name__, sys.argv, os.getcwd(), sys.path, os.environ['X'])"
    (tmp_path / "made.py").write_text(source)
    monkeypatch.setenv("X", "y")
    warm, cold = (
        ran(p, *arguments, cwd=tmp_path, said="in") for p in (warm_python(), sys.executable)
    )
    assert (warm.returncode, warm.stdout, warm.stderr) == (code, cold.stdout, cold.stderr)
    assert warm.stdout


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_ends_the_program(sent: signal.Signals) -> None:
    with subprocess.Popen(
        [warm_python(), "-c", LOST], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.send_signal(sent)
        assert process.stdout.read() == b""  # the program has ended too: it held the pipe as well
    assert process.returncode == -sent


def test_it_has_loaded_nothing_of_ours() -> None:
    code = (
        "import sys; print(*{'shared', 'models', 'server', 'client', 'tests'} & sys.modules.keys())"
    )
    assert ran(warm_python(), "-c", code).stdout.split() == []
