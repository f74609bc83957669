import logging
import os
import stat
import sys
import tempfile
from pathlib import Path

import pytest

from client import log_files
from client.log_files import ASIDE, MOST_BYTES, LogFile, log_file, log_handler, open_log, put_aside

unix = pytest.mark.skipif(
    sys.platform == "win32", reason="there are no owners and links like these"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state" / "log"
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(folder))
    return folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a temporary folder of all users, where the user has no folder for logs."""
    (tmp_path / "file").write_text("in the way")
    shared = tmp_path / "tmp"
    shared.mkdir()
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path / "file" / "x"))
    monkeypatch.setattr(tempfile, "tempdir", str(shared))
    return shared


def say(handler: logging.Handler, words: str) -> None:
    handler.emit(logging.LogRecord("desk", logging.ERROR, "", 1, words, (), None))


def test_a_log_stands_in_the_users_folder(folder: Path) -> None:
    log_file("desk.log").write_text("here")
    assert (folder / "desk.log").read_text() == "here"


def test_where_that_folder_cannot_be_made_a_private_one_serves(temporary: Path) -> None:
    found = log_file("desk.log").parent
    assert found.parent == temporary
    assert found == log_file("desk.log").parent
    if sys.platform != "win32":
        assert stat.S_IMODE(found.stat().st_mode) == 0o700


def test_a_start_after_a_crash_does_not_erase_the_crash(folder: Path) -> None:
    for words in ("the crash", "the start after it"):
        handler = log_handler("desk.log")
        say(handler, words)
        handler.close()
    assert (folder / "desk.log").read_text().splitlines() == ["the crash", "the start after it"]


@unix
def test_a_log_is_for_its_user_alone(folder: Path) -> None:
    log_handler("desk.log").close()
    assert stat.S_IMODE((folder / "desk.log").stat().st_mode) == 0o600


def test_a_log_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "MOST_BYTES", 500)
    handler = LogFile(tmp_path / "desk.log")
    for nth in range(200):
        say(handler, f"{nth:04} " + "x" * 40)
    handler.close()
    kept = sorted(tmp_path.iterdir())
    assert len(kept) == 1 + ASIDE
    assert sum(path.stat().st_size for path in kept) <= (1 + ASIDE) * 500
    assert "0199" in (tmp_path / "desk.log").read_text()


def test_a_long_log_of_a_server_is_put_aside_before_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "local-server.log"
    for nth in range(ASIDE + 2):
        put_aside(path)
        path.write_bytes(str(nth).encode() * MOST_BYTES)
    assert path.read_bytes()[:1] == b"4"
    assert [(tmp_path / f"{path.name}.{i}").read_bytes()[:1] for i in range(1, ASIDE + 1)] == [
        *(b"3", b"2", b"1"),
    ]
    path.write_text("short")
    put_aside(path)
    assert path.read_text() == "short"


@unix
@pytest.mark.parametrize("trap", ["link", "hard link", "pipe", "folder"])
def test_what_is_no_file_of_ours_is_neither_followed_nor_emptied(
    tmp_path: Path, folder: Path, trap: str
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("dear")
    folder.mkdir(parents=True)
    path = folder / "desk.log"
    match trap:
        case "link":
            path.symlink_to(precious)
        case "hard link":
            path.hardlink_to(precious)
        case "pipe":
            os.mkfifo(path)
        case _:
            path.mkdir()
    with pytest.raises(OSError):  # noqa: PT011 - which one hangs on the trap
        open_log(path)
    handler = log_handler("desk.log")
    say(handler, "lost, and the desk goes on")
    handler.close()
    assert precious.read_text() == "dear"


@unix
@pytest.mark.parametrize("trap", ["link", "open to all"])
def test_a_folder_that_waits_under_our_name_is_not_used(
    tmp_path: Path, temporary: Path, trap: str
) -> None:
    waiting, theirs = temporary / f"tickerlens-{os.getuid()}", tmp_path / "theirs"
    theirs.mkdir()
    if trap == "link":
        waiting.symlink_to(theirs)
    else:
        waiting.mkdir()
        waiting.chmod(0o777)
    found = log_file("desk.log").parent
    assert found not in (waiting, theirs)
    assert found.parent == temporary
    assert stat.S_IMODE(found.stat().st_mode) == 0o700
