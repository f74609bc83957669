"""A trained model on disk: a folder with `model.safetensors` and a readable `card.json`.

Nothing is ever unpickled, and nothing that does not fit its card and the contract is ever loaded.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from models.bundles.card import CARD_VERSION, Card
from models.bundles.files import (
    CARD_FILE,
    WEIGHTS_FILE,
    BundleFiles,
    find_bundle,
    read_files,
)
from models.data.features import registry
from models.data.features.feature_set import FeatureSet
from models.networks import build_network, network_kind, network_names
from shared.contract import CLASS_NAMES, WINDOW_SHAPE
from shared.errors import BundleError, InputMissingError, PluginError


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundle:
    """A model that fits its card and the contract.

    Attributes:
        card: What the model is.
        card_json: The card's file, word for word.
        feature_set: What its windows hold.
        network: (N, 6, 8) scaled float32 to (N, 3) logits; in eval mode.
    """

    card: Card
    card_json: str
    feature_set: FeatureSet
    network: nn.Module

    @property
    def model_id(self) -> str:
        """Return the name and the first 8 digits of the weights' hash."""
        return f"{self.card.name}@{self.card.weights_sha256[:8]}"


def encode_weights(network: nn.Module) -> tuple[bytes, str]:
    """Return the content of `model.safetensors` and its SHA-256."""
    content = safetensors.torch.save(network.state_dict())
    return content, hashlib.sha256(content).hexdigest()


def save_bundle(folder: Path, card: Card, weights: bytes) -> None:
    """Write a bundle; `weights` comes from `encode_weights`.

    Raises:
        InputMissingError: The folder cannot be written.
    """
    text = msgspec.json.format(msgspec.json.encode(card), indent=2).decode() + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / WEIGHTS_FILE).write_bytes(weights)
        (folder / CARD_FILE).write_text(text, encoding="utf-8")
    except OSError as e:
        raise InputMissingError(f"the bundle {folder} cannot be written: {e.strerror}") from e


def load_bundle(name_or_folder: str) -> Bundle:
    """Return the shipped bundle of that name, or the one in that folder.

    Raises:
        InputMissingError: There is no such name or folder.
        BundleError: A file is missing, or does not fit the card or the contract; or the network is
            of a package that is not installed.
        PluginError: It needs a feature set that no installed package offers, or that fails; or
            another package's network, which cannot be built.
    """
    folder = find_bundle(name_or_folder)
    return build_bundle(read_files(folder), str(folder))


def build_bundle(files: BundleFiles, origin: str) -> Bundle:
    """Return the bundle that these files hold.

    Args:
        files: Its files.
        origin: Where they are from, for sentences.

    Raises:
        BundleError: A file does not fit the card or the contract; or the network is of a package
            that is not installed.
        PluginError: It needs a feature set that no installed package offers, or that fails; or
            another package's network, which cannot be built.
    """
    card_path, weights_path = Path(origin, CARD_FILE), Path(origin, WEIGHTS_FILE)
    card = _parse_card(card_path, files.card)
    feature_set = _feature_set(card, card_path)
    network = _build_network(card, card_path)
    _load_weights(network, card, files.weights, weights_path)
    return Bundle(
        card=card, card_json=files.card.decode(), feature_set=feature_set, network=network.eval()
    )


def _feature_set(card: Card, path: Path) -> FeatureSet:
    try:
        found = registry.feature_set(card.feature_set)
    except PluginError as e:
        raise PluginError(f"{path} cannot be loaded: {e}") from e
    if card.features != found.names:
        raise BundleError(f"{path}: features must be {found.names}, was {card.features}")
    return found


def _build_network(card: Card, path: Path) -> nn.Module:
    name = card.network.kind
    names = network_names()
    if name not in names:
        raise BundleError(
            f"{path}: network.kind must be {', '.join(names)}, was {name!r}, "
            "which no installed package offers"
        )
    kind = network_kind(name)
    try:
        sizes = msgspec.convert(card.network.sizes, kind.sizes)
    except msgspec.ValidationError as e:
        raise BundleError(f"{path}: network.sizes: {e}") from e
    return build_network(name, sizes, card.network.members)


class Versioned(msgspec.Struct):
    """The version of a file of a bundle, whatever else stands in it."""

    version: int


def _parse_card(path: Path, content: bytes) -> Card:
    try:
        # By itself first: a card of another version has other fields as well.
        version = msgspec.json.decode(content, type=Versioned).version
        if version != CARD_VERSION:
            raise BundleError(f"{path}: version must be {CARD_VERSION}, was {version}")
        card = msgspec.json.decode(content, type=Card)
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise BundleError(f"{path}: {e}") from e
    contract = {"window": WINDOW_SHAPE, "classes": CLASS_NAMES}
    for field, expected in contract.items():
        if getattr(card, field) != expected:
            raise BundleError(f"{path}: {field} must be {expected}, was {getattr(card, field)}")
    return card


def _load_weights(network: nn.Module, card: Card, content: bytes, path: Path) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != card.weights_sha256:
        raise BundleError(f"{path}: SHA-256 must be {card.weights_sha256}, was {found}")
    try:
        weights = safetensors.torch.load(content)
    except SafetensorError as e:
        raise BundleError(f"{path} is not a safetensors file: {e}") from e
    expected = network.state_dict()
    if weights.keys() != expected.keys():
        raise BundleError(f"{path} must hold {sorted(expected)}, was {sorted(weights)}")
    for name, tensor in weights.items():
        _check_tensor(f"{path}: {name}", tensor, expected[name])
    network.load_state_dict(weights, strict=True)


def _check_tensor(name: str, tensor: Tensor, expected: Tensor) -> None:
    if tensor.shape != expected.shape or tensor.dtype != expected.dtype:
        wanted = f"{expected.dtype} {tuple(expected.shape)}"
        raise BundleError(f"{name} must be {wanted}, was {tensor.dtype} {tuple(tensor.shape)}")
    if not bool(torch.isfinite(tensor).all()):
        raise BundleError(f"{name} must be finite, was not")
