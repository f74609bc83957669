"""Does a map depend on what was learned? Adebayo et al., "Sanity checks for saliency maps", 2018.

A map that stays the same when the weights become random, or when a network was trained on shuffled
labels, shows the window and the wiring instead of the reasons.
"""

import copy
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import numpy as np
import torch
from scipy.stats import rankdata
from torch import nn

from models.explain.attribution import attribute
from models.explain.method import Method
from models.networks.base import Network, layer_of, registered_layers
from models.networks.ensemble import members_of
from models.networks.kinds import build_network
from shared.contract import Float32, Float64, Int64
from shared.explaining import MapKind

_EPOCHS: Final = 20
_BATCH: Final = 256
_LEARNING_RATE: Final = 3e-3


def similarity(first: Float32, second: Float32, *, signed: bool = False) -> Float64:
    """Return the (n,) Spearman correlations of two maps; 0 where one is constant.

    Args:
        first: (n, 6, 8) or (n, 6) float32.
        second: The same.
        signed: Whether numbers are compared rather than their sizes. Slopes are by size: one that
            only changed its sign did not change what it points at. Shares are with their sign: the
            size of the window is a factor in them whatever the weights, and their sign says whether
            a cell spoke for or against the class.
    """
    a, b = _centered_ranks(first, signed=signed), _centered_ranks(second, signed=signed)
    # Of ranks, as `scipy.stats.spearmanr` takes it, which is undefined where a map is constant.
    below = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    together: Float64 = (a * b).sum(axis=1) / np.where(below > 0, below, 1.0)
    return together


def cascade(
    network: nn.Module,
    methods: Sequence[Method],
    scaled: Float32,
    target: Int64,
    *,
    seed: int = 0,
) -> Iterator[tuple[str, dict[str, float]]]:
    """Make the layers random one after the other, the head first, and yield how like maps stay.

    A weight is drawn anew from a normal distribution with the mean and spread of its tensor, so
    that activations keep their size.

    Args:
        network: Whose copy is spoiled.
        methods: What to look at.
        scaled: (n, 6, 8) float32 windows.
        target: (n,) int64 classes that are asked about, the same throughout.
        seed: Of the weights.

    Yields:
        The layer that went last, and the mean similarity of each method's maps to the true ones.
    """
    true = {m: attribute(network, m.name, scaled, target) for m in methods}
    spoiled = copy.deepcopy(network)
    random = torch.Generator().manual_seed(seed)
    for layer in layers_of(network):
        for member in members_of(spoiled):
            _spoil(member, layer, random)
        yield layer, {m.name: likeness(spoiled, m, scaled, target, true[m]) for m in methods}


def layers_of(network: nn.Module) -> tuple[str, ...]:
    """Return the layers that have weights, from the head to the window."""
    member = members_of(network)[0]
    return member.layers() if isinstance(member, Network) else registered_layers(member)


def learn_shuffled(kind: str, sizes: msgspec.Struct, scaled: Float32, label: Int64) -> nn.Module:
    """Return a network that was trained on shuffled labels, so that nothing true can be learned.

    Args:
        kind: Name of a network.
        sizes: Its hyper-parameters.
        scaled: (n, 6, 8) float32 windows.
        label: (n,) int64 classes, which are shuffled here.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = build_network(kind, sizes, 1).train()
        windows = torch.from_numpy(scaled)
        shuffled = torch.from_numpy(label)[torch.randperm(len(label))]
        optimizer = torch.optim.Adam(network.parameters(), lr=_LEARNING_RATE)
        for _ in range(_EPOCHS):
            for chosen in torch.split(torch.randperm(len(label)), _BATCH):
                loss = nn.functional.cross_entropy(network(windows[chosen]), shuffled[chosen])
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                optimizer.step()
    return network.eval()


def likeness(
    network: nn.Module, method: Method, scaled: Float32, target: Int64, true: Float32
) -> float:
    """Return how like the maps of another network are to the true ones, on average.

    Args:
        network: The other one.
        method: Whose maps are compared.
        scaled: (n, 6, 8) float32 windows.
        target: (n,) int64 classes that are asked about.
        true: (n, 6, 8) or (n, 6) float32 maps.
    """
    maps = attribute(network, method.name, scaled, target)
    return float(similarity(true, maps, signed=method.kind is MapKind.SHARE).mean())


@torch.no_grad()
def _spoil(network: nn.Module, layer: str, random: torch.Generator) -> None:
    for name, weight in network.named_parameters():
        if layer_of(name) == layer:
            spread = float(weight.std(correction=0))
            weight.normal_(float(weight.mean()), max(spread, 1e-6), generator=random)


def _centered_ranks(maps: Float32, *, signed: bool) -> Float64:
    # (n, units) ranks less their mean; equals share their mean rank.
    flat = maps.reshape(len(maps), -1)
    ranks = rankdata(flat if signed else np.abs(flat), axis=1)
    centered: Float64 = ranks - ranks.mean(axis=1, keepdims=True)
    return centered
