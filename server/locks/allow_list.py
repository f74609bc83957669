"""The list of whom a server lets in, as a file that commands change while the server runs."""

import contextlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from shared import secret_files
from shared.errors import DataError, InputMissingError, SettingsError, TickerlensError
from shared.keys import CurveKey, is_key

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", re.ASCII)
_MOST_BYTES: Final = 2**20
_HEAD: Final = "# Who is let in, NAME KEY a line: see `tickerlens-server keys`.\n"

NameOfKey = Mapping[CurveKey, str]
_Mark = tuple[int, int, int]


class AllowedKeys:
    """Whom a server lets in, for as long as it runs.

    Attributes:
        names: Of those that are let in, by their public keys.
        trouble: Why the list cannot be read any longer; empty if it can.
    """

    def __init__(self, names: NameOfKey) -> None:
        self.trouble = ""
        self.names: NameOfKey = MappingProxyType(dict(names))

    def renew(self) -> list[str]:
        """Look whether the list has changed; return the names of keys that are out since then."""
        return []


class AllowListFile(AllowedKeys):
    """Whom a server lets in, from a file that may change at any time.

    One that vanishes, or cannot be read any longer, lets nobody in.

    Args:
        path: The file.

    Raises:
        TickerlensError: As `read_list`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = _mark(path)
        super().__init__(read_list(path))

    def renew(self) -> list[str]:
        """Look whether the file has changed; return the names of keys that are out since then."""
        mark = _mark(self._path)
        if mark == self._mark:
            return []
        before, self._mark, self.trouble = self.names, mark, ""
        try:
            self.names = MappingProxyType(read_list(self._path))
        except TickerlensError as e:
            self.names, self.trouble = MappingProxyType({}), str(e)
        return [name for key, name in before.items() if self.names.get(key) != name]


def read_list(path: Path) -> dict[CurveKey, str]:
    """Return the names of those that are let in, by their public keys.

    Raises:
        DataError: A line is not a name and a key, or says again what another one said.
        InputMissingError: The file cannot be opened.
        OpenFileError: Others than its owner can change it.
    """
    names: dict[CurveKey, str] = {}
    text = secret_files.read_unchanged(path, _MOST_BYTES).decode(errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, key = line.strip().partition(" ")
        if not _NAME.fullmatch(name) or not is_key(key.strip()):
            raise DataError(f"{path}, line {number}: it must be a name and a key")
        if key.strip() in names or name in names.values():
            raise DataError(f"{path}, line {number}: that name or key stood there before")
        names[key.strip()] = name
    return names


def allow(path: Path, name: str, key: CurveKey) -> None:
    """Let in who has the secret half of `key`, from now on.

    Raises:
        SettingsError: It is no name or no key, or one of them is in the list already.
        TickerlensError: As `read_list`.
    """
    if not _NAME.fullmatch(name):
        raise SettingsError(f"a name is up to 32 letters, digits, '.', '-' and '_', was {name!r}")
    if not is_key(key):
        raise SettingsError(f"a key is 40 letters of Z85, was {key!r}")

    def add(names: dict[CurveKey, str]) -> None:
        if name in names.values() or key in names:
            raise SettingsError(f"{names.get(key, name)} is let in already; revoke it first")
        names[key] = name

    _change(path, add)


def revoke(path: Path, name: str) -> None:
    """Let `name` in no longer; a server that runs cuts it off.

    Raises:
        SettingsError: Nobody of that name is in the list.
        TickerlensError: As `read_list`.
    """

    def remove(names: dict[CurveKey, str]) -> None:
        keys = [key for key, known in names.items() if known == name]
        if not keys:
            raise SettingsError(f"nobody is let in as {name!r}")
        del names[keys[0]]

    _change(path, remove)


def _change(path: Path, change: Callable[[dict[CurveKey, str]], None]) -> None:
    draft = path.with_name(f"{path.name}.new")
    # Made before the list is read: of two commands at once, the second is refused here.
    secret_files.create(draft, "")
    try:
        names: dict[CurveKey, str] = {}
        if path.exists():
            names = read_list(path)
        change(names)
        lines = (f"{name} {key}\n" for key, name in names.items())
        draft.write_text(_HEAD + "".join(lines), encoding="utf-8")
        # At one stroke: a server sees the old list or the new one, never half of it.
        draft.replace(path)
    except OSError as e:
        raise InputMissingError(f"{path} cannot be written: {e.strerror}") from e
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()


def _mark(path: Path) -> _Mark | None:
    # What tells one state of a file from another; None where there is none.
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
