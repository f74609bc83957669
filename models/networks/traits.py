"""What a network tells of its inside; told without torch, which takes a second to load."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn


class Trait(enum.Enum):
    """Something inside a network that a method of explanation may need.

    Attributes:
        RELU: Its activations are `nn.ReLU` modules, so that slopes can pass them by another rule.
        CONVOLUTIONS: It has convolutions over bars, or over pairs of bars.
        LINEAR_HEAD: One linear layer makes the logits of what the convolutions say.
        IMAGE: Its convolutions read an image of each feature, over pairs of bars.
        ATTENTION: It tells how much each bar is read.
    """

    RELU = "relu"
    CONVOLUTIONS = "convolutions"
    LINEAR_HEAD = "linear head"
    IMAGE = "image"
    ATTENTION = "attention"


@dataclass(frozen=True, kw_only=True, eq=False)
class Convolutions:
    """The convolutions of a network.

    Attributes:
        whole: All of them: takes (n, channels, 6), or (n, channels, 6, 6) over pairs of bars, and
            keeps those places.
        activations: What puts out the activations of each, the first convolution first.
        of_image: Whether its channels are planes of one image a feature, all features of the first
            plane first.
    """

    whole: "nn.Module"
    activations: "tuple[nn.Module, ...]"
    of_image: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Traits:
    """What can be looked at inside a network; what is not declared is not there.

    Attributes:
        relu: Whether its activations are `nn.ReLU` modules, all of them.
        convolutions: Its convolutions; None without any.
        head: The linear layer that reads the flattened last activations; None where more lies
            between them and the logits.
        attention: From (n, 6, 8) windows to (n, layers, heads, 6, 6) weights, whose rows add up
            to 1; None without any.
    """

    relu: bool = False
    convolutions: Convolutions | None = None
    head: "nn.Linear | None" = None
    attention: "Callable[[Tensor], Tensor] | None" = None

    @property
    def names(self) -> frozenset[Trait]:
        """What is there."""
        there = {
            Trait.RELU: self.relu,
            Trait.CONVOLUTIONS: self.convolutions is not None,
            Trait.LINEAR_HEAD: self.head is not None,
            Trait.IMAGE: self.convolutions is not None and self.convolutions.of_image,
            Trait.ATTENTION: self.attention is not None,
        }
        return frozenset(trait for trait, is_there in there.items() if is_there)
