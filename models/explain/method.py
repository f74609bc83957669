"""What a method of explanation is to the program: its card, what it needs, and how it computes."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from models.explain.options import Options
from models.networks.traits import Trait
from shared.explaining import MethodCard

if TYPE_CHECKING:
    from torch import Tensor, nn

Compute = Callable[["nn.Module", "Tensor", "Tensor", Options], "Tensor"]


class Method(MethodCard, frozen=True, kw_only=True):
    """One way to explain an answer; ours and those of other packages are declared alike.

    In formulas S is the logit of the class that is asked about, x the window in scaled units (0 is
    the training mean), and A[k, t] the activation of filter k at step t.

    Attributes:
        formula: In these letters.
        paper: Where it comes from.
        compute: From a network, (n, 6, 8) float32 windows, (n,) int64 classes and the details to
            (n, 6, 8) float32, or (n, 6) where `columns` is 1. The network is a private copy in
            eval mode whose parameters need no gradient; it is one member of an ensemble, and has
            all traits that are needed.
        needs: What a network must have for it. A method that needs nothing is given an ensemble as
            a whole.
        baseline: Makes of windows those with which a map is compared, for a method that promises
            that the numbers of a map add up to the difference of the logits; None for others.
    """

    formula: str
    paper: str
    compute: Compute
    needs: tuple[Trait, ...] = ()
    baseline: Callable[["Tensor"], "Tensor"] | None = None
