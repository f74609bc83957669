"""Days of bars that lie beside their sessions as a whole: then the clock was another one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.data.calendars.sessions import Sessions, are_among, sessions_of
from models.data.calendars.zone_clocks import DAY_MS
from models.data.sources.closes import Closes
from models.data.sources.merge import Merged
from models.data.sources.part import Part
from shared.contract import Int64
from shared.errors import DataError
from shared.reading import ReadOptions

_OUTSIDE: Final = 0.02  # of a file's bars; where fewer lie outside, no day has moved
_NIGHT_MS: Final = 14_400_000  # a longer pause parts two days; no exchange rests as long at noon
_LEAST_MS: Final = 2_700_000  # the smallest move; clocks differ by more
_SLACK_MS: Final = 1_800_000  # an auction or two bars may be missing at an end
_FEW: Final = 3  # days
_SHARE: Final = 0.05  # of the days; a calendar that is wrong about hours is so once a year


@dataclass(frozen=True, kw_only=True)
class MovedDays:
    """How many days of a file lie beside their sessions, all of a day by about the same time.

    Attributes:
        label: The file.
        days: It has.
        moved: Of them.
        by_ms: By how much, the median; above 0 where they are late.
        zoned: Whether its times carry a zone of their own, or its source declares one.
    """

    label: str
    days: int
    moved: int
    by_ms: int
    zoned: bool

    def __str__(self) -> str:
        """Return it as a sentence."""
        hours = f"{abs(self.by_ms) / 3_600_000:.3g} h {'after' if self.by_ms > 0 else 'before'}"
        return (
            f"{self.label}: on {self.moved:,} of {self.days:,} days all bars lie about {hours} "
            "the session, as if its clock were another one"
        )


def moved_days(
    merged: Merged, closes: Closes, parts: Sequence[Part], interval_s: int
) -> tuple[MovedDays, ...]:
    """Return the files whose days lie beside their sessions.

    Args:
        merged: The rows of all files.
        closes: When their bars were complete.
        parts: The files.
        interval_s: Length of a bar, s.
    """
    sessions = sessions_of(merged.place)
    if sessions is None or 1_000 * interval_s >= DAY_MS or not closes.outside.any():
        return ()
    # Rows stand in the order of their files.
    bounds = np.searchsorted(merged.part, np.arange(len(parts) + 1))
    found = []
    for part, start, end in zip(parts, bounds, bounds[1:], strict=False):
        outside = closes.outside[start:end]
        if not len(outside) or outside.mean() <= _OUTSIDE:
            continue
        moves = _moves(closes.close_ms[start:end], 1_000 * interval_s, sessions)
        moved = moves[np.abs(moves) >= _LEAST_MS]
        if len(moved) >= _FEW and len(moved) > _SHARE * len(moves):
            zoned = bool(part.shape.zone) or part.stamps.zoned
            by_ms = int(np.median(moved))
            found.append(
                MovedDays(
                    label=part.label, days=len(moves), moved=len(moved), by_ms=by_ms, zoned=zoned
                )
            )
    return tuple(found)


def refuse_moved(moved: Sequence[MovedDays], options: ReadOptions) -> None:
    """Refuse files whose clock was taken for that of the market, and cannot be.

    Raises:
        DataError: One is not, and no zone was said.
    """
    lost = [m for m in moved if not m.zoned]
    if lost and not options.timezone:
        raise DataError(f"{lost[0]}; say --timezone, or --market")


def ended_at_open(merged: Merged, closes: Closes, interval_s: int) -> int:
    """Return how many bars outside of the sessions would close just when a session opens.

    Those of trading before the session do as well; they follow on others, and do not count.
    """
    sessions = sessions_of(merged.place)
    if sessions is None or 1_000 * interval_s >= DAY_MS:
        return 0
    opens, _ = sessions.parts(extended=False)
    row, close_ms = merged.row[closes.outside], closes.close_ms[closes.outside]
    order = np.lexsort((close_ms, row))
    row, close_ms = row[order], close_ms[order]
    goes_on = (np.diff(row) == 0) & (np.diff(close_ms) == 1_000 * interval_s)
    at_open = are_among(close_ms, opens)
    at_open[1:] &= ~goes_on
    return int(at_open.sum())


def _moves(close_ms: Int64, length: int, sessions: Sessions) -> Int64:
    # (days,) by how much each day as a whole lies beside its session, ms; 0 where it begins or
    # ends with it, or where only one of its ends lies beside.
    times = np.unique(close_ms)
    starts = np.flatnonzero(np.diff(times, prepend=times[0] - DAY_MS) > _NIGHT_MS + length)
    begun = times[starts] - length
    ended = times[np.append(starts[1:], len(times)) - 1]
    middle = (sessions.open_ms + sessions.close_ms) // 2
    place = _nearest(middle, (begun + ended) // 2)
    early, late = begun - sessions.open_ms[place], ended - sessions.close_ms[place]
    whole = np.abs(early - late) <= _SLACK_MS
    return np.where(whole, (early + late) // 2, 0)


def _nearest(ascending: Int64, values: Int64) -> Int64:
    right = np.searchsorted(ascending, values).clip(1, len(ascending) - 1)
    left = right - 1
    nearer = values - ascending[left] < ascending[right] - values
    return np.where(nearer, left, right)
