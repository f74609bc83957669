"""A network without any inner order: one hidden layer over all 48 cells at once."""

from typing import Annotated, Final

import msgspec
from torch import Tensor, nn

from models.networks.base import Network, NetworkKind, Traits
from shared.contract import WINDOW_SHAPE, Class


class MlpSizes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hyper-parameters.

    Attributes:
        hidden: Numbers in the hidden layer.
    """

    hidden: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 32


class Mlp(Network):
    """Two dense layers with a ReLU between them."""

    def __init__(self, sizes: MlpSizes) -> None:
        super().__init__()
        self.hidden = nn.Linear(WINDOW_SHAPE[0] * WINDOW_SHAPE[1], sizes.hidden)
        self.relu = nn.ReLU()
        self.head = nn.Linear(sizes.hidden, len(Class))

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, 3) logits of (N, 6, 8) scaled windows, oldest bar first."""
        logits: Tensor = self.head(self.relu(self.hidden(x.flatten(1))))
        return logits

    def traits(self) -> Traits:
        """Return that slopes can pass the ReLU by another rule; there is nothing else to see."""
        return Traits(relu=True)


NETWORK: Final = NetworkKind(name="mlp", sizes=MlpSizes, build=Mlp)
