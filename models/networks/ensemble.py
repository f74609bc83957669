"""Several networks of one kind and sizes that answer as one."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.networks.base import traits_of
from models.networks.traits import Trait


class Ensemble(nn.Module):
    """The mean of the members' logits, so that a gradient is the mean of their gradients.

    Attributes:
        members: The networks.
    """

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, 3) logits of (N, 6, 8) scaled windows, oldest bar first."""
        return torch.stack([member(x) for member in self.members]).mean(dim=0)


def unite(members: Sequence[nn.Module]) -> nn.Module:
    """Return a network that answers for all members: an only one is itself."""
    return members[0] if len(members) == 1 else Ensemble(members)


def members_of(network: nn.Module) -> list[nn.Module]:
    """Return the members of an ensemble, or the network alone."""
    return list(network.members) if isinstance(network, Ensemble) else [network]


def traits_there(network: nn.Module) -> frozenset[Trait]:
    """Return what a network, or each member of an ensemble, has inside."""
    return traits_of(members_of(network)[0]).names
