"""What is new in files that grow: whole lines of text, and other files whole."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

_LINES: Final = frozenset((".csv", ".tsv", ".txt"))  # files that grow line by line
_HEADING: Final = 4  # lines at the top that may hold names of columns
_HEAD: Final = 4_096  # bytes that tell a file that was replaced from one that grew
_BLOCK: Final = 65_536

_GrowthMark = tuple[int, int, int]


class GrowingFile:
    """One file, as far as it was read.

    Args:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._by_line = path.suffix.lower() in _LINES
        self.forget()

    def forget(self) -> None:
        """Read all of it the next time, even if it stays as it is."""
        self._mark: _GrowthMark | None = None
        self._read = 0  # bytes, up to the end of a line
        self._head = b""

    def is_new(self) -> bool:
        """Return whether there may be something new.

        Raises:
            OSError: It is gone, or not ours to see.
        """
        return self._look() != self._mark

    def _look(self) -> _GrowthMark:
        told = self._path.stat()
        return told.st_ino, told.st_size, told.st_mtime_ns

    def put_new(self, to: Path, lines: int) -> bool:
        """Write what is new to another file, if anything is.

        Of text that is the heading, some lines before, and what came, up to the end of the last
        whole line; from the beginning where it is another file, or a shorter one, than before.

        Args:
            to: The other file.
            lines: How many lines before.

        Returns:
            Whether anything is.

        Raises:
            OSError: One of the files cannot be read or written.
        """
        mark = self._look()
        if mark == self._mark:
            return False
        if not self._by_line:
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self._path, to)
            self._mark = mark
            return True
        with self._path.open("rb") as file:
            if not self._goes_on(file.read(_HEAD), mark):
                self._read = 0
            end = _end_of_lines(file, mark[1])
            self._mark = mark
            if end <= self._read:
                return False
            file.seek(0)
            heading = b"".join(file.readline() for _ in range(_HEADING))[:end]
            if heading.count(b"\n") < 2:
                return False  # names of columns, and no bar yet
            begin = max(_lines_before(file, self._read, lines), len(heading))
            file.seek(begin)
            to.parent.mkdir(parents=True, exist_ok=True)
            with to.open("wb") as copy:
                copy.write(heading)
                left = end - begin
                while left > 0 and (block := file.read(min(left, _BLOCK))):
                    copy.write(block)
                    left -= len(block)
            file.seek(0)
            self._head, self._read = file.read(min(end, _HEAD)), end
        return True

    def _goes_on(self, head: bytes, mark: _GrowthMark) -> bool:
        same = self._mark is None or self._mark[0] == mark[0]
        return same and mark[1] >= self._read and head.startswith(self._head)


class GrowingFolder:
    """A file, or all files of bars in a folder and below, those that come later included.

    Args:
        path: The file or folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: dict[str, GrowingFile] = {}

    def __len__(self) -> int:
        """Return how many files were ever seen."""
        return len(self._files)

    def put_new(self, to: Path, lines: int) -> list[Path]:
        """Write what is new in each file to one of the same name in another folder.

        A file that cannot be read now is looked at again the next time.

        Args:
            to: The other folder.
            lines: How many lines before what is new.

        Returns:
            The files in the other folder.
        """
        put = []
        for name in self._names():
            file = self._files.get(name)
            if file is None:
                file = self._files[name] = GrowingFile(Path(name))
            try:
                if not file.is_new():
                    continue
                copy = to / self._inside(Path(name))
                if file.put_new(copy, lines):
                    put.append(copy)
            except OSError:
                file.forget()
        return put

    def forget(self, copy: Path, to: Path) -> None:
        """Read all of a file the next time it changes, of which a copy in `to` was no use."""
        for name, file in self._files.items():
            if to / self._inside(Path(name)) == copy:
                file.forget()

    def _inside(self, path: Path) -> Path:
        return path.relative_to(self._path) if path != self._path else Path(path.name)

    def _names(self) -> Iterator[str]:
        if not self._path.is_dir():
            yield from [str(self._path)] * self._path.is_file()
            return
        for folder, _, names in os.walk(self._path):
            for name in sorted(names):
                if not name.startswith((".", "_")):
                    yield f"{folder}{os.sep}{name}"


def _end_of_lines(file: BinaryIO, size: int) -> int:
    # Where the last whole line ends.
    end = size
    while end > 0:
        begin = max(end - _BLOCK, 0)
        file.seek(begin)
        place = file.read(end - begin).rfind(b"\n")
        if place >= 0:
            return begin + place + 1
        end = begin
    return 0


def _lines_before(file: BinaryIO, end: int, lines: int) -> int:
    # Where so many lines before `end` begin.
    begin, found = end, 0
    while begin > 0:
        size = min(_BLOCK, begin)
        file.seek(begin - size)
        block = file.read(size)
        for place in _breaks_back(block):
            found += 1
            if found > lines:
                return begin - size + place + 1
        begin -= size
    return 0


def _breaks_back(block: bytes) -> Iterator[int]:
    place = block.rfind(b"\n")
    while place >= 0:
        yield place
        place = block.rfind(b"\n", 0, place)
