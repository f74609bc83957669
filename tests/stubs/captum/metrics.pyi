from collections.abc import Callable

from torch import Tensor

def sensitivity_max(
    explanation_func: Callable[[tuple[Tensor], Tensor], tuple[Tensor]],
    inputs: Tensor,
    perturb_func: Callable[[Tensor], tuple[Tensor]],
    *,
    n_perturb_samples: int,
    target: Tensor,
) -> Tensor: ...
def infidelity(
    forward_func: Callable[[Tensor], Tensor],
    perturb_func: Callable[[Tensor], tuple[Tensor, Tensor]],
    inputs: Tensor,
    attributions: Tensor,
    *,
    n_perturb_samples: int,
    target: Tensor,
    normalize: bool,
) -> Tensor: ...
