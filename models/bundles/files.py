"""The files of a bundle as they lie on disk: found by name, read once, no larger than they may be.

Whoever works with a model for long keeps what was read: a folder may be replaced under it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.errors import BundleError, InputMissingError

CARD_FILE: Final = "card.json"
WEIGHTS_FILE: Final = "model.safetensors"
SHIPPED: Final = Path(__file__).parents[1] / "pretrained"

# Ours have 7 kB and 54 kB. A card travels to every desk in one message, which may hold a million
# characters; a network of this window's size that needs more than so many weights is none.
MAX_CARD_BYTES: Final = 2**18
MAX_WEIGHTS_BYTES: Final = 2**28


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
