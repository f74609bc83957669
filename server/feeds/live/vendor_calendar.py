"""The vendor's own calendar, asked each day and held against ours."""

import asyncio
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

import numpy as np

from models.data.calendars.sessions import Sessions, sessions_of
from models.data.times import to_utc
from server.feeds.live.faults import SourceError
from server.feeds.live.state import LiveState
from shared.markets import Market

_LOOK_S: Final = 1_800.0
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
_TOLD: Final = 3  # days that are told; more are counted


@dataclass(frozen=True, kw_only=True)
class VendorDay:
    """A day as the vendor has it.

    Attributes:
        date: At the exchange.
        is_open: Whether it trades.
        open_ms: When the regular session opens, ms since 1970 UTC; 0 where the vendor does not say.
        close_ms: When it closes; 0 likewise.
        late_close_ms: When trading after it ends; 0 likewise.
    """

    date: dt.date
    is_open: bool
    open_ms: int = 0
    close_ms: int = 0
    late_close_ms: int = 0


@runtime_checkable
class TellsCalendar(Protocol):
    """A source whose vendor has a calendar."""

    async def calendar(self) -> tuple[VendorDay, ...]:
        """Return the days that the vendor tells of; asked once a day.

        Raises:
            SourceError: Whatever went wrong.
        """


def disagreements(days: Sequence[VendorDay], sessions: Sessions, market: Market) -> Iterator[str]:
    """Yield a sentence for each day that is not the same in both calendars.

    Args:
        days: As the vendor has them.
        sessions: As we have them.
        market: Where; times are told in its zone.
    """
    for day in days:
        place = int(sessions.index(np.array([day.date.toordinal() - _EPOCH]))[0])
        ours = _hours(place, sessions, market)
        if not day.is_open:
            if place >= 0:
                yield f"{day.date} is closed, our calendar says {ours}"
        elif place < 0:
            yield f"{day.date} is open, our calendar says closed"
        elif (theirs := _differing(day, place, sessions, market)) is not None:
            yield f"{day.date} {theirs}, our calendar says {ours}"


def _differing(day: VendorDay, place: int, sessions: Sessions, market: Market) -> str | None:
    ours = (sessions.open_ms, sessions.close_ms, sessions.late_close_ms)
    theirs = (day.open_ms, day.close_ms, day.late_close_ms)
    pairs = [(int(o[place]), t) for o, t in zip(ours, theirs, strict=True)]
    if all(t in (0, o) or o == 0 for o, t in pairs):
        return None
    zone = ZoneInfo(market.timezone)
    return f"trades {_clock(day.open_ms, zone)} to {_clock(day.close_ms, zone)}" + (
        f" and until {_clock(day.late_close_ms, zone)}" * (day.late_close_ms > 0)
    )


def _hours(place: int, sessions: Sessions, market: Market) -> str:
    zone = ZoneInfo(market.timezone)
    opens, closes = int(sessions.open_ms[place]), int(sessions.close_ms[place])
    late_ms = int(sessions.late_close_ms[place])
    late = f" and until {_clock(late_ms, zone)}" * (late_ms > 0)
    return f"{_clock(opens, zone)} to {_clock(closes, zone)}{late}"


def _clock(ms: int, zone: ZoneInfo) -> str:
    return f"{to_utc(ms).astimezone(zone):%H:%M}"


class CalendarWatch:
    """Asks for the vendor's calendar each day, and tells where it differs from ours.

    Args:
        state: What is shared.
    """

    def __init__(self, state: LiveState) -> None:
        self._state = state
        self._asked: dt.date | None = None

    async def run(self) -> None:
        """Ask for ever, if the source has a calendar."""
        source, market = self._state.fixed.source, self._state.fixed.source.market
        sessions = sessions_of(market)
        if sessions is None or not isinstance(source, TellsCalendar):
            return
        zone = ZoneInfo(market.timezone)
        while True:
            today = to_utc(self._state.exchange_ms).astimezone(zone).date()
            if today != self._asked:
                self._asked = today if await self._ask(source, market, sessions) else None
            await asyncio.sleep(_LOOK_S)

    async def _ask(self, source: TellsCalendar, market: Market, sessions: Sessions) -> bool:
        # Whether it was answered.
        troubles = self._state.troubles
        try:
            days = await source.calendar()
        except SourceError as e:
            troubles.note("calendar", e)
            return False
        found = list(disagreements(days, sessions, market))
        if not found:
            troubles.healed("calendar")
            return True
        more = f" and {len(found) - _TOLD} days more" * (len(found) > _TOLD)
        name = self._state.fixed.source.traits.name
        troubles.say("calendar", f"by the calendar of {name} {'; '.join(found[:_TOLD])}{more}")
        return True
