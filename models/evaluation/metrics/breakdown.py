"""The same figures on parts of the rows: by year, volatility, confidence, and as time goes on."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from models.bundles.metrics import Metrics
from models.evaluation.metrics.classification import bin_of, metrics_of
from models.evaluation.metrics.forecasts import Forecasts, Realized
from models.evaluation.report.records import Bin, Breakdown, Period
from shared.contract import Bool, Class, Float64, Int64

_TERCILES: Final = ("calm third", "middle third", "wild third")
_DECILES: Final = 10


def by_name(
    names: Sequence[str], realized: Realized, forecasters: Sequence[Forecasts]
) -> tuple[Breakdown, ...]:
    """Return the figures of the rows of each name, in the order of the names.

    Args:
        names: (n,) part of each row.
        realized: n rows.
        forecasters: What was said of them.
    """
    return tuple(
        Breakdown(
            name=name,
            rows=int(chosen.sum()),
            up_share=_up_share(realized.label[chosen]),
            figures={a.name: _metrics(a.take(chosen), realized.label[chosen]) for a in forecasters},
        )
        for name, chosen in _chosen(names)
    )


def _metrics(forecasts: Forecasts, label: Int64) -> Metrics:
    return metrics_of(label, forecasts.probabilities, forecasts.answer)


def volatility_thirds(realized: Realized) -> list[str]:
    """Return the third of the rows' volatility that each row belongs to."""
    edges = np.quantile(realized.volatility, [1 / 3, 2 / 3])
    third = np.searchsorted(edges, realized.volatility)
    return [f"{1 + i} {_TERCILES[i]}" for i in third.tolist()]


def confidence_bins(forecasts: Forecasts, realized: Realized) -> tuple[Bin, ...]:
    """Return tenths of the rows by confidence in class 2; equal ones share a bin."""
    edges = np.unique(np.quantile(forecasts.up, np.linspace(0, 1, _DECILES + 1)[1:-1]))
    return _bins(np.searchsorted(edges, forecasts.up, side="right"), forecasts.up, realized)


def reliability(forecasts: Forecasts, realized: Realized) -> tuple[Bin, ...]:
    """Return the bins of equal width that the expected calibration error is made of."""
    return _bins(bin_of(forecasts.up), forecasts.up, realized)


def by_period(
    names: Sequence[str], days: Int64, realized: Realized, forecasters: Sequence[Forecasts]
) -> tuple[Period, ...]:
    """Return how calibration and coverage held in each period, in time order.

    Args:
        names: (n,) period of each row.
        days: (n,) int64 date of each row.
        realized: n rows.
        forecasters: What was said of them; the sets are those of the last that makes some.
    """
    sets = next((a.sets for a in reversed(forecasters) if a.sets is not None), None)
    found = []
    for name, chosen in _chosen(names):
        label = realized.label[chosen]
        metrics = {a.name: _metrics(a.take(chosen), label) for a in forecasters}
        period = Period(
            name=name,
            rows=len(label),
            days=len(np.unique(days[chosen])),
            up_share=_up_share(label),
            up_ece={n: f.up_ece for n, f in metrics.items()},
            up_brier_skill={n: f.up_brier_skill for n, f in metrics.items()},
            coverage=None if sets is None else covered(sets[chosen], label),
            set_size=None if sets is None else float(sets[chosen].sum(axis=1).mean()),
        )
        found.append(period)
    return tuple(found)


def covered(sets: Bool, label: Int64) -> float:
    """Return the share of (n, 3) bool sets that hold their (n,) int64 truth."""
    return float(sets[np.arange(len(label)), label].mean())


def _chosen(names: Sequence[str]) -> list[tuple[str, Bool]]:
    listed = np.array(names)
    return [(str(name), listed == name) for name in np.unique(listed)]


def _up_share(label: Int64) -> float:
    return float((label == Class.UP).mean())


def _bins(place: Int64, confidence: Float64, realized: Realized) -> tuple[Bin, ...]:
    found = []
    for i in np.unique(place):
        chosen = place == i
        delayed = realized.delayed[chosen]
        known = delayed[np.isfinite(delayed)]
        part = Bin(
            low=float(confidence[chosen].min()),
            high=float(confidence[chosen].max()),
            rows=int(chosen.sum()),
            confidence=float(confidence[chosen].mean()),
            came_true=_up_share(realized.label[chosen]),
            delayed=float(known.mean()) if len(known) else None,
        )
        found.append(part)
    return tuple(found)
