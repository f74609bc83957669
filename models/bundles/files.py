"""The files of a bundle as they lie on disk: found by name, read once, no larger than they may be.

Whoever works with a model for long keeps what was read: a folder may be replaced under it.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from shared.errors import BundleError, InputMissingError

CARD_FILE: Final = "card.json"
WEIGHTS_FILE: Final = "model.safetensors"
SHIPPED: Final = Path(__file__).parents[1] / "pretrained"

# Ours have 7 kB and 54 kB. A card travels to every desk in one message, which may hold a million
# characters; a network of this window's size that needs more than so many weights is none.
MAX_CARD_BYTES: Final = 2**18
MAX_VERDICTS_BYTES: Final = 2**24
MAX_WEIGHTS_BYTES: Final = 2**28

# The deepest of ours has 5; Python and msgspec give up at about 1,000, as a desk would.
_MAX_NESTING: Final = 32
_BRACKETS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class BundleFiles:
    """What a bundle consists of, unread.

    Attributes:
        card: Content of `card.json`.
        weights: Content of `model.safetensors`.
    """

    card: bytes
    weights: bytes


def find_bundle(name_or_folder: str) -> Path:
    """Return the folder of the shipped bundle of that name, or the folder itself.

    Raises:
        InputMissingError: There is no such name or folder.
    """
    folder = SHIPPED / name_or_folder
    if not (folder / CARD_FILE).is_file():
        folder = Path(name_or_folder)
    if not folder.is_dir():
        shipped = ", ".join(sorted(p.parent.name for p in SHIPPED.glob(f"*/{CARD_FILE}")))
        raise InputMissingError(f"{folder} is neither a folder nor a shipped bundle ({shipped})")
    return folder


def read_files(folder: Path) -> BundleFiles:
    """Return the files of the bundle in `folder`.

    Raises:
        InputMissingError: A file cannot be read.
        BundleError: A file is missing, or larger than it may be.
    """
    return BundleFiles(
        card=read_bounded(folder / CARD_FILE, MAX_CARD_BYTES),
        weights=read_bounded(folder / WEIGHTS_FILE, MAX_WEIGHTS_BYTES),
    )


def read_bounded(path: Path, most: int) -> bytes:
    """Return the content of a file of a bundle that has at most so many bytes.

    Raises:
        InputMissingError: It cannot be read.
        BundleError: It is missing, or larger.
    """
    try:
        # One more than it may have, rather than its size: a pipe or a device has none.
        with path.open("rb") as file:
            content = file.read(most + 1)
    except FileNotFoundError as e:
        raise BundleError(f"the bundle has no {path}") from e
    except OSError as e:
        raise InputMissingError(f"{path} cannot be read: {e.strerror}") from e
    if len(content) > most:
        raise BundleError(f"{path} must have at most {most} bytes, was larger")
    return content


class _Versioned(msgspec.Struct):
    # The version of a file, whatever else stands in it.
    version: int


def parse(
    path: Path,
    content: bytes,
    kind: type[T],
    version: int,
    advice: str = "",
    oldest: int | None = None,
) -> T:
    """Return the record that a JSON file of a bundle holds.

    Args:
        path: Of the file, for sentences.
        content: What it holds.
        kind: The record.
        version: The one that is read.
        advice: What to do about a file of another version.
        oldest: The first that is read as well, because later ones only added; None for `version`.

    Raises:
        BundleError: It is no such record.
    """
    try:
        if _nesting(content) > _MAX_NESTING:
            raise BundleError(f"{path}: nested deeper than {_MAX_NESTING} lists and objects")
        # By itself first: a file of another version has other fields as well.
        found = msgspec.json.decode(content, type=_Versioned).version
        if not (version if oldest is None else oldest) <= found <= version:
            raise BundleError(f"{path}: version must be {version}, was {found}{advice}")
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise BundleError(f"{path}: {e}") from e


def _nesting(content: bytes) -> int:
    # How many lists and objects of a JSON text lie within each other; brackets in strings are none.
    depth = deepest = 0
    for token in _BRACKETS.findall(content):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(token, 0)
        deepest = max(deepest, depth)
    return deepest
