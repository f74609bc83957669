"""A 1D-CNN over time: features are channels, so a filter sees all of them at neighboring bars."""

from itertools import pairwise
from typing import Final

from torch import Tensor, nn

from models.networks.base import Convolutions, Network, NetworkKind, Traits
from models.networks.stacks import Cnn1dSizes as Cnn1dSizes
from shared.contract import STEPS, WINDOW_SHAPE, Class


class Cnn1d(Network):
    """Convolutions over the time axis and one linear layer; the output is logits."""

    def __init__(self, sizes: Cnn1dSizes) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in pairwise((WINDOW_SHAPE[1], *sizes.channels)):
            layers += [nn.Conv1d(before, after, sizes.kernel, padding="same"), nn.ReLU()]
        self.convolutions = nn.Sequential(*layers)
        self.dropout = nn.Dropout(sizes.dropout)
        self.head = nn.Linear(sizes.channels[-1] * STEPS, len(Class))

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, 3) logits of (N, 6, 8) scaled windows, oldest bar first."""
        x = self.convolutions(x.transpose(1, 2))  # (N, 8, 6) -> (N, C, 6)
        logits: Tensor = self.head(self.dropout(x.flatten(1)))  # (N, C * 6) -> (N, 3)
        return logits

    def traits(self) -> Traits:
        """Return the convolutions with their ReLUs, and the head that reads them."""
        relus = tuple(layer for layer in self.convolutions if isinstance(layer, nn.ReLU))
        convolutions = Convolutions(whole=self.convolutions, activations=relus)
        return Traits(relu=True, convolutions=convolutions, head=self.head)


KIND: Final = NetworkKind(name="cnn1d", sizes=Cnn1dSizes, build=Cnn1d)
