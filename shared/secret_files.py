"""Files that nobody but their owner may read, or change.

On Windows a file has the rights of its folder, and the user's folders are closed to other users;
there is nothing to set or to look at there.
"""

import os
import stat
from pathlib import Path
from typing import Final

from shared.errors import InputMissingError, OpenFileError, SettingsError

_OWNER_ALONE: Final = 0o600
_POSIX: Final = os.name == "posix"


def create(path: Path, text: str) -> None:
    """Write a new file that its owner alone can read.

    Raises:
        InputMissingError: It cannot be written.
        SettingsError: There is a file of that name.
    """
    try:
        # With its rights from the first moment, and never through a link that another one laid.
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE)
    except FileExistsError as e:
        raise SettingsError(f"{path} exists already, and is not overwritten") from e
    except OSError as e:
        raise InputMissingError(f"{path} cannot be written: {e.strerror}") from e
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)


def read(path: Path, most_bytes: int) -> bytes:
    """Return what stands in a file, if others can neither read nor change it.

    Args:
        path: The file.
        most_bytes: More of it is not read.

    Raises:
        InputMissingError: It cannot be opened.
        OpenFileError: Others than its owner can read or change it.
    """
    return _read(path, most_bytes, stat.S_IRWXG | stat.S_IRWXO)


def read_unchanged(path: Path, most_bytes: int) -> bytes:
    """Return what stands in a file that others may read but not change; as `read` otherwise."""
    return _read(path, most_bytes, stat.S_IWGRP | stat.S_IWOTH)


def make_folder(path: Path) -> None:
    """Make a folder that its owner alone can look into, where there is none.

    Raises:
        InputMissingError: It cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as e:
        raise InputMissingError(f"the folder {path} cannot be made: {e.strerror}") from e


def _read(path: Path, most_bytes: int, forbidden: int) -> bytes:
    try:
        with path.open("rb") as file:
            # Of the opened file: what a path names may be another one a moment later.
            rights = os.fstat(file.fileno()).st_mode
            if _POSIX and rights & forbidden:
                raise OpenFileError(
                    f"{path} is open to others than its owner: chmod 600 {path}, and think of "
                    f"making its keys anew"
                )
            return file.read(most_bytes)
    except OSError as e:
        raise InputMissingError(f"{path} cannot be read: {e.strerror}") from e
