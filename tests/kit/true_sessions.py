"""When exchanges trade on days that readers get wrong: half days, late openings, changes of clocks.

Taken from exchange_calendars and our dated corrections as they stand in their files, past the code
that is tested with it.
"""

import datetime
import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from models.data.calendars.markets import market_named
from models.data.calendars.overrides import OURS
from models.data.calendars.schedule import schedule_of

_FIRST, _LAST = datetime.date(2024, 1, 2), datetime.date(2026, 11, 24)


@dataclass(frozen=True, kw_only=True)
class TrueSession:
    """One session.

    Attributes:
        day: Its date.
        open: When it opens, with the zone of the exchange.
        close: When it closes.
        evening: When trading after it closes; None where there is none.
        pause: When it breaks off and when it goes on; None without a break.
    """

    day: datetime.date
    open: datetime.datetime
    close: datetime.datetime
    evening: datetime.datetime | None = None
    pause: tuple[datetime.datetime, datetime.datetime] | None = None

    @property
    def kind(self) -> tuple[object, ...]:
        """Return its hours by the clock of the exchange, and how that clock goes."""
        late = self.evening is not None
        return self.open.time(), self.close.time(), self.open.utcoffset(), late


@functools.cache
def odd_sessions(market: str) -> tuple[TrueSession, ...]:
    """Return sessions that differ from the one before, in hours or by a clock that was changed.

    Each stands between its neighbors; of each kind of change there is one.
    """
    whole = _sessions(market)
    chosen: set[int] = set()
    seen: set[object] = set()
    for n in range(1, len(whole) - 1):
        change = (whole[n - 1].kind, whole[n].kind)
        if change[0] != change[1] and change not in seen:
            seen.add(change)
            chosen |= {n - 1, n, n + 1}
    return tuple(whole[n] for n in sorted(chosen)) or whole[:9]


def _sessions(market: str) -> tuple[TrueSession, ...]:
    place = market_named(market)
    zone = ZoneInfo(place.timezone)
    columns = schedule_of(place.calendar, pd.Timestamp.now("UTC"))
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    found = {}
    for day, opened, closed, paused, resumed in rows:
        date = np.datetime64(day, "D").astype(datetime.date)
        if _FIRST <= date <= _LAST:
            found[date] = TrueSession(
                day=date,
                open=_at(opened, zone),
                close=_at(closed, zone),
                pause=(_at(paused, zone), _at(resumed, zone)) if paused else None,
            )
    return tuple(_corrected(found, place.calendar, zone))


def _at(ms: int, zone: ZoneInfo) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(ms / 1_000, zone)


def _corrected(
    found: dict[datetime.date, TrueSession], code: str, zone: ZoneInfo
) -> Iterator[TrueSession]:
    said: dict[str, list[dict[str, Any]]] = tomllib.loads(OURS.read_text(encoding="utf-8"))
    own = [entry for entry in said["day"] if entry["market"] == code]
    late = [entry for entry in said["extended"] if entry["market"] == code]
    for day, session in found.items():
        entries = [entry for entry in own if day in entry["dates"]]
        if any(entry.get("closed") for entry in entries):
            continue
        for entry in entries:
            opened, closed = entry.get("open"), entry.get("close")
            session = replace(
                session,
                open=_clock(day, opened, zone) if opened else session.open,
                close=_clock(day, closed, zone) if closed else session.close,
            )
        evening = [_clock(day, e["close"], zone) for e in late if day >= e["since"]]
        yield replace(session, evening=evening[0] if evening else None)


def _clock(day: datetime.date, clock: str, zone: ZoneInfo) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time.fromisoformat(clock), zone)
