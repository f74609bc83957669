"""The plots of the explanation reports, as images that stand inside the page."""

from collections.abc import Mapping, Sequence
from typing import Final

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models.evaluation.explanations.record import ExplanationCheck, MethodCheck
from models.reporting.svg import LOOK, data_uri
from shared.contract import STEPS, Float64

# Color-blind safe (Okabe and Ito, 2008).
_COLORS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a8a8a")
_UP, _DOWN, _RANDOM = "#009e73", "#d55e00", "#444444"
_STEPS_BACK: Final = [f"−{STEPS - 1 - i}" if i < STEPS - 1 else "now" for i in range(STEPS)]


def deletion_plot(check: ExplanationCheck, columns: int) -> str:
    """Return how the winner's probability falls while cells, or bars, go in each map's order."""
    with matplotlib.rc_context(LOOK):
        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        axes = figure.add_subplot()
        found = sorted(
            (m for m in check.methods if m.columns == columns), key=lambda m: -m.deletion.value
        )
        for i, method in enumerate(found):
            style = "-" if i < len(_COLORS) else "--"
            color = _COLORS[i % len(_COLORS)]
            axes.plot(method.curve, color=color, ls=style, lw=1.3, label=method.title)
        chance = check.random_cells if columns > 1 else check.random_bars
        axes.plot(chance, color=_RANDOM, lw=1.3, ls=":", label="random order")
        axes.set(xlabel="cells at their mean" if columns > 1 else "bars at their mean")
        axes.set(ylabel="probability of the class that won")
        axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
        return data_uri(figure)


def cascade_plot(methods: Sequence[MethodCheck]) -> str:
    """Return how like maps stay while layers become random."""
    with matplotlib.rc_context(LOOK):
        figure = Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = figure.add_subplot()
        layers = ["none", *methods[0].cascade]
        for i, method in enumerate(methods):
            style = ("-", "--", ":")[i // len(_COLORS) % 3]
            like = [1.0, *method.cascade.values()]
            axes.plot(like, color=_COLORS[i % len(_COLORS)], ls=style, lw=1.2, label=method.title)
        axes.axhline(0, color="#444444", lw=0.8)
        axes.set_xticks(range(len(layers)), layers, rotation=30, ha="right", fontsize=7)
        axes.set(xlabel="random down to this layer", ylabel="rank correlation with the true map")
        axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
        return data_uri(figure)


def heatmaps(maps: Mapping[str, Float64], labels: Sequence[str]) -> str:
    """Return signed (6, 8) maps side by side, each on its own scale, named above.

    Args:
        maps: By the name of each.
        labels: What people call the eight features.
    """
    with matplotlib.rc_context(LOOK):
        figure = Figure(figsize=(2.9 * len(maps), 2.6), layout="constrained")
        for axes, (title, map_) in zip(
            figure.subplots(1, len(maps), squeeze=False)[0], maps.items(), strict=True
        ):
            draw_heatmap(axes, map_, labels)
            axes.set_title(title, fontsize=9)
        return data_uri(figure)


def example_plot(title: str, bars: Float64, map_: Float64, labels: Sequence[str]) -> str:
    """Return the candles of a window above the map of it.

    Args:
        title: What stands above.
        bars: (m, 5) float64, open, high, low, close, volume, oldest first; the last six are the
            window's.
        map_: (6, 8) float64, signed.
        labels: What people call the eight features.
    """
    with matplotlib.rc_context(LOOK):
        figure = Figure(figsize=(2.9, 4.1), layout="constrained")
        upper, lower = figure.subplots(2, 1, height_ratios=(1, 1.2))
        _draw_candles(upper, bars)
        upper.set_title(title, fontsize=8)
        draw_heatmap(lower, map_, labels)
        return data_uri(figure)


def draw_heatmap(axes: Axes, map_: Float64, labels: Sequence[str]) -> None:
    """Draw a signed (6, 8) map, orange for the class and violet against it, as the desk does."""
    peak = float(np.abs(map_).max()) or 1.0
    axes.imshow(map_, cmap="PuOr_r", vmin=-peak, vmax=peak, aspect="auto")
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    axes.set_yticks(range(STEPS), _STEPS_BACK)
    axes.tick_params(labelsize=7, length=0)


def _draw_candles(axes: Axes, bars: Float64) -> None:
    place = np.arange(len(bars)) - len(bars) + 1
    axes.axvspan(0.5 - STEPS, 0.5, color="#0072b2", alpha=0.08, lw=0)
    open_, high, low, close = bars[:, :4].T
    color = np.where(close >= open_, _UP, _DOWN).tolist()
    axes.vlines(place, low, high, colors=color, lw=0.8)
    least = 0.002 * (high.max() - low.min())
    axes.bar(
        place, np.maximum(np.abs(close - open_), least), 0.7, np.minimum(open_, close), color=color
    )
    axes.tick_params(labelsize=7)
    axes.margins(x=0.01)
