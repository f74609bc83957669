import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from client import start
from client.cli import main
from tests.kit.absent import run_without
from tests.kit.fake_server import FakeServer
from tests.kit.places import ROOT

FOREIGN = ("torch", "pandas", "models", "server", "PySide6")
# Leaves with the exit code of the desk, or 99 if it loaded what is none of its business.
# A shell that starts tests in the background has them ignore Ctrl-C, and all that they start.
GUARDED = f"""
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)
import client.__main__
from client.cli import main
code = main(sys.argv[1:])
foreign = sys.modules.keys() & {set(FOREIGN)}
sys.exit(f"loaded {{foreign}}" if foreign else code)
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home of a user without settings, display and logs."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_it_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("tickerlens ")


def test_it_shows_its_settings_with_their_origins(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKERLENS_DESK__THEME", "light")
    assert main(["--show-settings", "--palette", "korean"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "[desk]"
    assert any(x.startswith('theme = "light"') and x.endswith("# environment") for x in lines)
    assert any(x.startswith('palette = "korean"') and x.endswith("# flag") for x in lines)


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["--terminal", "--connect", "nonsense"], 78, "tcp://127.0.0.1:5555"),
        (["--ticker", "005930"], 78, "--screenshot"),
        (["--config", "absent.toml"], 66, "absent.toml"),
        ([], 69, "tickerlens --terminal"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_an_exit_code(
    argv: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == code
    said = capsys.readouterr().err
    assert words in said
    assert len(said.splitlines()) == 1


def test_without_rich_it_says_how_to_get_it() -> None:
    ran = run_without("rich", "client.cli", "--terminal")
    assert ran.returncode == 69
    assert 'pip install "tickerlens[terminal]"' in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("absent", "flag"),
    [("client.state.table", "--terminal"), ("rich.live", "--terminal"), ("client.net.link", "")],
)
def test_a_defect_of_ours_is_not_told_as_a_missing_package(absent: str, flag: str) -> None:
    ran = run_without(absent, "client.cli", *flag.split())
    assert ran.returncode == 1
    assert f"No module named {absent!r}" in ran.stderr
    assert "Traceback" in ran.stderr


def test_a_window_of_ours_that_cannot_be_loaded_is_not_told_as_qt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(start, "require_display", lambda: None)
    monkeypatch.setitem(sys.modules, "client.ui.shell.app", None)
    with pytest.raises(ModuleNotFoundError):
        main([])


def test_a_qt_that_cannot_be_loaded_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "require_display", lambda: None)
    monkeypatch.setitem(sys.modules, "PySide6.QtGui", None)
    assert main([]) == 69
    said = capsys.readouterr().err
    assert "Qt cannot be loaded" in said
    assert "tickerlens --terminal" in said


@contextlib.contextmanager
def desk(server: FakeServer, output: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start a desk that does not outlive its test."""
    with subprocess.Popen(
        [
            *(sys.executable, "-c", GUARDED, "--terminal"),
            *(
                "--connect",
                server.endpoints.publish,
                "--requests",
                server.endpoints.requests,
            ),
        ],
        stdout=output,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"TERM": "xterm", "LANG": "C.UTF-8"},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_into_a_pipe_it_writes_the_rows_once_and_loads_nothing_foreign(
    fake_server: FakeServer,
) -> None:
    with desk(fake_server, subprocess.PIPE) as process:
        fake_server.serve(until=lambda: process.poll() is not None)
        out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    shown = out.decode()
    assert "SIMULATED" in shown
    assert all(symbol in shown for symbol in fake_server.maker.symbols)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_on_a_terminal_it_is_live_until_it_is_interrupted(
    fake_server: FakeServer, number: signal.Signals
) -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    try:
        with desk(fake_server, theirs) as process:
            shows = _shows(ours, b"AAPL")
            fake_server.serve(until=shows)
            process.send_signal(number)
            # Read on: a terminal that is full would keep the desk from leaving.
            fake_server.serve(until=lambda: shows() and process.poll() is not None)
            assert process.stderr is not None
            err = process.stderr.read()
    finally:
        os.close(ours)
        os.close(theirs)
    assert (process.returncode, err) == (0, b"")


def _shows(terminal: int, words: bytes) -> Callable[[], bool]:
    seen = bytearray()
    os.set_blocking(terminal, False)

    def is_told() -> bool:
        with contextlib.suppress(BlockingIOError):
            seen.extend(os.read(terminal, 65_536))
        return words in seen

    return is_told
