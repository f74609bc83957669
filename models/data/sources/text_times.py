"""Times that are written as text, in the forms that people, vendors and languages have."""

import re
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import polars as pl

from models.data.calendars.zone_clocks import DAY_MS, utc_ms
from models.data.sources.column_times import NONE, Grain, Stamps, enough, first, sampled, stamps
from models.data.sources.number_times import calendar
from shared.contract import Int64
from shared.errors import DataError

_NAMED_ZONE: Final = r" ([A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_]+)+)$"  # as Interactive Brokers writes it
# Only behind a time of day: the end of 2024-01-02 is no zone.
_ZONE: Final = r"(:\d\d(?:\.\d+)?|[T ]\d{4,6})\s?(Z|UTC|GMT|(?:UTC|GMT)?[+-]\d\d:?(?:\d\d)?)$"


@dataclass(frozen=True, kw_only=True)
class _Form:
    # `pattern` fits a value of this form, `rewrite` brings it to what `layout` reads.
    name: str
    pattern: str
    layout: str
    grain: Grain = "date"
    rewrite: tuple[tuple[str, str], ...] = ()


_CLOCK: Final = r"[T ,;]+\d{1,2}:\d\d(:\d\d)?(\.\d+)?( ?[APap][Mm])?"
_MONTH: Final = r"[A-Za-z]{3,9}\.?"
_FORMS: Final = (
    _Form(name="YYYY-MM-DD", pattern=r"^\d{4}-\d{1,2}-\d{1,2}$", layout="%Y-%m-%d"),
    _Form(
        name="YYYY/MM/DD",
        pattern=r"^\d{4}\s*[./-]\s*\d{1,2}\s*[./-]\s*\d{1,2}\.?$",
        layout="%Y-%m-%d",
        rewrite=((r"\s", ""), (r"\.$", ""), (r"[./]", "-")),
    ),
    _Form(
        name="YYYY년 MM월 DD일",
        pattern=r"^\d{4}[年년]\s*\d{1,2}[月월]\s*\d{1,2}[日일]$",
        layout="%Y-%m-%d",
        rewrite=((r"\s", ""), (r"[年년月월]", "-"), (r"[日일]", "")),
    ),
    _Form(
        name="Mon DD, YYYY",
        pattern=rf"^{_MONTH}\s+\d{{1,2}},?\s+\d{{4}}$",
        layout="%b %d %Y",
        rewrite=((r"^([A-Za-z]{3})[a-z]*\.?\s+(\d+),?\s+", "$1 $2 "),),
    ),
    _Form(
        name="DD Mon YYYY",
        pattern=rf"^\d{{1,2}}[\s-]{_MONTH}[\s-]\d{{4}}$",
        layout="%d %b %Y",
        rewrite=((r"^(\d+)[\s-]([A-Za-z]{3})[a-z]*\.?[\s-]", "$1 $2 "),),
    ),
    _Form(
        name="DD-Mon-YY",
        pattern=rf"^\d{{1,2}}[\s-]{_MONTH}[\s-]\d\d$",
        layout="%d %b %y",
        rewrite=((r"^(\d+)[\s-]([A-Za-z]{3})[a-z]*\.?[\s-]", "$1 $2 "),),
    ),
    _Form(
        name="YYYY-MM-DD HH:MM",
        pattern=rf"^\d{{4}}[-./]\d{{1,2}}[-./]\d{{1,2}}{_CLOCK}$",
        layout="",
        grain="time",
        rewrite=((r"^(\d{4})[-./](\d{1,2})[-./](\d{1,2})[T ,;]+", "$1-$2-$3 "),),
    ),
    _Form(
        name="YYYYMMDD HH:MM",
        pattern=rf"^\d{{8}}{_CLOCK}$",
        layout="",
        grain="time",
        rewrite=((r"^(\d{4})(\d\d)(\d\d)[T ,;]+", "$1-$2-$3 "),),
    ),
    _Form(
        name="YYYYMMDD HHMMSS",
        pattern=r"^\d{8}[T ;,]+\d{6}$",
        layout="",
        grain="time",
        rewrite=((r"^(\d{4})(\d\d)(\d\d)[T ;,]+(\d\d)(\d\d)(\d\d)$", "$1-$2-$3 $4:$5:$6"),),
    ),
    _Form(
        name="YYYYMMDD HHMM",
        pattern=r"^\d{8}[T ;,]+\d{4}$",
        layout="",
        grain="time",
        rewrite=((r"^(\d{4})(\d\d)(\d\d)[T ;,]+(\d\d)(\d\d)$", "$1-$2-$3 $4:$5:00"),),
    ),
    _Form(
        name="HH:MM",
        pattern=r"^\d{1,2}:\d\d(:\d\d)?(\.\d+)?( ?[APap][Mm])?$",
        layout="",
        grain="clock",
        rewrite=((r"^", "1970-01-01 "),),
    ),
)
# Day and month in this or that order: told from the values, never from a habit.
_NUMERIC: Final = rf"^(\d{{1,2}})[./-](\d{{1,2}})[./-](\d{{4}}|\d\d)((?:{_CLOCK})?)$"


def from_text(text: pl.Series, label: str) -> Stamps:
    """Return the times that texts are.

    Args:
        text: (n,) texts without blanks around them.
        label: What to call the column in a sentence.

    Raises:
        DataError: They are no times of a known form, or day and month cannot be told apart.
    """
    cell = pl.col("text")
    looked = text.to_frame("text").select(
        bare=cell.str.replace(_ZONE, "$1"), named=cell.str.contains(_NAMED_ZONE).any()
    )
    if len(looked) and looked["named"][0]:
        return _named(text, label)
    bare = looked["bare"]
    zoned = bool((bare != text).any())
    sample = sampled(bare)
    fitting = _fitting(sample)
    for form in _FORMS:
        if enough(fitting[form.pattern], len(sample)):
            wall = _parsed(bare, form)
            return stamps(wall, _zones(text) if zoned else None, form.grain, form.name)
    if enough(fitting[_NUMERIC], len(sample)):
        return _day_or_month_first(bare, _zones(text) if zoned else None, label)
    raise DataError(
        f"{label} holds no time that is known, row 1 says {first(text)!r}; "
        "--time-format says how they are written"
    )


def _fitting(sample: pl.Series) -> dict[str, int]:
    # How many values each pattern fits, all looked at in one go: that costs most in small files.
    patterns = [*(form.pattern for form in _FORMS), _NUMERIC]
    cells = sample.to_frame("cell")
    counts = cells.select(pl.col("cell").str.contains(p).sum().alias(p) for p in patterns)
    return counts.row(0, named=True)


def _named(text: pl.Series, label: str) -> Stamps:
    # Each row by the clock that it names; an hour that comes twice is taken for the later.
    bare = from_text(text.str.replace(_NAMED_ZONE, ""), label)
    names = text.str.extract(_NAMED_ZONE, 1).fill_null("")
    zone_ms = bare.zone_ms.copy() if bare.zone_ms is not None else np.full(len(text), NONE)
    for name in filter(None, names.unique().to_list()):
        rows = np.flatnonzero((names == name).to_numpy() & bare.known)
        try:
            utc = utc_ms(bare.wall_ms[rows], ZoneInfo(name), twice="later")
        except (ZoneInfoNotFoundError, ValueError) as e:
            raise DataError(f"{label} names a clock that is not known: {name}") from e
        zone_ms[rows] = np.where(utc == NONE, NONE, bare.wall_ms[rows] - utc)
    return stamps(bare.wall_ms, zone_ms, bare.grain, f"{bare.form} and a zone")


def _parsed(bare: pl.Series, form: _Form) -> Int64:
    cell = pl.col("cell")
    for pattern, into in form.rewrite:
        cell = cell.str.replace_all(pattern, into)
    if form.layout:
        day = cell.str.to_date(form.layout, strict=False).cast(pl.Int64)
        cell = (day * DAY_MS).fill_null(NONE)
    read = bare.to_frame("cell").select(cell).to_series()
    return read.to_numpy() if form.layout else _clocked(read)


def _clocked(bare: pl.Series) -> Int64:
    # "YYYY-M-D H:MM[:SS[.f]][ AM]" by whole columns: the commonest layout first.
    layouts = (
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d %I:%M:%S %p",
        "%Y-%m-%d %I:%M %p",
    )
    wall = np.full(len(bare), NONE)
    for layout in layouts:
        left = wall == NONE
        if not left.any():
            break
        rest = bare if left.all() else bare.filter(pl.Series(left))
        read = pl.col("cell").str.to_datetime(
            layout, time_unit="ms", strict=False, ambiguous="null"
        )
        ms = rest.to_frame("cell").select(read.cast(pl.Int64).fill_null(NONE))
        wall[left] = ms.to_series().to_numpy()
    return wall


def _zones(text: pl.Series) -> Int64:
    # (n,) ms that the clock of each row is ahead of UTC; `NONE` where it does not say.
    zone = text.str.extract(_ZONE, 2)
    written = {z: _offset(z) for z in zone.unique().to_list() if z is not None}
    offset = zone.replace_strict(written, default=NONE, return_dtype=pl.Int64)
    result: Int64 = offset.fill_null(NONE).to_numpy()
    return result


def _offset(zone: str) -> int:
    match = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)?", zone)
    if match is None:
        return 0
    minutes = 60 * int(match[2]) + int(match[3] or 0)
    return minutes * (60_000 if match[1] == "+" else -60_000)


def _day_or_month_first(bare: pl.Series, zone: Int64 | None, label: str) -> Stamps:
    parts = [
        bare.str.extract(_NUMERIC, i).cast(pl.Int64, strict=False).fill_null(0) for i in (1, 2, 3)
    ]
    one, two, last = (p.to_numpy() for p in parts)
    year = last
    short = year < 100
    year = np.where(short, _century(year), year)
    clocks = bare.str.extract(_NUMERIC, 4).fill_null("").str.strip_chars(" T,;")
    clock = np.zeros(len(bare), np.int64)
    if (clocks != "").any():
        clock = _clocked("1970-01-01 " + clocks.replace("", "00:00:00"))
        clock = np.where(clock == NONE, -1, clock)
    readings = {
        "DD/MM/YYYY": calendar(year, two, one, clock),
        "MM/DD/YYYY": calendar(year, one, two, clock),
    }
    if short.all():
        readings["YY/MM/DD"] = calendar(_century(one), two, last, clock)
    name = _the_one_that_fits(readings, label, first(bare))
    grain: Grain = "time" if (clocks != "").any() else "date"
    return stamps(readings[name], zone, grain, name)


def _century(year: Int64) -> Int64:
    # Two digits up to 49 are of this century.
    return year + np.where(year < 50, 2000, 1900)


def _the_one_that_fits(readings: dict[str, Int64], label: str, first: str) -> str:
    known = {name: int((wall != NONE).sum()) for name, wall in readings.items()}
    best = max(known.values())
    fitting = [name for name, count in known.items() if count == best]
    if len(fitting) > 1:
        fitting = [name for name in fitting if _is_in_order(readings[name])]
    if len(fitting) != 1:
        raise DataError(
            f"{label}: {first!r} may be day first or month first, and no row tells; "
            "say --time-format %d/%m/%Y, %m/%d/%Y or %y/%m/%d"
        )
    return fitting[0]


def _is_in_order(wall: Int64) -> bool:
    # Bars stand in the order of time, or in the reverse of it; a wrong reading jumps to and fro.
    steps = np.diff(wall[wall != NONE])
    steps = steps[steps != 0]
    rising = float((steps > 0).mean()) if len(steps) else 0.5
    return max(rising, 1 - rising) > 0.95
