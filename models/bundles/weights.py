"""The weights of a bundle as plain arrays, once they are found to be what its card tells of."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from safetensors import SafetensorError

from models.bundles.card import Card
from models.bundles.files import MAX_WEIGHTS_BYTES
from shared.errors import BundleError

MAX_WEIGHT: Final = 1e6  # those of ours lie within 1

WeightArrays = dict[str, npt.NDArray[Any]]


def check_size(path: Path, numbers: int) -> None:
    """Refuse a network of more numbers than a bundle can hold, before room is made for them.

    Args:
        path: Of the weights, for the sentence.
        numbers: How many it has, of all members.

    Raises:
        BundleError: There are more.
    """
    if 4 * numbers > MAX_WEIGHTS_BYTES:
        raise BundleError(f"{path}: network has {numbers} numbers, more than a bundle can hold")


def read_weights(
    path: Path, content: bytes, card: Card, expected: Mapping[str, tuple[str, tuple[int, ...]]]
) -> WeightArrays:
    """Return the arrays of `model.safetensors` by name.

    Args:
        path: Of the file, for sentences.
        content: What it holds.
        card: Knows its hash.
        expected: Data type, such as float32, and shape of each array.

    Raises:
        BundleError: It is another file than the card tells of, or holds other arrays, or numbers
            that no training leaves behind.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != card.weights_sha256:
        raise BundleError(f"{path}: SHA-256 must be {card.weights_sha256}, was {found}")
    try:
        weights: WeightArrays = safetensors.numpy.load(content)
    except SafetensorError as e:
        raise BundleError(f"{path} is not a safetensors file: {e}") from e
    if weights.keys() != expected.keys():
        raise BundleError(f"{path} must hold {sorted(expected)}, was {sorted(weights)}")
    for name, (dtype, shape) in expected.items():
        _check(f"{path}: {name}", weights[name], dtype, shape)
    return weights


def _check(name: str, array: npt.NDArray[Any], dtype: str, shape: tuple[int, ...]) -> None:
    if array.shape != shape or array.dtype != dtype:
        raise BundleError(f"{name} must be {dtype} {shape}, was {array.dtype} {array.shape}")
    if not np.isfinite(array).all():
        raise BundleError(f"{name} must be finite, was not")
    if array.dtype.kind == "f" and bool((np.abs(array) > MAX_WEIGHT).any()):
        raise BundleError(f"{name} must lie within -{MAX_WEIGHT:g} and {MAX_WEIGHT:g}, did not")
