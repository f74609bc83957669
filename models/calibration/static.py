"""Calibration that is fitted once, on validation, and kept in the bundle.

Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017: logits are
scaled, and shifted, before the softmax. `models.training.calibration` fits it; what serves only
applies it.
"""

from typing import Annotated, Literal

import msgspec
import numpy as np

from shared.contract import Float32, Float64

CalibrationKind = Literal["none", "temperature", "vector"]

# Logits of ours lie within some tens.
_Shift = Annotated[float, msgspec.Meta(ge=-1e3, le=1e3)]
_Scale = Annotated[float, msgspec.Meta(gt=0, le=1e3)]
Triple = tuple[_Shift, _Shift, _Shift]


class Calibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From a network's logits to calibrated ones, class by class; the default changes nothing.

    Attributes:
        scale: (3,) factor of each logit, above 0: one over the temperature.
        bias: (3,) what is added to each after that.
    """

    scale: tuple[_Scale, _Scale, _Scale] = (1.0, 1.0, 1.0)
    bias: Triple = (0.0, 0.0, 0.0)

    def apply(self, logits: Float32 | Float64) -> Float64:
        """Return (n, 3) float64 calibrated logits of (n, 3) raw ones."""
        calibrated: Float64 = logits.astype(np.float64) * self.scale + self.bias
        return calibrated


def softmax(logits: Float64) -> Float64:
    """Return (n, 3) float64 probabilities of (n, 3) float64 logits; each row adds up to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Float64 = powers / powers.sum(axis=1, keepdims=True)
    return shares
