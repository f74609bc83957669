"""The prices and volumes of a file, as its source means them."""

from typing import Final

import numpy as np
import polars as pl

from models.data.blocks import blocks
from models.data.sources import names, numbers
from models.data.sources.columnar import columnar
from models.data.sources.names import Roles
from models.data.sources.raw import RawTable, Unread
from models.data.sources.shape import Shape
from shared.contract import Float64
from shared.errors import DataError

_SAMPLE: Final = 50_000  # rows that show whether columns hold what they say


def bars_in(
    raw: RawTable, found: Roles, shape: Shape
) -> tuple[Float64, tuple[str, ...], list[Unread]]:
    """Return (n, 5) float64 prices and volumes, what was assumed, and what could not be read.

    Raises:
        DataError: A column holds no number at all, or does not hold what its name says.
    """
    ohlcv, unread = _as_written(raw, found, shape)
    notes: list[str] = []
    _unsign(ohlcv, raw, shape, notes)
    if shape.price_scale < 1:
        ohlcv[:, :4] /= round(1 / shape.price_scale)  # a division keeps the last digit
    elif shape.price_scale > 1:
        ohlcv[:, :4] *= shape.price_scale
    if shape.volume_scale != 1:
        ohlcv[:, 4] *= shape.volume_scale
    if "adj_close" in found:
        adjusted = numbers.to_numbers(
            raw.frame[found["adj_close"][0]], decimal_comma=raw.decimal_comma
        )
        close = ohlcv[:, 3]
        # Where the adjusted close is missing the bar is lost: unadjusted it would be a jump.
        factor = np.where(close > 0, adjusted / np.where(close > 0, close, 1.0), 1.0)
        ohlcv[:, :4] *= factor[:, None]
    _refuse_misnamed(ohlcv, raw.file.label)
    return ohlcv, tuple(notes), unread


def _as_written(raw: RawTable, found: Roles, shape: Shape) -> tuple[Float64, list[Unread]]:
    usual = names.roles(raw.frame.columns)
    same = all(found.get(role, [])[:1] == usual.get(role, [])[:1] for role in names.NEEDED)
    if raw.numbers is not None and same and not shape.volume_of:
        return raw.numbers, []
    ohlcv = columnar(len(raw.frame))
    unread: list[Unread] = []
    for place, role in enumerate(names.NEEDED):
        if role == "volume" and shape.volume_of:
            ohlcv[:, place] = _summed(raw, shape)
            continue
        column = raw.frame[found[role][0]]
        numbers.fill(ohlcv[:, place], column, decimal_comma=raw.decimal_comma)
        unread += _unread(column, ohlcv[:, place], raw.file.label)
    return ohlcv, unread


def _summed(raw: RawTable, shape: Shape) -> Float64:
    written = {names.normal(c): c for c in raw.frame.columns}
    columns = [raw.frame[written[names.normal(c)]] for c in shape.volume_of]
    read = [numbers.to_numbers(c, decimal_comma=raw.decimal_comma) for c in columns]
    total: Float64 = np.sum(read, axis=0)
    return total


def _unread(column: pl.Series, values: Float64, label: str) -> list[Unread]:
    if len(values) and np.isnan(values[0]) and np.isnan(values).all():
        present = column.drop_nulls()
        said = repr(present[0]) if len(present) else "nothing"
        raise DataError(f"{label}: the column {column.name} holds no number, row 1 says {said}")
    bad = numbers.unreadable(column, values) if column.dtype == pl.String else None
    if bad is None or not bad.any():
        return []
    row = int(bad.arg_max() or 0)
    return [Unread(row=row, column=column.name, cell=str(column[row]))]


def _unsign(ohlcv: Float64, raw: RawTable, shape: Shape, notes: list[str]) -> None:
    # A sign before a price tells some Korean sources' readers whether it rose against yesterday.
    prices = ohlcv[:, :4]
    if not any((prices[:, i] < 0).any() for i in range(4)):
        return
    negative = (prices < 0).any(axis=1)
    size = np.abs(prices[negative])
    sound = (size[:, 1] >= size.max(axis=1)) & (size[:, 2] <= size.min(axis=1))
    if shape.signed or (negative.mean() > 0.02 and sound.mean() > 0.95):
        ohlcv[:, :4] = np.abs(prices)
        notes.append(f"{raw.file.label}: signs of prices were taken for the direction of the day")


def _refuse_misnamed(ohlcv: Float64, label: str) -> None:
    some = ohlcv[:: max(len(ohlcv) // _SAMPLE, 1), :4]
    wrong = count = 0
    for own in blocks(len(some)):
        o, h, low, c = some[own].T
        sound = (o > 0) & (h > 0) & (low > 0) & (c > 0)
        room = 1e-4 * c  # adjusted prices are rounded
        top, bottom = np.maximum(np.maximum(o, c), low), np.minimum(np.minimum(o, c), h)
        wrong += int((sound & ((h + room < top) | (low - room > bottom))).sum())
        count += int(sound.sum())
    if count >= 5 and wrong > 0.5 * count:
        raise DataError(
            f"{label}: in {wrong / count:.0%} of the rows open or close lies outside of low to "
            "high, so the columns are not what they seem; --source names the source"
        )
