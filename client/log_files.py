"""Where the desk's logs go, and how they are opened: by appending, bounded, and through no link."""

import contextlib
import io
import logging
import os
import stat
import tempfile
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

import platformdirs

MOST_BYTES: Final = 1_000_000  # of one file; then it is put aside
ASIDE: Final = 3  # older files that are kept
# Appending, so that a start after a crash does not erase the crash. Not through a link, which
# anybody can lay in a folder for all; not waiting for the other end of a pipe that lies there.
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND
_CAREFUL: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def log_file(name: str) -> Path:
    """Return the path of a log: in the user's folder for logs, or else in a private one."""
    folder = Path(platformdirs.user_log_dir("tickerlens", appauthor=False))
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return (folder if os.access(folder, os.W_OK) else _private_folder()) / name


def open_log(path: Path) -> io.TextIOWrapper:
    """Open a log for adding to it; one that is made is for nobody else to read.

    Raises:
        OSError: It cannot be opened, or is no file of ours alone.
    """
    descriptor = os.open(path, _FLAGS | _CAREFUL, 0o600)
    found = os.fstat(descriptor)
    owner = getattr(os, "getuid", lambda: found.st_uid)()
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1 or found.st_uid != owner:
        os.close(descriptor)
        raise OSError(f"{path} is no file of this user alone")
    return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")


def put_aside(path: Path) -> None:
    """Begin a log anew if it is too long; what it holds is kept beside it.

    Raises:
        OSError: It cannot be moved.
    """
    if path.is_symlink() or not path.exists() or path.stat().st_size < MOST_BYTES:
        return
    for nth in range(ASIDE - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            _aside(path, nth).replace(_aside(path, nth + 1))
    path.replace(_aside(path, 1))


class LogFile(RotatingFileHandler):
    """Adds records to a log of bounded size.

    Args:
        path: The log.

    Raises:
        OSError: It cannot be opened, or is no file of ours alone.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=MOST_BYTES, backupCount=ASIDE, encoding="utf-8")

    def _open(self) -> io.TextIOWrapper:
        return open_log(Path(self.baseFilename))


def log_handler(name: str) -> logging.Handler:
    """Return what adds to a log; nothing where no log can be opened, which stops no desk."""
    try:
        return LogFile(log_file(name))
    except OSError:
        return logging.NullHandler()


def _private_folder() -> Path:
    # The temporary folder is everybody's: what lies there under a name of ours may be a trap.
    user = getattr(os, "getuid", lambda: "user")()
    folder = Path(tempfile.gettempdir()) / f"tickerlens-{user}"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        others = stat.S_IMODE(found.st_mode) & 0o077
        if not hasattr(os, "getuid") or (
            stat.S_ISDIR(found.st_mode) and found.st_uid == user and not others
        ):
            return folder
    return Path(tempfile.mkdtemp(prefix="tickerlens-"))


def _aside(path: Path, nth: int) -> Path:
    return path.with_name(f"{path.name}.{nth}")
