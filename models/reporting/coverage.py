"""A page on files of bars: what was understood, and when each ticker has bars."""

from typing import Final

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from models.data.sources.reading import FileReading
from models.data.table import BarTable
from models.reporting.html import render
from models.reporting.svg import LOOK, data_uri
from shared.contract import Float64

_COLUMNS: Final = 240  # spans of time in the picture
_ROWS: Final = 200  # tickers in it; those with the fewest bars, because there the holes are


def coverage_page(table: BarTable, reading: FileReading) -> str:
    """Return the page.

    Args:
        table: The bars.
        reading: What was understood.
    """
    return render("look.html", reading=reading, picture=data_uri(_picture(table)))


def coverage(table: BarTable) -> tuple[tuple[str, ...], Float64]:
    """Return tickers, the emptiest first, and (k, c) float64, how full each span of time is.

    A span is full, 1, where a ticker has as many bars in it as the ticker that has the most.
    """
    edges = np.linspace(table.bar_ms[0], table.bar_ms[-1] + 1, _COLUMNS + 1)
    column = np.searchsorted(edges, table.bar_ms, side="right") - 1
    cells = np.bincount(
        table.row * _COLUMNS + column, minlength=len(table.symbols) * _COLUMNS
    ).reshape(-1, _COLUMNS)
    full = cells / np.maximum(cells.max(axis=0), 1)
    order = np.argsort(cells.sum(axis=1), kind="stable")[:_ROWS]
    return tuple(table.symbols[i] for i in order.tolist()), full[order]


def _picture(table: BarTable) -> Figure:
    symbols, full = coverage(table)
    with rc_context(LOOK):
        figure = Figure(figsize=(8.6, 0.9 + 0.16 * len(symbols)), layout="constrained")
        axes = figure.subplots()
        axes.imshow(full, aspect="auto", cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
        axes.set_yticks(range(len(symbols)), symbols, fontsize=7)
        places = np.linspace(0, _COLUMNS - 1, 6)
        times = np.interp(places, [0, _COLUMNS - 1], [table.bar_ms[0], table.bar_ms[-1]])
        labels = [str(np.datetime64(int(ms), "ms").astype("datetime64[D]")) for ms in times]
        axes.set_xticks(places, labels)
        axes.set_xlabel("darker: more of the bars that the fullest ticker has in that span")
    return figure
