"""What an attention network reads; it has the time axis only, and knows no class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.explain.method import Method
from models.explain.options import Options
from models.networks.traits import Trait
from shared.errors import DataError
from shared.explaining import MapKind

if TYPE_CHECKING:
    from torch import Tensor, nn


def attention_rollout(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return how much each bar is read, (n, 6), 0 or more; each row adds up to 1.

    Abnar and Zuidema, ACL 2020: a layer passes on half of what it got and half of what its heads
    read, so rollout = product over layers of (mean attention over heads + I) / 2. The head reads
    all steps, so the rows of all steps are averaged.
    """
    import torch

    from models.networks.base import traits_of

    attention = traits_of(network).attention
    if attention is None:
        raise DataError(f"a {type(network).__name__} has no attention to look at")
    with torch.no_grad():
        weights = attention(x).mean(dim=2)  # (n, layers, 6, 6)
    identity = torch.eye(weights.shape[-1], dtype=weights.dtype)
    rollout = identity.expand(len(x), -1, -1)
    for layer in ((weights + identity) / 2).unbind(dim=1):
        rollout = layer @ rollout
    return rollout.mean(dim=1)


METHODS: Final = (
    Method(
        name="attention_rollout",
        title="Attention rollout",
        columns=1,
        signed=False,
        kind=MapKind.SCORE,
        formula="mean over steps of the product over layers of (mean attention over heads + I) / 2",
        note="How much each bar is read, with what the layers pass on. The same for every class; "
        "features are summed away.",
        paper="Abnar and Zuidema, ACL 2020",
        needs=(Trait.ATTENTION,),
        compute=attention_rollout,
    ),
)
