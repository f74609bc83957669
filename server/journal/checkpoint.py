"""The state of the market in one file, from which a server that starts again goes on.

An archive of numpy: each array has a checksum there, and nothing of it is ever unpickled.
"""

import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from models.calibration.adaptive import AdaptiveState
from server.market.changes import SavedState
from shared.contract import UInt8

_HEAD: Final = "head"
_LAYOUT: Final = 1  # rises when what is kept means something else


class _CheckpointHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    layout: int
    meaning: str
    number: int
    live: bool
    symbols: tuple[str, ...]
    adaptive: AdaptiveState | None
    accepted: int
    reasons: dict[str, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class Checkpoint:
    """What a server knew after a moment.

    Attributes:
        number: Of the newest moment that is in it.
        live: Whether history had ended by then: what came after it was news.
        meaning: What the numbers depend on: model, rules, features. Another one is no checkpoint.
        symbols: The ticker of every row.
        state: What was known of them.
    """

    number: int
    live: bool
    meaning: str
    symbols: tuple[str, ...]
    state: SavedState


class DamagedCheckpointError(Exception):
    """The file is no checkpoint, or not the one that was written."""


def path_of(folder: Path, model_id: str) -> Path:
    """Return where the checkpoint of a model is; each has its own, so that one may come back."""
    return folder / f"state-{re.sub('[^a-z0-9._-]', '_', model_id.lower())}.npz"


def write(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint in place of the one that is there; a cut leaves the old one whole.

    Raises:
        OSError: It cannot be written.
    """
    state = checkpoint.state
    head = _CheckpointHead(
        layout=_LAYOUT,
        meaning=checkpoint.meaning,
        number=checkpoint.number,
        live=checkpoint.live,
        symbols=checkpoint.symbols,
        adaptive=state.adaptive,
        accepted=state.accepted,
        reasons=dict(state.reasons),
    )
    arrays: dict[str, Any] = dict(state.arrays)
    arrays[_HEAD] = np.frombuffer(msgspec.json.encode(head), np.uint8)
    fresh = path.with_suffix(".new")
    try:
        with fresh.open("wb") as file:
            np.savez(file, **arrays)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)  # on a full disk it would be in the way
        raise


def read(path: Path, meaning: str) -> Checkpoint | None:
    """Return the checkpoint that was written; None where there is none of this meaning.

    Raises:
        DamagedCheckpointError: What is there is none.
    """
    if not path.exists():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        head = _decoded(arrays.pop(_HEAD))
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as e:
        raise DamagedCheckpointError(f"{path} is damaged: {e}") from e
    if head is None or head.meaning != meaning:
        return None
    state = SavedState(
        arrays=arrays, adaptive=head.adaptive, accepted=head.accepted, reasons=head.reasons
    )
    return Checkpoint(
        number=head.number,
        live=head.live,
        meaning=head.meaning,
        symbols=head.symbols,
        state=state,
    )


def number_of(path: Path) -> int:
    """Return the number of the newest moment in a checkpoint; 0 where that cannot be told."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            head = _decoded(archive[_HEAD])
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return 0
    return 0 if head is None else head.number


def _decoded(head: UInt8) -> _CheckpointHead | None:
    text = head.tobytes()
    if json.loads(text).get("layout") != _LAYOUT:
        return None
    return msgspec.json.decode(text, type=_CheckpointHead)
