"""A small transformer encoder: each bar is a token, and attention mixes the six bars.

Vaswani et al., "Attention is all you need", NeurIPS 2017, with the norms before each step (Xiong et
al., "On layer normalization in the transformer architecture", ICML 2020) and learned positions.
Its attention knows the bars alone: the features of a bar are one token.
"""

import math
from typing import Annotated, Final

import msgspec
import torch
from torch import Tensor, nn

from models.networks.base import Network, NetworkKind, Traits
from shared.contract import STEPS, WINDOW_SHAPE, Class


class TransformerSizes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hyper-parameters.

    Attributes:
        width: Numbers that describe a token, a multiple of `heads`.
        heads: Ways to look at the other bars, in each layer.
        layers: Encoder blocks.
        dropout: Share of what a block adds, and of the last activations, that training hides.

    Raises:
        ValueError: `width` is no multiple of `heads`.
    """

    width: Annotated[int, msgspec.Meta(ge=1, le=512)] = 16
    heads: Annotated[int, msgspec.Meta(ge=1, le=16)] = 4
    layers: Annotated[int, msgspec.Meta(ge=1, le=8)] = 2
    dropout: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.2

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"width must be a multiple of heads, was {self.width}/{self.heads}")


class Attention(nn.Module):
    """Scaled dot-product attention of every bar to all six; the window ends at the present."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self._heads = heads
        self.query_key = nn.Linear(width, 2 * width)
        self.value = nn.Linear(width, width)
        self.output = nn.Linear(width, width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return what (N, 6, W) tokens become, and how much each took of each.

        Returns:
            (N, 6, W) tokens and (N, H, 6, 6) weights; a row, of the bar that looks, adds up to 1.
        """
        query, key = (self._by_head(half) for half in self.query_key(x).chunk(2, dim=-1))
        weights = (query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])).softmax(dim=-1)
        mixed = weights @ self._by_head(self.value(x))  # (N, H, 6, W / H)
        return self.output(mixed.transpose(1, 2).flatten(2)), weights

    def _by_head(self, x: Tensor) -> Tensor:
        # (N, 6, W) -> (N, H, 6, W / H)
        return x.reshape(*x.shape[:2], self._heads, x.shape[2] // self._heads).transpose(1, 2)


class Block(nn.Module):
    """Attention, then two layers for each token by itself; each adds to what was there."""

    def __init__(self, sizes: TransformerSizes) -> None:
        super().__init__()
        width = sizes.width
        self.before_attention = nn.LayerNorm(width)
        self.attention = Attention(width, sizes.heads)
        self.before_feed_forward = nn.LayerNorm(width)
        self.feed_forward = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )
        self.dropout = nn.Dropout(sizes.dropout)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return what (N, 6, W) tokens become, and the (N, H, 6, 6) attention weights."""
        mixed, weights = self.attention(self.before_attention(x))
        x = x + self.dropout(mixed)
        return x + self.dropout(self.feed_forward(self.before_feed_forward(x))), weights


class Transformer(Network):
    """Encoder blocks, and one linear layer over all six tokens; the output is logits."""

    def __init__(self, sizes: TransformerSizes) -> None:
        super().__init__()
        self.embedding = nn.Linear(WINDOW_SHAPE[1], sizes.width)
        self.position = nn.Parameter(torch.randn(STEPS, sizes.width) * 0.02)
        self.blocks = nn.ModuleList(Block(sizes) for _ in range(sizes.layers))
        self.norm = nn.LayerNorm(sizes.width)
        self.dropout = nn.Dropout(sizes.dropout)
        self.head = nn.Linear(sizes.width * STEPS, len(Class))

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, 3) logits of (N, 6, 8) scaled windows, oldest bar first."""
        tokens = self.norm(self._encode(x)[0])
        logits: Tensor = self.head(self.dropout(tokens.flatten(1)))  # (N, 6 * W) -> (N, 3)
        return logits

    def attention(self, x: Tensor) -> Tensor:
        """Return (N, layers, heads, 6, 6) attention weights of (N, 6, 8) scaled windows."""
        return torch.stack(self._encode(x)[1], dim=1)

    def traits(self) -> Traits:
        """Return the attention; there is no ReLU in it."""
        return Traits(attention=self.attention)

    def _encode(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        x = self.embedding(x) + self.position  # (N, 6, 8) -> (N, 6, W)
        attention = []
        for block in self.blocks:
            x, weights = block(x)
            attention.append(weights)
        return x, attention


KIND: Final = NetworkKind(name="transformer", sizes=TransformerSizes, build=Transformer)
