"""What a caller may choose about a method; the defaults are the same everywhere."""

from typing import Annotated

import msgspec


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a method works in detail.

    Attributes:
        seed: Of the noise of `smoothgrad` and `smooth_grad_cam_pp`.
        samples: Noisy copies.
        noise: Their standard deviation, in scaled units.
        steps: Gauss-Legendre points of the integrals.
        layer: Which convolution the CAM methods look at, counted like a Python index.
    """

    seed: Annotated[int, msgspec.Meta(ge=0)] = 0
    samples: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 32
    noise: Annotated[float, msgspec.Meta(gt=0)] = 0.15
    steps: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 64
    layer: int = -1


DEFAULT = Options()
