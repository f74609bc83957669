"""The networks by the name that a card carries: ours, and those of packages that are installed."""

from typing import Final

import msgspec
import torch
from torch import nn

from models.networks import cnn1d, gaf_cnn, transformer
from models.networks.base import Network, NetworkKind
from models.networks.ensemble import unite
from shared.contract import WINDOW_SHAPE, Class
from shared.errors import PluginError
from shared.plugins import Group, guarded, load, names_beside

_GROUP: Final[Group] = "tickerlens.networks"

NETWORKS: Final = {kind.name: kind for kind in (cnn1d.KIND, transformer.KIND, gaf_cnn.KIND)}


def network_names() -> tuple[str, ...]:
    """Return the names of all networks, without loading those of other packages."""
    return (*NETWORKS, *names_beside(_GROUP, NETWORKS))


def network_kind(name: str) -> NetworkKind:
    """Return the kind of that name.

    Raises:
        PluginError: It is none of ours, and no package offers it, or not rightly.
    """
    if name in NETWORKS:
        return NETWORKS[name]
    kind = load(_GROUP, name, NetworkKind)
    if kind.name != name:
        raise PluginError(f"the plug-in {name!r} ({_GROUP}) calls itself {kind.name!r}")
    return kind


def build_network(kind: str, sizes: msgspec.Struct, members: int) -> nn.Module:
    """Return a network with fresh weights; of several members it is their ensemble.

    Args:
        kind: Name of a network.
        sizes: Its hyper-parameters.
        members: How many such networks answer as one, 1 or more.

    Raises:
        PluginError: Another package's network cannot be built, or does not do what one must.
    """
    return unite([_build(kind, sizes) for _ in range(members)])


def _build(name: str, sizes: msgspec.Struct) -> nn.Module:
    kind = network_kind(name)
    if name in NETWORKS:
        return kind.build(sizes)
    with guarded(_GROUP, name):
        network: object = kind.build(sizes)
        if not isinstance(network, Network):
            raise PluginError(f"the plug-in {name!r} ({_GROUP}) builds no Network")
        _try(name, network.eval())
        return network.train()


def _try(name: str, network: nn.Module) -> None:
    # Once, with made windows: what would else fail while the server decides is told at the start.
    random = torch.Generator().manual_seed(0)
    windows = torch.randn(2, *WINDOW_SHAPE, generator=random).requires_grad_(True)
    logits: object = network(windows)
    who = f"the plug-in {name!r} ({_GROUP})"
    if not isinstance(logits, torch.Tensor) or logits.shape != (len(windows), len(Class)):
        raise PluginError(f"{who} must make (n, {len(Class)}) logits of (n, 6, 8) windows")
    (slope,) = torch.autograd.grad(logits[0].sum(), windows)
    if not (torch.isfinite(logits).all() and torch.isfinite(slope).all()):
        raise PluginError(f"{who} must make finite logits with finite slopes")
    # One backward pass for a batch is each window's own slope only while this holds.
    if bool(slope[1].any()):
        raise PluginError(f"{who} must answer each window by itself, whatever stands beside it")
