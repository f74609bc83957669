"""Which files of a folder hold bars, and what each is; none is left out without a word."""

import contextlib
import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Literal, cast

from shared.errors import DataError, InputMissingError

Kind = Literal["text", "json", "parquet", "feather"]
_KINDS: Final[dict[str, Kind]] = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".xml": "text",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".feather": "feather",
    ".arrow": "feather",
}
_PACKED: Final = (".gz", ".zip")
_HIVE: Final = re.compile(r"([^=/]+)=([^=/]+)")
MAX_UNPACKED: Final = 8 * 2**30  # bytes; what unpacks to more was made to fill a disk


@dataclass(frozen=True, kw_only=True)
class BarFile:
    """One file that may hold bars.

    Attributes:
        path: Where it is.
        member: Its name within a zip archive; empty outside of one.
        kind: How it is written.
        partition: What the folders above say, as in `symbol=005930/`; by lower-case name.
    """

    path: Path
    kind: Kind
    member: str = ""
    partition: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Return what people call it."""
        return f"{self.path}:{self.member}" if self.member else str(self.path)

    @property
    def name(self) -> str:
        """Return its name without folders."""
        return Path(self.member or self.path.name).name

    @property
    def packed(self) -> bool:
        """Return whether its bytes have to be unpacked."""
        return bool(self.member) or self.path.suffix.lower() == ".gz"

    @property
    def stem(self) -> str:
        """Return its name without folders and endings; most vendors put the ticker there."""
        name = self.name
        ending = re.compile(r"\.(csv|tsv|txt|jsonl?|ndjson|parquet|pq|feather|arrow|gz|zip)$", re.I)
        while ending.search(name):
            name = ending.sub("", name)
        return name

    def content(self) -> bytes:
        """Return the bytes, unpacked.

        Raises:
            InputMissingError: The file cannot be opened.
            DataError: It is damaged, or unpacks to more than `MAX_UNPACKED`.
        """
        with self._opened() as file:
            content = file.read(MAX_UNPACKED + 1 if self.packed else -1)
        self._refuse_larger(len(content))
        return content

    def head(self, size: int) -> bytes:
        """Return the first bytes, unpacked.

        Raises:
            InputMissingError: The file cannot be opened.
            DataError: It is damaged.
        """
        with self._opened() as file:
            return file.read(size)

    def lines(self, size: int) -> Iterator[bytes]:
        """Yield the bytes, unpacked, many whole lines at a time.

        Args:
            size: Bytes at a time, about.

        Raises:
            InputMissingError: The file cannot be opened.
            DataError: It is damaged, or unpacks to more than `MAX_UNPACKED`.
        """
        total = 0
        with self._opened() as file:
            while block := file.read(size) + file.readline():
                total += len(block)
                self._refuse_larger(total)
                yield block

    def _refuse_larger(self, size: int) -> None:
        if self.packed and size > MAX_UNPACKED:
            raise DataError(f"{self.label} unpacks to more than {MAX_UNPACKED} bytes")

    @contextlib.contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        try:
            with contextlib.ExitStack() as stack:
                yield self._stream(stack)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as e:
            if isinstance(e, OSError) and not isinstance(e, gzip.BadGzipFile):
                raise InputMissingError(f"{self.label} cannot be read: {e}") from e
            raise DataError(f"{self.label} cannot be unpacked: {e}") from e

    def _stream(self, stack: contextlib.ExitStack) -> IO[bytes]:
        if self.member:
            archive = stack.enter_context(zipfile.ZipFile(self.path))
            return stack.enter_context(archive.open(self.member))
        if self.packed:
            return cast(IO[bytes], stack.enter_context(gzip.open(self.path)))
        return stack.enter_context(self.path.open("rb"))


@dataclass(frozen=True, kw_only=True)
class FoundFiles:
    """What lies at a path.

    Attributes:
        files: What may hold bars, in the order of their names.
        left_out: The other files, and why each was left out.
    """

    files: tuple[BarFile, ...]
    left_out: dict[str, str]


def find(path: Path) -> FoundFiles:
    """Return the file at `path`, or all in that folder and the folders below.

    Raises:
        InputMissingError: There is nothing at the path, or no file of bars in the folder.
        DataError: The one file named is of no kind that is read.
    """
    if not path.exists():
        raise InputMissingError(f"{path} does not exist")
    if not path.is_dir():
        found = _members(path, {})
        if not found.files:
            raise DataError(next(iter(found.left_out.values())))
        return found
    inside = sorted(p for p in path.rglob("*") if p.is_file())
    parts = [_members(p, _partition(p.relative_to(path))) for p in inside]
    files = tuple(file for part in parts for file in part.files)
    left_out = {name: why for part in parts for name, why in part.left_out.items()}
    if not files:
        raise InputMissingError(f"the folder {path} holds no file of bars")
    return FoundFiles(files=files, left_out=left_out)


def _members(path: Path, partition: dict[str, str]) -> FoundFiles:
    if path.name.startswith((".", "_")) and not path.name.startswith("__"):
        # ._x.csv is what macOS leaves on foreign disks, _SUCCESS what Spark leaves in folders.
        return FoundFiles(files=(), left_out={str(path): f"{path} is a hidden file"})
    if path.suffix.lower() == ".zip":
        return _archive(path, partition)
    kind = _kind(path.name)
    if kind is None:
        known = ", ".join(_KINDS)
        return FoundFiles(
            files=(), left_out={str(path): f"{path} must be one of {known} (.gz, .zip)"}
        )
    return FoundFiles(files=(BarFile(path=path, kind=kind, partition=partition),), left_out={})


def _archive(path: Path, partition: dict[str, str]) -> FoundFiles:
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(i.filename for i in archive.infolist() if not i.is_dir())
    except (OSError, zipfile.BadZipFile) as e:
        return FoundFiles(files=(), left_out={str(path): f"{path} is no zip archive: {e}"})
    kinds = {n: k for n in names if (k := _kind(n)) and not Path(n).name.startswith((".", "_"))}
    files = tuple(
        BarFile(path=path, kind=k, member=n, partition=partition) for n, k in kinds.items()
    )
    others = [n for n in names if n not in kinds]
    return FoundFiles(
        files=files, left_out={f"{path}:{n}": f"{path}:{n} is no file of bars" for n in others}
    )


def _kind(name: str) -> Kind | None:
    path = Path(name)
    if path.suffix.lower() == ".gz":
        path = path.with_suffix("")
    return _KINDS.get(path.suffix.lower())


def _partition(inside: Path) -> dict[str, str]:
    named = (_HIVE.fullmatch(part) for part in inside.parts[:-1])
    return {match[1].lower(): match[2] for match in named if match}
