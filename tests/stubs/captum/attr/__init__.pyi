# What we use of Captum, which ships no types.
from collections.abc import Callable

from torch import Tensor, nn

_Forward = nn.Module | Callable[[Tensor], Tensor]

class Saliency:
    def __init__(self, forward_func: _Forward) -> None: ...
    def attribute(self, inputs: Tensor, target: Tensor, abs: bool = ...) -> Tensor: ...

class InputXGradient:
    def __init__(self, forward_func: _Forward) -> None: ...
    def attribute(self, inputs: Tensor, target: Tensor) -> Tensor: ...

class NoiseTunnel:
    def __init__(self, attribution_method: Saliency) -> None: ...
    def attribute(
        self,
        inputs: Tensor,
        nt_type: str = ...,
        nt_samples: int = ...,
        stdevs: float = ...,
        *,
        target: Tensor,
        abs: bool = ...,
    ) -> Tensor: ...

class IntegratedGradients:
    def __init__(self, forward_func: _Forward) -> None: ...
    def attribute(
        self,
        inputs: Tensor,
        baselines: Tensor,
        target: Tensor,
        *,
        n_steps: int = ...,
        method: str = ...,
    ) -> Tensor: ...

class Occlusion:
    def __init__(self, forward_func: _Forward) -> None: ...
    def attribute(
        self,
        inputs: Tensor,
        sliding_window_shapes: tuple[int, ...],
        *,
        target: Tensor,
        perturbations_per_eval: int = ...,
    ) -> Tensor: ...

class GuidedBackprop:
    def __init__(self, model: nn.Module) -> None: ...
    def attribute(self, inputs: Tensor, target: Tensor) -> Tensor: ...

class Deconvolution:
    def __init__(self, model: nn.Module) -> None: ...
    def attribute(self, inputs: Tensor, target: Tensor) -> Tensor: ...

class LayerGradCam:
    def __init__(self, forward_func: _Forward, layer: nn.Module) -> None: ...
    def attribute(
        self, inputs: Tensor, target: Tensor, *, relu_attributions: bool = ...
    ) -> Tensor: ...

class GuidedGradCam:
    def __init__(self, model: nn.Module, layer: nn.Module) -> None: ...
    def attribute(self, inputs: Tensor, target: Tensor) -> Tensor: ...
