"""The colors of maps: one ramp where numbers speak for and against, one where they only count."""

import dataclasses
import functools

import numpy as np

from client.state.colors import Rgb, Tokens, from_oklab, to_oklab
from shared.contract import Float32, Float64, UInt32

_STEPS = 255  # odd, so that one of them is the middle


@dataclasses.dataclass(frozen=True)
class Ramp:
    """Colors in even steps of lightness.

    Attributes:
        colors: From the lowest number to the highest.
        signed: Whether the lowest is as far below 0 as the highest is above; else it is 0.
    """

    colors: tuple[Rgb, ...]
    signed: bool

    def color(self, value: float, limit: float) -> Rgb:
        """Return the color of `value`; 0 has that of nothing, and all do if `limit` is 0.

        Args:
            value: A number of the map.
            limit: The number that has the strongest color.
        """
        share = min(max(value / limit, -1.0 if self.signed else 0.0), 1.0) if limit else 0.0
        place = (share + 1) / 2 if self.signed else share
        return self.colors[round(place * (len(self.colors) - 1))]

    def pixels(self, values: Float32, limits: Float32) -> UInt32:
        """Return the colors of many numbers, as `color` does those of one.

        Args:
            values: (...) float32, numbers of maps.
            limits: Of the same shape or to be broadcast to it, float32: the number that has the
                strongest color.

        Returns:
            (...) uint32, opaque 0xAARRGGBB.
        """
        shares = np.divide(values, limits, out=np.zeros_like(values), where=limits > 0)
        shares = np.clip(shares, -1.0 if self.signed else 0.0, 1.0)
        places = (shares + 1) / 2 if self.signed else shares
        pixels: UInt32 = self._codes[np.rint(places * (len(self.colors) - 1)).astype(np.int64)]
        return pixels

    @functools.cached_property
    def _codes(self) -> UInt32:
        red, green, blue = np.array(self.colors, np.uint32).T
        codes: UInt32 = 0xFF000000 | red << 16 | green << 8 | blue
        return codes


def signed_ramp(tokens: Tokens) -> Ramp:
    """Return the ramp from against, through nothing in the middle, to for."""
    share = np.linspace(-1, 1, _STEPS)[:, None]
    middle, above, below = (
        to_oklab(c) for c in (tokens.no_saliency, tokens.speaks_for, tokens.speaks_against)
    )
    lab = middle + np.abs(share) * (np.where(share >= 0, above, below) - middle)
    return Ramp(_triples(lab), signed=True)


def strength_ramp(tokens: Tokens) -> Ramp:
    """Return the ramp from nothing to the color of text: neither for nor against."""
    share = np.linspace(0, 1, _STEPS)[:, None]
    nothing, most = to_oklab(tokens.no_saliency), to_oklab(tokens.text)
    return Ramp(_triples(nothing + share * (most - nothing)), signed=False)


def limit_of(values: Float32) -> float:
    """Return the number that has the strongest color when `values` are shown, any shape."""
    return float(np.abs(values).max())


def _triples(lab: Float64) -> tuple[Rgb, ...]:
    rounded = np.rint(from_oklab(lab)).astype(np.uint8).tolist()
    return tuple((r, g, b) for r, g, b in rounded)
