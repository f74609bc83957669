"""Each feature's six bars as two 6 x 6 images, read by a 2D-CNN: the image approach.

Wang and Oates, "Imaging time-series to improve classification and imputation", IJCAI 2015: a series
within -1 and 1 is written as the cosine of an angle, and the Gramian angular fields hold
cos(a[i] + a[j]) (summation) and sin(a[i] - a[j]) (difference).

The paper stretches each series to its own least and greatest value, which would hide how large a
move was; here the cosine is tanh(x / 2) of the scaled feature, one scale for all windows.
Then the sine is 1 / cosh(x / 2), and no arccos is needed, whose slope is infinite at -1 and 1.
"""

from itertools import pairwise
from typing import Annotated, Final, Literal

import msgspec
import torch
from torch import Tensor, nn

from models.networks.base import Convolutions, Network, NetworkKind, Traits
from models.networks.stacks import Channels
from shared.contract import STEPS, WINDOW_SHAPE, Class

_PLANES: Final = 2 * WINDOW_SHAPE[1]


class GafCnnSizes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hyper-parameters.

    Attributes:
        channels: Filters of each convolution.
        kernel: Bars that a filter spans along both axes; odd, so that padding keeps them aligned.
        dropout: Share of the last activations that training hides.
    """

    channels: Annotated[tuple[Channels, ...], msgspec.Meta(min_length=1, max_length=8)] = (8, 16)
    kernel: Literal[1, 3, 5] = 3
    dropout: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.3


class GafCnn(Network):
    """Convolutions over pairs of bars and one linear layer; the output is logits."""

    def __init__(self, sizes: GafCnnSizes) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in pairwise((_PLANES, *sizes.channels)):
            layers += [nn.Conv2d(before, after, sizes.kernel, padding="same"), nn.ReLU()]
        self.convolutions = nn.Sequential(*layers)
        self.dropout = nn.Dropout(sizes.dropout)
        self.head = nn.Linear(sizes.channels[-1] * STEPS * STEPS, len(Class))

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, 3) logits of (N, 6, 8) scaled windows, oldest bar first."""
        x = self.convolutions(self.image(x))  # (N, 16, 6, 6) -> (N, C, 6, 6)
        logits: Tensor = self.head(self.dropout(x.flatten(1)))  # (N, C * 36) -> (N, 3)
        return logits

    def image(self, x: Tensor) -> Tensor:
        """Return the (N, 16, 6, 6) fields of (N, 6, 8) scaled windows.

        The first eight planes are the summation fields, the last eight the difference fields, in
        the order of the features; [i, j] relates bar i to bar j.
        """
        half = x.transpose(1, 2) / 2  # (N, 8, 6)
        cosine, sine = half.tanh(), 1 / half.cosh()
        cosine_i, sine_i = cosine[..., :, None], sine[..., :, None]  # (N, 8, 6, 1)
        cosine_j, sine_j = cosine[..., None, :], sine[..., None, :]  # (N, 8, 1, 6)
        summation = cosine_i * cosine_j - sine_i * sine_j
        difference = sine_i * cosine_j - cosine_i * sine_j
        return torch.cat([summation, difference], dim=1)

    def traits(self) -> Traits:
        """Return the convolutions with their ReLUs, and the head that reads them."""
        relus = tuple(layer for layer in self.convolutions if isinstance(layer, nn.ReLU))
        convolutions = Convolutions(whole=self.convolutions, activations=relus, of_image=True)
        return Traits(relu=True, convolutions=convolutions, head=self.head)


KIND: Final = NetworkKind(name="gaf_cnn", sizes=GafCnnSizes, build=GafCnn)
