"""What the next bar did, as a class."""

from typing import Annotated, Literal

import msgspec
import numpy as np

from shared.contract import Class, Float64, Int64


class LabelRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the return that follows a window becomes a class; a return is `close'/close - 1`.

    A return across a cut of the series or across a gap has no label.

    Attributes:
        horizon: Bars ahead.
        up_from: The least return of class 2.
        down_to: The greatest return of class 0; what lies between is class 1.
    """

    horizon: Literal[1] = 1
    up_from: Annotated[float, msgspec.Meta(gt=0)] = 0.0055
    down_to: Annotated[float, msgspec.Meta(lt=0)] = -0.005

    def classify(self, returns: Float64) -> Int64:
        """Return the (n,) int64 classes of (n,) float64 returns."""
        conditions = [returns >= self.up_from, returns <= self.down_to]
        return np.select(conditions, [Class.UP, Class.DOWN], Class.FLAT).astype(np.int64)


def next_returns(close: Float64) -> Float64:
    """Return the (n - 1,) float64 returns that follow all but the last of (n,) closes."""
    return close[1:] / close[:-1] - 1
