"""What the next bars did, as a class: three rules, one of which a card names.

All of them see the same: the bars from the decided one to `horizon` bars later, and the volatility
that was known at the decided one, so that training and serving share each rule. Returns are those
of closes, `close' / close - 1`. What reaches across a cut of the series or a gap has no class.
"""

from typing import Annotated, Final

import msgspec
import numpy as np

from models.data.ranges import ProperShare
from shared.contract import Bool, Class, Float64, Int64, interval_name, interval_seconds

MAX_HORIZON: Final = 19  # the server keeps 20 bars of a ticker, the decided one included

_HIGH, _LOW, _CLOSE = 1, 2, 3

Horizon = Annotated[int, msgspec.Meta(ge=1, le=MAX_HORIZON)]
_Fall = Annotated[float, msgspec.Meta(gt=-1, lt=0)]
_Width = Annotated[float, msgspec.Meta(gt=0, le=100)]


class FixedReturn(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="fixed_return",
):
    """The return over `horizon` bars against two fixed thresholds.

    Attributes:
        horizon: Bars ahead.
        up_from: The least return of class 2.
        down_to: The greatest return of class 0; what lies between is class 1.
    """

    horizon: Horizon = 1
    up_from: ProperShare = 0.0055
    down_to: _Fall = -0.005

    def classify(self, path: Float64, volatility: Float64) -> Int64:
        """Return the (n,) int64 classes.

        Args:
            path: (n, horizon + 1, 5) float64 bars from the decided one on, oldest first: open,
                high, low, close in currency, volume in units.
            volatility: (n,) float64, `models.data.volatility` at the decided bar; not used.
        """
        returns = path_returns(path)
        return _by_sign(returns >= self.up_from, returns <= self.down_to)

    def sentence(self) -> str:
        """Return the rule in words."""
        return (
            f"return over the next {_bars(self.horizon)}: "
            f"up from {self.up_from:+.2%}, down to {self.down_to:+.2%}"
        )

    def up_means(self, interval: str) -> str:
        """Return what class 2 is in short, such as up ≥ 0.55% in 1 day, of bars such as 1d."""
        return f"up ≥ {_percent(self.up_from)} in {_span(interval, self.horizon)}"


class ScaledReturn(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="scaled_return",
):
    """The return over `horizon` bars against a multiple of the volatility that was known.

    The threshold is `max(width x volatility x sqrt(horizon), least)`: a random walk spreads with
    the square root of time, so `width` means the same at every horizon.

    Attributes:
        horizon: Bars ahead.
        width: The threshold in standard deviations of the return over `horizon` bars.
        least: The threshold is never below this return, so that quiet bars stay flat.
    """

    horizon: Horizon = 1
    width: _Width = 0.4
    least: ProperShare = 0.0005

    def classify(self, path: Float64, volatility: Float64) -> Int64:
        """Return the (n,) int64 classes.

        Args:
            path: (n, horizon + 1, 5) float64 bars from the decided one on, oldest first: open,
                high, low, close in currency, volume in units.
            volatility: (n,) float64, `models.data.volatility` at the decided bar.
        """
        returns = path_returns(path)
        threshold = _threshold(self, volatility)
        return _by_sign(returns >= threshold, returns <= -threshold)

    def sentence(self) -> str:
        """Return the rule in words."""
        return (
            f"return over the next {_bars(self.horizon)}: up or down from "
            f"{self.width:g} standard deviations, at least {self.least:.2%}"
        )

    def up_means(self, interval: str) -> str:
        """Return what class 2 is in short, such as up ≥ 0.45 σ in 5 min, of bars such as 5m."""
        return f"up ≥ {self.width:g} σ in {_span(interval, self.horizon)}"


class TripleBarrier(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="triple_barrier",
):
    """Which of two barriers the price touches first, by high and low, within `horizon` bars.

    Lopez de Prado, "Advances in Financial Machine Learning", 2018, chapter 3. The barriers lie at
    the decided close x (1 +- `max(width x volatility x sqrt(horizon), least)`). The third barrier
    is time: what touches neither is class 1, and so is what touches both first in one bar, as
    nothing tells which came first.

    Attributes:
        horizon: Bars ahead, at most.
        width: The distance of the barriers in standard deviations of the return over `horizon`.
        least: The distance is never below this return.
    """

    horizon: Horizon = 5
    width: _Width = 1.0
    least: ProperShare = 0.0005

    def classify(self, path: Float64, volatility: Float64) -> Int64:
        """Return the (n,) int64 classes.

        Args:
            path: (n, horizon + 1, 5) float64 bars from the decided one on, oldest first: open,
                high, low, close in currency, volume in units.
            volatility: (n,) float64, `models.data.volatility` at the decided bar.
        """
        start = path[:, 0, _CLOSE][:, None]  # (n, 1)
        distance = _threshold(self, volatility)[:, None]
        above = path[:, 1:, _HIGH] >= start * (1 + distance)  # (n, horizon)
        below = path[:, 1:, _LOW] <= start * (1 - distance)
        rows, first = np.arange(len(path)), (above | below).argmax(axis=1)
        up, down = above[rows, first], below[rows, first]
        return _by_sign(up & ~down, down & ~up)

    def sentence(self) -> str:
        """Return the rule in words."""
        return (
            f"first barrier touched within the next {_bars(self.horizon)}: {self.width:g} "
            f"standard deviations up or down, at least {self.least:.2%}"
        )

    def up_means(self, interval: str) -> str:
        """Return what class 2 is in short: the upper barrier first, of bars such as 1d."""
        return f"touches +{self.width:g} σ first, within {_span(interval, self.horizon)}"


LabelRule = FixedReturn | ScaledReturn | TripleBarrier


def path_returns(path: Float64) -> Float64:
    """Return the (n,) float64 returns of (n, horizon + 1, 5) float64 bars, first to last close."""
    returns: Float64 = path[:, -1, _CLOSE] / path[:, 0, _CLOSE] - 1
    return returns


def _threshold(rule: ScaledReturn | TripleBarrier, volatility: Float64) -> Float64:
    # (n,); the volatility is that of one bar.
    threshold: Float64 = np.maximum(rule.width * volatility * np.sqrt(rule.horizon), rule.least)
    return threshold


def _by_sign(up: Bool, down: Bool) -> Int64:
    return np.select([up, down], [Class.UP, Class.DOWN], Class.FLAT).astype(np.int64)


def _bars(horizon: int) -> str:
    return "bar" if horizon == 1 else f"{horizon} bars"


def _percent(share: float) -> str:
    return f"{100 * share:.4g}%"


def _span(interval: str, horizon: int) -> str:
    name = interval_name(horizon * interval_seconds(interval))
    count, unit = int(name[:-1]), {"s": "s", "m": "min", "h": "h", "d": "day"}[name[-1]]
    return f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}"
