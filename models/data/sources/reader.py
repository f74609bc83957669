"""The way in: a path to a table of bars, with what was understood; or a refusal in a sentence.

A file is recognized as one of the declared shapes, or read by the usual names of columns. What
would change a close time and cannot be known is asked for, never guessed.
"""

import datetime
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from models.data.sources import facts, text, typed
from models.data.sources.closes import Closes, closes_of
from models.data.sources.columnar import in_order, time_order
from models.data.sources.files import BarFile, FoundFiles, find
from models.data.sources.findings import JudgedRows, findings_of, judged
from models.data.sources.interval import interval_of
from models.data.sources.merge import Merged, merge
from models.data.sources.moved import ended_at_open, moved_days, refuse_moved
from models.data.sources.multilevel import unstacked
from models.data.sources.part import Part, read_part
from models.data.sources.raw import RawTable
from models.data.sources.reading import FileReading
from models.data.sources.stated import StatedTimes, overruled, stated_stamp
from models.data.sources.tidy import DatedRows, rows_of, too_dirty
from models.data.table import BarTable
from models.data.times import to_ms
from shared.contract import Int64, interval_name
from shared.errors import DataError
from shared.reading import DEFAULT, ReadOptions

_READERS = {
    "json": typed.read_json,
    "parquet": typed.read_parquet,
    "feather": typed.read_feather,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadBars:
    """What was read.

    Attributes:
        table: The bars.
        reading: What was understood.
        stated: When the sources say that they were.
    """

    table: BarTable
    reading: FileReading
    stated: StatedTimes


Paths = str | Path | Sequence[str | Path]


def read_bars(
    paths: Paths, options: ReadOptions = DEFAULT, now: datetime.datetime | None = None
) -> ReadBars:
    """Return the bars in files or folders, and what was understood of them.

    Args:
        paths: The files and folders.
        options: What the caller says about them.
        now: The time until which bars can be complete; the present one unless given.

    Raises:
        InputMissingError: A path does not exist, cannot be opened, or holds no file of bars.
        DataError: The content cannot be read, or something that closes depend on cannot be known.
        SettingsError: An option is wrong.
    """
    parts, left_out = _parts(_found(paths), options)
    if options.strict and left_out:
        raise DataError(next(iter(left_out.values())))
    merged = merge(parts, options)
    interval_s = interval_of(merged, parts)
    closes = _closes(merged, parts, interval_s, options)
    moved = moved_days(merged, closes, parts, interval_s)
    refuse_moved(moved, options)
    rows = rows_of(merged, closes, options, _cutoff(merged, closes, interval_s, parts, now))
    usable, unusable = _usable(rows, merged, options)
    table = _table(usable.rows, merged, interval_s)
    drops = options.no_session == "drop"
    found = findings_of(usable.tally(), merged, parts, drop_no_session=drops)
    reading = facts.reading_of(table, usable, merged, closes, parts, left_out | unusable, found)
    said = (*overruled(parts, options), *map(str, moved), *reading.notes)
    return ReadBars(
        table=in_order(table, time_order(table)),
        reading=msgspec.structs.replace(reading, session=options.session, notes=said),
        stated=StatedTimes(
            utc_ms=usable.rows.of(merged.stated_ms),
            dates=merged.moments.dates,
            stamp=stated_stamp(parts),
            at_open=ended_at_open(merged, closes, interval_s),
            moved=moved,
        ),
    )


def _found(paths: Paths) -> FoundFiles:
    several = [paths] if isinstance(paths, str | Path) else paths
    found = [find(Path(path)) for path in several]
    return FoundFiles(
        files=tuple(file for f in found for file in f.files),
        left_out={name: why for f in found for name, why in f.left_out.items()},
    )


def _parts(found: FoundFiles, options: ReadOptions) -> tuple[list[Part], dict[str, str]]:
    # One bad file of many costs itself alone; the only one stops everything.
    parts: list[Part] = []
    left_out = dict(found.left_out)
    for file in found.files:
        try:
            parts.append(read_part(unstacked(_cells(file, options)), options))
        except DataError as e:
            if len(found.files) == 1:
                raise
            left_out[file.label] = str(e)
    if not parts:
        raise DataError(next(iter(left_out.values())))
    return parts, left_out


def _cells(file: BarFile, options: ReadOptions) -> RawTable:
    if file.kind == "text":
        return text.read_text(file, timed=not options.time_format)
    return _READERS[file.kind](file)


def _closes(merged: Merged, parts: Sequence[Part], interval_s: int, options: ReadOptions) -> Closes:
    stamps = {options.stamp} if options.stamp != "auto" else {p.shape.stamp for p in parts}
    if len(stamps) > 1:
        stamps -= {"auto"}
    if len(stamps) > 1:
        raise DataError("files whose times are opens stand beside files whose times are closes")
    evening = any(p.shape.evening for p in parts)
    zones = {p.shape.day_zone for p in parts}
    return closes_of(
        merged.moments,
        interval_s,
        merged.place,
        stamps.pop(),
        evening=evening,
        day_zone=zones.pop() if len(zones) == 1 else "",
    )


def _cutoff(
    merged: Merged,
    closes: Closes,
    interval_s: int,
    parts: Sequence[Part],
    now: datetime.datetime | None,
) -> Int64:
    # No file knows what came after it was written, and nobody what comes after now. A file that
    # seems older than the beginning of its newest bar was given another time: archives do that.
    present = to_ms(now or datetime.datetime.now(datetime.UTC))
    bounds = [np.searchsorted(merged.part, i) for i in range(1, len(parts))]
    ends = [own.max(initial=0) for own in np.split(closes.close_ms, bounds)]
    newest = np.maximum(np.array(ends, np.int64) - 1_000 * interval_s, 0)
    written = np.array([p.written_ms for p in parts], np.int64)
    known = np.where(written >= newest, np.minimum(written, present), present)
    return known if len(parts) == 1 else known[merged.part]


def _usable(
    rows: DatedRows, merged: Merged, options: ReadOptions
) -> tuple[JudgedRows, dict[str, str]]:
    all_rows = judged(rows)
    dirty = too_dirty(rows, all_rows.code > 0, merged.symbols, options.drop_limit)
    if dirty:
        bad = np.array([s in dirty for s in merged.symbols])
        all_rows = all_rows.take(~bad[rows.row])
    unusable = {s: f"{s}: {why}, more than --drop-limit allows" for s, why in dirty.items()}
    if all_rows.code.all():
        why = next(iter(unusable.values()), "no bar is left of what was read")
        raise DataError(why)
    if unusable and options.strict:
        raise DataError(next(iter(unusable.values())))
    return all_rows, unusable


def _table(rows: DatedRows, merged: Merged, interval_s: int) -> BarTable:
    tickers = np.arange(len(merged.symbols) + 1, dtype=np.int32)  # of other numbers rows are copied
    there = np.diff(np.searchsorted(rows.row, tickers)) > 0
    row = rows.row if there.all() else (np.cumsum(there, dtype=np.int32) - 1)[rows.row]
    return BarTable(
        symbols=tuple(itertools.compress(merged.symbols, there)),
        row=row,
        bar_ms=rows.close_ms,
        ohlcv=rows.ohlcv,
        interval=interval_name(interval_s),
        market=merged.place,
        repaired={str(reason): count for reason, count in rows.reasons.items()},
    )
