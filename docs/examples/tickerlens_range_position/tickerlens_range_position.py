"""Where the newest prices and volume lie in the ranges that they keep to: eight plain ratios."""

import numpy as np
import numpy.typing as npt

from models.data.features.feature_set import FeatureSet
from shared.features import Feature, Reading

Floats = npt.NDArray[np.float64]

LOOKBACK = 20
_OPEN, _HIGH, _LOW, _CLOSE, _VOLUME = range(5)


def newest(block: Floats) -> Floats:
    """Return the eight features of the newest bar of each block.

    Args:
        block: (..., 20, 5) float64, open, high, low, close in currency, volume in units, oldest
            first.

    Returns:
        (..., 8) float64.
    """
    high, low, volume = block[..., _HIGH], block[..., _LOW], block[..., _VOLUME]
    last = block[..., -1, :]  # (..., 5)
    opened, closed = last[..., _OPEN], last[..., _CLOSE]
    span = high - low
    mean = span.mean(axis=-1)
    columns = [
        position(closed, low[..., -1:], high[..., -1:]),
        position(opened, low[..., -1:], high[..., -1:]),
        ratio(closed - opened, span[..., -1]),
        *(position(closed, low[..., -bars:], high[..., -bars:]) for bars in (5, 10, 20)),
        ratio(span[..., -1] - mean, mean),
        position(last[..., _VOLUME], volume, volume),
    ]
    return np.stack(columns, axis=-1)


def position(value: Floats, lows: Floats, highs: Floats) -> Floats:
    """Return (...) float64, 0 at the least of the (..., n) lows and 1 at the greatest high."""
    least, greatest = lows.min(axis=-1), highs.max(axis=-1)
    # Bars that never moved are believed too, and a row must be finite for each of them.
    return np.where(greatest > least, ratio(value - least, greatest - least), 0.5)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Return (...) float64 part / whole, 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def lies_in(name: str, label: str, subject: str, where: str, formula: str) -> Feature:
    """Declare a position between 0 and 1."""
    return Feature(
        name=name,
        label=label,
        unit=f"of {where}, from its low",
        formula=formula,
        reading=Reading(subject=subject),
    )


FEATURES = FeatureSet(
    name="range_position",
    lookback=LOOKBACK,
    newest=newest,
    features=(
        lies_in(
            "close_in_bar",
            "close in bar",
            "close",
            "the bar's range",
            "(close[t] - low[t]) / (high[t] - low[t]); 0.5 where that is 0 / 0",
        ),
        lies_in(
            "open_in_bar",
            "open in bar",
            "open",
            "the bar's range",
            "(open[t] - low[t]) / (high[t] - low[t]); 0.5 where that is 0 / 0",
        ),
        Feature(
            name="body",
            label="body",
            unit="of the bar's range, above 0 where it rose",
            formula="(close[t] - open[t]) / (high[t] - low[t]); 0 where that is 0 / 0",
        ),
        *(
            lies_in(
                f"close_in_{bars}",
                f"close in {bars}",
                "close",
                f"the {bars}-bar range",
                f"(close[t] - min(low)) / (max(high) - min(low)) over t-{bars - 1}..t",
            )
            for bars in (5, 10, 20)
        ),
        Feature(
            name="range",
            label="range",
            unit="ratio",
            formula="(high[t] - low[t]) / mean(high - low over t-19..t) - 1",
            reading=Reading(form="share", subject="range", reference="its 20-bar mean"),
        ),
        lies_in(
            "volume_in_20",
            "volume in 20",
            "volume",
            "its 20-bar range",
            "(volume[t] - min(volume)) / (max(volume) - min(volume)) over t-19..t",
        ),
    ),
)
