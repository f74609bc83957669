"""A trained model on disk: a folder with `model.safetensors` and a readable `card.json`.

Nothing is ever unpickled, and nothing that does not fit its card and the contract is ever loaded.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
import safetensors.torch
import torch
from torch import nn

from models.bundles.card import Card
from models.bundles.facts import BundleFacts, read_facts, read_sizes
from models.bundles.files import CARD_FILE, WEIGHTS_FILE, BundleFiles, find_bundle, read_files
from models.bundles.trial import try_out
from models.bundles.weights import check_size, read_weights
from models.inference.torch_scorer import TorchScorer
from models.networks.kinds import build_network, network_kind, network_names
from shared.errors import BundleError, InputMissingError


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundle(BundleFacts):
    """A model that fits its card and the contract.

    Attributes:
        network: (N, 6, 8) scaled float32 to (N, 3) logits; in eval mode.
    """

    network: nn.Module


def encode_weights(network: nn.Module) -> tuple[bytes, str]:
    """Return the content of `model.safetensors` and its SHA-256."""
    content = safetensors.torch.save(network.state_dict())
    return content, hashlib.sha256(content).hexdigest()


def save_bundle(folder: Path, card: Card, weights: bytes) -> None:
    """Write a bundle; `weights` comes from `encode_weights`.

    Raises:
        InputMissingError: The folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / WEIGHTS_FILE).write_bytes(weights)
        (folder / CARD_FILE).write_bytes(_card_text(card))
    except OSError as e:
        raise InputMissingError(f"the bundle {folder} cannot be written: {e.strerror}") from e


def replace_card(folder: Path, card: Card) -> Path:
    """Write the card of a bundle anew, beside the weights that it has, and return its path.

    Raises:
        InputMissingError: The folder cannot be written.
    """
    path = folder / CARD_FILE
    try:
        path.write_bytes(_card_text(card))
    except OSError as e:
        raise InputMissingError(f"the card {path} cannot be written: {e.strerror}") from e
    return path


def _card_text(card: Card) -> bytes:
    return msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n"


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
    facts, weights_path = read_facts(files, origin), Path(origin, WEIGHTS_FILE)
    network = _build_network(facts.card, origin).eval()
    _load_weights(network, facts.card, files.weights, weights_path)
    try_out(TorchScorer(network), facts.card.calibration.static, weights_path)
    return Bundle(
        card=facts.card,
        card_json=facts.card_json,
        feature_set=facts.feature_set,
        network=network,
    )


def _build_network(card: Card, origin: str) -> nn.Module:
    path, name = Path(origin, CARD_FILE), card.network.kind
    names = network_names()
    if name not in names:
        raise BundleError(
            f"{path}: network.kind must be {', '.join(names)}, was {name!r}, "
            "which no installed package offers"
        )
    sizes = read_sizes(card, origin, network_kind(name).sizes)
    one = build_network(name, sizes, 1)
    check_size(path, card.network.members * sum(p.numel() for p in one.parameters()))
    return one if card.network.members == 1 else build_network(name, sizes, card.network.members)


def _load_weights(network: nn.Module, card: Card, content: bytes, path: Path) -> None:
    expected = {
        name: (str(tensor.dtype).removeprefix("torch."), tuple(tensor.shape))
        for name, tensor in network.state_dict().items()
    }
    weights = read_weights(path, content, card, expected)
    network.load_state_dict({name: torch.from_numpy(a.copy()) for name, a in weights.items()})
