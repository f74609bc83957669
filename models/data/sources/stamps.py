"""Times as files write them: which form a column has, told by all of its values, and what they say.

A form is taken only if it fits the whole column. Where two forms fit (03/04/2024) the order of the
rows decides, and where that does not tell, the column is refused: a guess would shift dates.
"""

from typing import Final

import numpy as np
import polars as pl

from models.data.blocks import blocks
from models.data.calendars.zone_clocks import DAY_MS
from models.data.sources.column_times import (
    NONE,
    Grain,
    Stamps,
    as_numbers,
    first,
    sampled,
    stamps,
)
from models.data.sources.number_times import clock_ms, from_numbers
from models.data.sources.text_times import from_text
from shared.contract import Int64
from shared.errors import DataError

_LAYOUTS: Final[tuple[tuple[str, str, Grain], ...]] = (
    ("YYYY-MM-DD HH:MM:SS", "%Y-%m-%d %H:%M:%S", "time"),
    ("YYYY-MM-DD", "%Y-%m-%d", "date"),
    ("YYYY-MM-DDTHH:MM:SS", "%Y-%m-%dT%H:%M:%S", "time"),
    ("YYYY-MM-DD HH:MM", "%Y-%m-%d %H:%M", "time"),
)


def read_stamps(
    column: pl.Series, label: str, time_format: str = "", form: tuple[str, Grain] | None = None
) -> Stamps:
    """Return the times of a column, n values.

    Args:
        column: Text, whole numbers, dates or times.
        label: What to call the column in a sentence.
        time_format: How they are written, in the letters of `strptime`; empty to tell it.
        form: What they were as texts, where these were read already.

    Raises:
        DataError: No form fits, or two do.
    """
    if form is not None:
        return stamps(column.cast(pl.Int64).to_numpy(), None, form[1], form[0])
    if column.dtype.is_temporal():
        return _from_typed(column)
    if column.dtype.is_numeric() and not time_format:
        return from_numbers(column.cast(pl.Float64), column, label)
    if not time_format:
        whole = _at_once(column)
        if whole is not None:
            return whole
    text, numbers, are_numbers = as_numbers(column)
    if time_format:
        return _as_told(text, time_format, label)
    if are_numbers:
        return from_numbers(numbers, text, label)
    return from_text(text, label)


def _at_once(column: pl.Series) -> Stamps | None:
    # The commonest layouts, where every value has the same one: without a look at each by itself.
    sample = sampled(column).to_frame("cell")
    if sample.is_empty():
        return None
    cell = pl.col("cell")
    lost = sample.select(_dates(cell, form[1]).null_count().alias(form[0]) for form in _LAYOUTS)
    for form, layout, grain in _LAYOUTS:
        if lost[form][0]:
            continue
        read = column.to_frame("cell").select(_dates(cell, layout)).to_series()
        if read.null_count() == column.null_count():
            return stamps(_whole(read), None, grain, form)
    return None


def _dates(text: pl.Expr, layout: str) -> pl.Expr:
    if "%H" in layout:
        return text.str.to_datetime(layout, time_unit="ms", strict=False, ambiguous="null")
    return text.str.to_date(layout, strict=False).cast(pl.Datetime("ms"))


def _from_typed(column: pl.Series) -> Stamps:
    if column.dtype == pl.Time:
        nanoseconds = _whole(column)
        wall = np.where(nanoseconds == NONE, NONE, nanoseconds // 1_000_000)
        return stamps(wall, None, "clock", "a time of day")
    if column.dtype == pl.Date:
        days = _whole(column)
        return stamps(np.where(days == NONE, NONE, days * DAY_MS), None, "date", "a date")
    aware = getattr(column.dtype, "time_zone", None)
    utc = column.cast(pl.Datetime("ms", aware))
    ms = _whole(utc)
    if aware is None:
        return stamps(ms, None, _grain_of(ms), "a time")
    naive = _whole(utc.dt.replace_time_zone(None))
    return stamps(naive, np.where(ms == NONE, NONE, naive - ms), "time", f"a time in {aware}")


def _whole(column: pl.Series) -> Int64:
    numbers = column.cast(pl.Int64)
    ms: Int64 = (numbers.fill_null(NONE) if numbers.null_count() else numbers).to_numpy()
    return ms


def _grain_of(wall_ms: Int64) -> Grain:
    # Midnights without a zone are dates, as pandas and Excel store them.
    parts = (wall_ms[own] for own in blocks(len(wall_ms)))
    if not all(((ms // DAY_MS * DAY_MS == ms) | (ms == NONE)).all() for ms in parts):
        return "time"
    return "date" if (wall_ms != NONE).any() else "time"


def read_clock(column: pl.Series, label: str) -> Stamps:
    """Return the times of day of a column that stands beside one of dates.

    Raises:
        DataError: No form fits.
    """
    if column.dtype.is_temporal():
        return _from_typed(column)
    text, numbers, are_numbers = as_numbers(column)
    if not are_numbers:
        return from_text(text, label)
    values = numbers.fill_null(np.nan).to_numpy()
    known = np.isfinite(values)
    # 930 and 1530 are minutes, 93000 and 153000 seconds; the largest tells.
    largest = values[known].max(initial=0)
    if largest > 240_000:  # milliseconds since midnight
        sound = known & (np.where(known, values, 0) < DAY_MS)
        ms = np.where(sound, np.where(known, values, 0).astype(np.int64), NONE)
        return stamps(ms, None, "clock", "ms since midnight")
    seconds = largest > 2_400
    wall = np.full(len(values), NONE)
    wall[known] = clock_ms((values[known] * (1 if seconds else 100)).astype(np.int64))
    return stamps(np.where(wall < 0, NONE, wall), None, "clock", "HHMMSS" if seconds else "HHMM")


def _as_told(text: pl.Series, time_format: str, label: str) -> Stamps:
    timed = any(letters in time_format for letters in ("%H", "%I", "%T", "%R"))
    if timed:
        read = text.str.to_datetime(time_format, time_unit="ms", strict=False, ambiguous="null")
    else:
        read = text.str.to_date(time_format, strict=False).cast(pl.Datetime("ms"))
    wall = _whole(read)
    if (wall == NONE).all():
        raise DataError(f"{label}: {first(text)!r} is not written as {time_format}")
    # With a zone in the format polars returns UTC.
    utc = np.where(wall == NONE, NONE, 0) if "%z" in time_format else None
    return stamps(wall, utc, "time" if timed else "date", time_format)
