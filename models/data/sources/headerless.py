"""Files without names: which cell is what, proven from the cells, or refused.

The high is the cell that no other exceeds and the low the one that none falls below; open and close
are told apart because a bar opens near where the one before it closed.
"""

from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from models.data.sources import numbers
from models.data.sources.column_times import Stamps
from models.data.sources.raw import RawTable
from models.data.sources.shape import Shape
from models.data.sources.stamps import read_clock, read_stamps
from shared.contract import Float64
from shared.errors import DataError
from shared.reading import ReadOptions

# Those that sources are known to write; what else could be proven is not looked for.
_ORDERS: Final = (
    ("open", "high", "low", "close"),
    ("low", "high", "open", "close"),
    ("open", "close", "high", "low"),
    ("high", "low", "open", "close"),
)
_SOUND: Final = 0.97  # of the rows must bear an order out


def with_names(raw: RawTable, shape: Shape, options: ReadOptions) -> RawTable:
    """Return the table with the names that its shape declares, or that its cells prove.

    Raises:
        DataError: No order of prices fits the rows, or two do.
    """
    if raw.frame.is_empty():
        raise DataError(f"{raw.file.label} holds no row")
    order = shape.order or _proven(raw, options)
    columns = raw.frame.columns
    named = {c: role for c, role in zip(columns, order, strict=False) if role != "-"}
    spare = {c: f"cell{c}" for c in columns if c not in named}
    return replace(raw, frame=raw.frame.rename(named | spare), named=True)


def _proven(raw: RawTable, options: ReadOptions) -> tuple[str, ...]:
    lead = _lead(raw, options)
    columns = raw.frame.columns[len(lead) : len(lead) + 5]
    if len(columns) < 5:
        raise DataError(
            f"{raw.file.label} has no names of columns, and {len(raw.frame.columns)} cells a row "
            "are too few for a time, four prices and a volume"
        )
    prices = np.stack([numbers.to_numbers(raw.frame[c]) for c in columns[:4]], axis=1)
    dated = raw.frame[raw.frame.columns[lead.index("time") if "time" in lead else 0]]
    stamps = read_stamps(dated, raw.file.label, options.time_format)
    return (*lead, *_order(_in_time(prices, stamps), raw.file.label), "volume")


def _lead(raw: RawTable, options: ReadOptions) -> tuple[str, ...]:
    # What stands before the prices: a time, a date and a time of day, or a ticker before them.
    columns = raw.frame.columns
    if _reads(raw.frame[columns[0]], options):
        dated = read_stamps(raw.frame[columns[0]], raw.file.label, options.time_format)
        if dated.grain == "date" and len(columns) > 6 and _is_clock(raw.frame[columns[1]], dated):
            return ("date", "clock")
        return ("time",)
    if len(columns) > 6 and _reads(raw.frame[columns[1]], options):
        return ("symbol", "time")
    first = raw.frame[columns[0]].drop_nulls()
    said = first[0] if len(first) else ""
    raise DataError(
        f"{raw.file.label} has no names of columns, and {said!r} is no time; "
        "--source names the source"
    )


def _reads(column: pl.Series, options: ReadOptions) -> bool:
    try:
        return read_stamps(column, "", options.time_format).grain != "clock"
    except DataError:
        return False


def _is_clock(column: pl.Series, dates: Stamps) -> bool:
    # Whole numbers or H:MM that are times of day in every row; a price of 930 stands once a day.
    days = dates.wall_ms[dates.known]
    if len(np.unique(days)) == len(days):
        return False
    try:
        clock = read_clock(column, "")
    except DataError:
        return False
    whole = not column.cast(pl.String).str.contains(".", literal=True).any()
    return clock.grain == "clock" and whole and bool(clock.known.all())


def _in_time(prices: Float64, stamps: Stamps) -> Float64:
    order = np.argsort(stamps.wall_ms, kind="stable")
    ordered = prices[order]
    whole: Float64 = ordered[(ordered > 0).all(axis=1)]
    return whole


def _order(prices: Float64, label: str) -> tuple[str, ...]:
    if len(prices) == 0:
        return _ORDERS[0]
    fitting = [order for order in _ORDERS if _fits(prices, order)]
    if len(fitting) != 1:
        raise DataError(
            f"{label} has no names of columns, and its rows do not tell which price is which; "
            "--source names the source"
        )
    return fitting[0]


def _fits(prices: Float64, order: tuple[str, ...]) -> bool:
    column = {role: prices[:, i] for i, role in enumerate(order)}
    top, bottom = prices.max(axis=1), prices.min(axis=1)
    room = 1e-4 * top  # adjusted prices are rounded
    sound = (column["high"] >= top - room) & (column["low"] <= bottom + room)
    if sound.mean() < _SOUND:
        return False
    return order == _ORDERS[0] or _continues(column["open"], column["close"])


def _continues(opens: Float64, closes: Float64) -> bool:
    # Whether bars open where the last one closed rather than the other way round.
    if len(opens) < 3:
        return False
    as_named = np.median(np.abs(opens[1:] - closes[:-1]))
    swapped = np.median(np.abs(closes[1:] - opens[:-1]))
    return bool(as_named < 0.5 * swapped)
