"""Which explanations are true for a bundle: what `explain-check --save` left beside its card."""

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from models.bundles.files import MAX_VERDICTS_BYTES, WEIGHTS_FILE, parse, read_bounded
from shared.errors import InputMissingError
from shared.explaining import MethodName, Verdict
from shared.limits import Count

VERDICTS_FILE: Final = "explain.json"
VERDICTS_VERSION: Final = 2
_ADVICE: Final = "; `tickerlens-models explain-check --save` writes it anew"


class _MethodVerdict(msgspec.Struct, frozen=True, kw_only=True):
    name: MethodName
    verdict: Verdict


class _Check(msgspec.Struct, frozen=True, kw_only=True):
    # The part of the file that the verdicts are in; the measures beside it are for readers.
    weights_sha256: str
    windows: Count = 0
    methods: tuple[_MethodVerdict, ...]


def read_verdicts(folder: Path) -> dict[str, Verdict]:
    """Return the verdict on each method by name; empty where none was saved for these weights.

    Args:
        folder: Of the bundle.

    Raises:
        BundleError: The file is not what `explain-check` writes.
        InputMissingError: It is there, but cannot be read.
    """
    path = folder / VERDICTS_FILE
    if not path.exists():
        return {}
    content = read_bounded(path, MAX_VERDICTS_BYTES)
    check = parse(path, content, _Check, VERDICTS_VERSION, _ADVICE)
    if check.weights_sha256 != _sha256(folder / WEIGHTS_FILE):
        return {}  # of weights that were replaced since
    return {
        judged.name: msgspec.structs.replace(judged.verdict, tested=check.windows)
        for judged in check.methods
    }


def _sha256(weights: Path) -> str:
    try:
        return hashlib.sha256(weights.read_bytes()).hexdigest()
    except OSError as e:
        raise InputMissingError(f"{weights} cannot be read: {e.strerror}") from e
