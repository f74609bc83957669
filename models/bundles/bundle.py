"""A trained model on disk: a folder with `model.safetensors` and a readable `card.json`.

Nothing is ever unpickled, and nothing that does not fit its card and the contract is ever loaded.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
import safetensors.torch
from safetensors import SafetensorError
from torch import nn

from models.bundles.card import CARD_VERSION, Card
from models.bundles.files import (
    CARD_FILE,
    MAX_WEIGHTS_BYTES,
    WEIGHTS_FILE,
    BundleFiles,
    find_bundle,
    parse,
    read_files,
)
from models.bundles.trial import check_tensor, try_out
from models.data.features import registry
from models.data.features.feature_set import FeatureSet
from models.networks import build_network, network_kind, network_names
from shared.contract import CLASS_NAMES, WINDOW_SHAPE, interval_seconds
from shared.errors import BundleError, DataError, InputMissingError, PluginError, SettingsError
from shared.markets import MARKETS


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
    try_out(network.eval(), card.calibration.static, weights_path)
    return Bundle(
        card=card, card_json=files.card.decode(), feature_set=feature_set, network=network
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
    one = build_network(name, sizes, 1)
    numbers = card.network.members * sum(p.numel() for p in one.parameters())
    if 4 * numbers > MAX_WEIGHTS_BYTES:  # told before room is made for them
        raise BundleError(f"{path}: network has {numbers} numbers, more than a bundle can hold")
    return one if card.network.members == 1 else build_network(name, sizes, card.network.members)


def _parse_card(path: Path, content: bytes) -> Card:
    card = parse(path, content, Card, CARD_VERSION)
    contract = {"window": WINDOW_SHAPE, "classes": CLASS_NAMES}
    for field, expected in contract.items():
        if getattr(card, field) != expected:
            raise BundleError(f"{path}: {field} must be {expected}, was {getattr(card, field)}")
    try:
        interval_seconds(card.interval)
        _check_market(card.market)
    except (DataError, SettingsError) as e:
        raise BundleError(f"{path}: {e}") from e
    return card


def _check_market(name: str) -> None:
    if name not in MARKETS:
        # exchange_calendars takes a second to import, and most cards name one of ours.
        from models.data.calendars.markets import market_named

        market_named(name)


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
        check_tensor(f"{path}: {name}", tensor, expected[name])
    network.load_state_dict(weights, strict=True)
