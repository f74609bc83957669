"""The plots of a report, as images that stand inside the page."""

from collections.abc import Mapping, Sequence
from typing import Final

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from models.evaluation.metrics.bootstrap import Measured
from models.evaluation.metrics.forecasts import ADAPTIVE, RAW, STATIC
from models.evaluation.report.records import Bin, Equity, Period
from models.reporting.svg import LOOK, data_uri
from models.training.confidences import wilson
from shared.confidences import ConfidenceSpread

# Color-blind safe (Okabe and Ito, 2008), and different in lightness for print.
_COLORS: Final = {RAW: "#8a8a8a", STATIC: "#e69f00", ADAPTIVE: "#0072b2"}
_OTHERS: Final = ("#009e73", "#cc79a7", "#56b4e9", "#d55e00")
_LOOK: Final = LOOK | {"axes.grid": True, "grid.color": "#e6e6e6", "axes.axisbelow": True}
_MOST_TICKS: Final = 12
_FIRM: Final = 0.005  # bins of fewer rows show chance, so no line leads there


def reliability_plot(bins: Mapping[str, Sequence[Bin]]) -> str:
    """Return how often class 2 came true against how likely it was said to be."""
    with matplotlib.rc_context(_LOOK):
        figure = Figure(figsize=(4.6, 4.2), layout="constrained")
        axes = figure.add_subplot()
        everyone = [b for found in bins.values() for b in found]
        low = min(min(b.confidence, b.came_true) for b in everyone) - 0.03
        high = max(max(b.confidence, b.came_true) for b in everyone) + 0.03
        axes.plot([low, high], [low, high], color="#444444", lw=1, ls=":", label="ideal")
        most = max(b.rows for b in everyone)
        for name, found in bins.items():
            shade = _COLORS.get(name, _OTHERS[0])
            x, y = [b.confidence for b in found], [b.came_true for b in found]
            firm = [b for b in found if b.rows >= _FIRM * sum(b.rows for b in found)]
            line = [b.confidence for b in firm], [b.came_true for b in firm]
            axes.plot(*line, color=shade, lw=1, alpha=0.7)
            axes.scatter(x, y, s=[8 + 90 * b.rows / most for b in found], color=shade, label=name)
        axes.set(xlabel="confidence in class 2", ylabel="share that went up")
        axes.set(xlim=(low, high), ylim=(low, high))
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.legend(loc="upper left")
        return data_uri(figure)


def operating_plot(spread: ConfidenceSpread) -> str:
    """Return how many of the buys came true against how many there were, from weak to strong."""
    with matplotlib.rc_context(_LOOK):
        figure = Figure(figsize=(8.6, 3.2), layout="constrained")
        axes = figure.add_subplot()
        chosen = [(p.chosen_buys, p.chosen_hits, p.strength) for p in spread.points]
        tested = [(p.buys, p.hits, p.strength) for p in spread.points]
        for name, shade, counts in (
            ("validation, where it was chosen", _COLORS[STATIC], chosen),
            ("test", _COLORS[ADAPTIVE], tested),
        ):
            known = [count for count in counts if count[0]]
            if not known:
                continue
            x, y = [n for n, _, _ in known], [hits / n for n, hits, _ in known]
            low, high = zip(*(wilson(hits, n) for n, hits, _ in known), strict=True)
            axes.fill_between(x, low, high, color=shade, alpha=0.12, lw=0)
            axes.plot(x, y, "o-", color=shade, ms=3, lw=1, label=name)
            worth = [(n, hits / n) for n, hits, strength in known if strength == spread.buy_from]
            axes.plot(*zip(*worth, strict=True), "o", mfc="none", mec=shade, ms=11)
        axes.axhline(spread.base_rate, color="#444444", lw=1, ls=":", label="base rate")
        axes.set(xscale="log", xlabel="buys", ylabel="came true")
        axes.invert_xaxis()
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.legend(loc="upper left", fontsize=8)
        return data_uri(figure)


def calibration_plot(periods: Sequence[Period]) -> str:
    """Return the calibration error and the Brier skill of class 2 as time goes on."""
    with matplotlib.rc_context(_LOOK):
        figure = Figure(figsize=(8.6, 4.4), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True)
        _bars(upper, {n: [p.up_ece[n] for p in periods] for n in (STATIC, ADAPTIVE)})
        _bars(lower, {n: [p.up_brier_skill[n] for p in periods] for n in (STATIC, ADAPTIVE)})
        upper.axhline(0.01, color="#444444", lw=1, ls=":")
        upper.set(ylabel="ECE of class 2")
        lower.set(ylabel="Brier skill of class 2")
        lower.axhline(0, color="#444444", lw=1)
        upper.legend(loc="upper left", ncols=2)
        _name_ticks(lower, periods)
        return data_uri(figure)


def coverage_plot(periods: Sequence[Period], aim: float) -> str:
    """Return the coverage of the prediction sets as time goes on, and how large they are."""
    with matplotlib.rc_context(_LOOK):
        figure = Figure(figsize=(8.6, 2.6), layout="constrained")
        axes = figure.add_subplot()
        axes.axhspan(aim - 0.02, aim + 0.02, color="#0072b2", alpha=0.12, lw=0)
        axes.axhline(aim, color="#444444", lw=1, ls=":")
        covered = [p.coverage or 0.0 for p in periods]
        axes.plot(range(len(periods)), covered, "o-", color=_COLORS[ADAPTIVE])
        for i, period in enumerate(periods):
            place = (i, covered[i])
            axes.annotate(
                f"{period.set_size or 0:.1f}",
                place,
                xytext=(0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=7,
            )
        axes.set(ylabel="sets with the truth")
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        _name_ticks(axes, periods)
        return data_uri(figure)


def equity_plot(equity: Equity) -> str:
    """Return what one unit of capital became."""
    with matplotlib.rc_context(_LOOK):
        figure = Figure(figsize=(8.6, 3.2), layout="constrained")
        axes = figure.add_subplot()
        spare = iter(_OTHERS)
        days = np.array(equity.dates, "datetime64[D]")
        for name, curve in equity.curves.items():
            shade = _COLORS.get(name) or next(spare, "#444444")
            axes.plot(days, curve, color=shade, lw=1.2, label=name)
        axes.axhline(1, color="#444444", lw=1, ls=":")
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.tick_params(axis="y", which="minor", labelsize=7)
        axes.set(ylabel="one unit became")
        axes.legend(loc="upper left", fontsize=8)
        return data_uri(figure)


def forest_plot(rows: Sequence[tuple[str, Measured]], label: str) -> str:
    """Return one difference a row with its interval, from top to bottom."""
    with matplotlib.rc_context(_LOOK):
        figure = Figure(figsize=(8.6, 0.7 + 0.26 * len(rows)), layout="constrained")
        axes = figure.add_subplot()
        axes.axvline(0, color="#444444", lw=1)
        for place, (_, measured) in enumerate(rows):
            shown = measured.above_zero or measured.below_zero
            shade = _COLORS[ADAPTIVE] if shown else _COLORS[RAW]
            if measured.low is not None and measured.high is not None:
                axes.plot([measured.low, measured.high], [place, place], color=shade, lw=1.6)
            axes.plot([measured.value], [place], "o", color=shade, ms=5)
        axes.set_yticks(range(len(rows)), [name for name, _ in rows])
        axes.invert_yaxis()
        axes.set(xlabel=label)
        return data_uri(figure)


def _bars(axes: Axes, series: Mapping[str, Sequence[float]]) -> None:
    width = 0.8 / len(series)
    for i, (name, values) in enumerate(series.items()):
        places = [x + (i - (len(series) - 1) / 2) * width for x in range(len(values))]
        axes.bar(places, values, width=width * 0.95, color=_COLORS[name], label=name)


def _name_ticks(axes: Axes, periods: Sequence[Period]) -> None:
    step = -(-len(periods) // _MOST_TICKS)
    places = list(range(0, len(periods), step))
    axes.set_xticks(places, [periods[i].name for i in places])
