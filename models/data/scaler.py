"""Raw features to what the network sees; fitted on train windows alone and kept in the bundle."""

from typing import Annotated, Final, Self

import msgspec
import numpy as np

from models.data.ranges import Measure
from shared.contract import WINDOW_SHAPE, Float32

# Ten standard deviations tell the network all that hundreds would, and one wild bar in a live feed
# cannot push it far outside of what it was trained on.
LIMIT: Final = 10.0
_AT_ONCE: Final = 256  # windows
_LEAST_SD: Final = 1e-9  # less is the rounding of a feature that never varies

_PerFeature = Annotated[tuple[Measure, ...], msgspec.Meta(min_length=WINDOW_SHAPE[1])]


class Scaler(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Subtracts the mean, divides by the standard deviation, and clips at `LIMIT`.

    Attributes:
        mean: (8,) of each feature, in its own unit.
        sd: (8,) standard deviation of each feature (n denominator), in its own unit.

    Raises:
        ValueError: There is not one mean and one sd for each feature, or an sd is next to 0.
    """

    mean: _PerFeature
    sd: _PerFeature

    def __post_init__(self) -> None:
        if not len(self.mean) == len(self.sd) == WINDOW_SHAPE[1]:
            raise ValueError(f"mean and sd must have {WINDOW_SHAPE[1]} numbers each")
        if min(self.sd) < _LEAST_SD:
            raise ValueError(f"sd must be at least {_LEAST_SD}, was {min(self.sd)}")

    @classmethod
    def fit(cls, windows: Float32) -> Self:
        """Return the scaler of (n, 6, 8) float32 raw features, n at least 1."""
        rows = windows.reshape(-1, WINDOW_SHAPE[1]).astype(np.float64)
        sd = rows.std(axis=0)
        divisor = np.where(sd >= _LEAST_SD, sd, 1.0)
        return cls(mean=tuple(rows.mean(axis=0).tolist()), sd=tuple(divisor.tolist()))

    def apply(self, windows: Float32) -> Float32:
        """Return (n, 6, 8) float32 in standard deviations, within -`LIMIT` and `LIMIT`."""
        mean, sd = np.array(self.mean), np.array(self.sd)
        scaled = np.empty(windows.shape, dtype=np.float32)
        # Some at a time, in room that stays in the cache.
        room = np.empty((min(len(windows), _AT_ONCE), *WINDOW_SHAPE))
        for start in range(0, len(windows), _AT_ONCE):
            part = windows[start : start + _AT_ONCE]
            deviations = np.subtract(part, mean, out=room[: len(part)])
            deviations /= sd
            scaled[start : start + _AT_ONCE] = np.clip(deviations, -LIMIT, LIMIT, out=deviations)
        return scaled
