"""Small untrained models on disk, for tests that swap them."""

from pathlib import Path
from typing import Any

import torch

from models.bundles.bundle import encode_weights, save_bundle
from models.data.scaler import Scaler
from models.networks.cnn1d import Cnn1d, Cnn1dSizes
from tests.kit.cards import a_card


def made_folder(parent: Path, name: str, seed: int, **changes: Any) -> Path:
    """Write a bundle, the same each time, and return its folder."""
    torch.manual_seed(seed)
    weights, digest = encode_weights(Cnn1d(Cnn1dSizes(channels=(4,))))
    # In hundredths, so that it says now this and now that.
    scaler = Scaler(mean=(0.0,) * 8, sd=(0.01,) * 8)
    fields = {"name": name, "scaler": scaler} | changes
    save_bundle(parent / name, a_card(digest, **fields), weights)
    return parent / name
