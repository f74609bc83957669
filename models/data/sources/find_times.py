"""Which columns of a file hold the times of its rows."""

import datetime
from typing import Final

import numpy as np

from models.data.calendars.zone_clocks import DAY_MS
from models.data.sources import names
from models.data.sources.column_times import NONE, Stamps, stamps
from models.data.sources.names import Roles
from models.data.sources.raw import RawTable, Unread
from models.data.sources.shape import Shape
from models.data.sources.stamps import read_clock, read_stamps
from shared.errors import DataError
from shared.reading import ReadOptions

_EPOCH: Final = datetime.date(1970, 1, 1)


def times_in(
    raw: RawTable, found: Roles, shape: Shape, options: ReadOptions
) -> tuple[Stamps, list[Unread]]:
    """Return the times of the rows, and the first cell that holds none, if there is one.

    A column of full times is taken before one of dates, and a time of day is added to its date.

    Raises:
        DataError: No column holds times.
    """
    columns = names.times_among(raw.frame.columns, found)
    day = shape.date_in(raw.file.name)
    if not columns and day is None:
        there = ", ".join(c or "''" for c in raw.frame.columns)
        raise DataError(f"{raw.file.label}: no column is called time or date, there are {there}")
    read, refused = _read(raw, columns, options)
    full = next((c for c in columns if c in read and read[c].grain == "time"), None)
    if full is not None:
        return read[full], _lost(raw, full, read[full])
    clocks = [*found.get("clock", []), *columns]
    date = next((c for c in columns if c in read and read[c].grain == "date"), None)
    if date is None and day is not None:
        days = np.full(len(raw.frame), (day - _EPOCH).days * DAY_MS)
        dated = stamps(days, None, "date", "the date in the file's name")
        return _with_clock(raw, dated, clocks), []
    if date is None:
        raise DataError(refused[0] if refused else f"{raw.file.label}: no column holds dates")
    whole = _with_clock(raw, read[date], [c for c in clocks if c != date])
    return whole, _lost(raw, date, whole)


def _read(
    raw: RawTable, columns: list[str], options: ReadOptions
) -> tuple[dict[str, Stamps], list[str]]:
    read: dict[str, Stamps] = {}
    refused: list[str] = []
    for column in columns:
        label = f"{raw.file.label}, column {column or 'without a name'}"
        try:
            form = raw.forms.get(column)
            read[column] = read_stamps(raw.frame[column], label, options.time_format, form)
        except DataError as e:
            refused.append(str(e))
    return read, refused


def _lost(raw: RawTable, column: str, read: Stamps) -> list[Unread]:
    if read.known.all():
        return []
    row = int(np.argmin(read.known))
    cell = raw.frame[column][row]
    said = "" if cell is None else str(cell)
    return [Unread(row=row, column=column or "without a name", cell=said)]


def _with_clock(raw: RawTable, dates: Stamps, clocks: list[str]) -> Stamps:
    for column in clocks:
        try:
            clock = read_clock(raw.frame[column], f"{raw.file.label}, column {column}")
        except DataError:
            continue
        if clock.grain == "clock" and len(np.unique(clock.wall_ms[clock.known])) > 1:
            both = dates.known & clock.known
            return Stamps(
                wall_ms=np.where(both, dates.wall_ms + clock.wall_ms, NONE),
                zone_ms=clock.zone_ms,
                grain="time",
                form=f"{dates.form} and {clock.form}",
            )
    return dates
