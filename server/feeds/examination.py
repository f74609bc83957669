"""Looks at a source of live bars part by part, as far as one part does not need another."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec

from models.data.calendars.sessions import sessions_of
from models.data.times import to_utc
from server.feeds.live.clock import WALL, LiveClock
from server.feeds.live.listing import UniverseKeeper
from server.feeds.live.settings import LiveSettings
from server.feeds.live.source import LiveSource
from server.feeds.live.span import history_start
from server.feeds.live.vendor_calendar import TellsCalendar, disagreements
from shared.contract import interval_seconds
from shared.errors import TickerlensError

_CLOCK_MS: Final = 5_000  # more would close bars early or late


class SourceFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What was found about one part.

    Attributes:
        what: The part.
        ok: Whether it does what it should.
        detail: In a sentence, with what to do where it does not.
    """

    what: str
    ok: bool
    detail: str


@dataclass(frozen=True, kw_only=True)
class _Examined:
    source: LiveSource
    settings: LiveSettings
    clock: LiveClock


async def examine(
    source: LiveSource, settings: LiveSettings, clock: LiveClock = WALL
) -> list[SourceFinding]:
    """Return what is found: whether it is reached, its clock, calendar, tickers, a bar and limits.

    Args:
        source: The vendor; it is closed at the end.
        settings: Of the feed.
        clock: What time it is here.
    """
    examined = _Examined(source=source, settings=settings, clock=clock)
    findings = [await _found("reached", partial(_reach, examined))]
    try:
        if findings[0].ok:
            findings += [finding async for finding in _rest(examined)]
    finally:
        await source.close()
    return findings


async def _rest(examined: _Examined) -> AsyncIterator[SourceFinding]:
    parts: tuple[tuple[str, Callable[[_Examined], Awaitable[tuple[bool, str]]]], ...] = (
        ("clock", _clock),
        ("calendar", _calendar),
        ("a bar", _bar),
        ("limits", _limits),
    )
    for what, look in parts:
        yield await _found(what, partial(look, examined))


async def _found(what: str, look: Callable[[], Awaitable[tuple[bool, str]]]) -> SourceFinding:
    try:
        ok, detail = await look()
    except TickerlensError as e:
        return SourceFinding(what=what, ok=False, detail=str(e))
    return SourceFinding(what=what, ok=ok, detail=detail)


async def _reach(examined: _Examined) -> tuple[bool, str]:
    began = time.monotonic()
    await examined.source.open()
    took_ms = 1_000 * (time.monotonic() - began)
    # Some vendors are asked for nothing but bars: then only those tell how far away they are.
    return True, f"in {took_ms:.0f} ms" if took_ms >= 1 else "nothing is asked before the first bar"


async def _clock(examined: _Examined) -> tuple[bool, str]:
    there_ms = await examined.source.server_ms()
    if there_ms is None:
        return True, "the vendor does not tell its time"
    ahead_ms = there_ms - examined.clock.now_ms()
    if abs(ahead_ms) <= _CLOCK_MS:
        return True, f"the vendor's is {ahead_ms / 1_000:+.1f} s against this machine's"
    return False, f"the vendor's is {ahead_ms / 1_000:+.0f} s ahead: let this machine keep time"


async def _calendar(examined: _Examined) -> tuple[bool, str]:
    source = examined.source
    sessions = sessions_of(source.market)
    if sessions is None:
        return True, "it never closes"
    if not isinstance(source, TellsCalendar):
        return True, "the vendor has none: ours counts"
    days = await source.calendar()
    found = list(disagreements(days, sessions, source.market))
    if found:
        return False, f"{'; '.join(found)}: correct it in calendars.toml"
    return True, f"the vendor's and ours agree on {len(days)} days"


async def _bar(examined: _Examined) -> tuple[bool, str]:
    source, settings, now_ms = examined.source, examined.settings, examined.clock.now_ms()
    keeper = UniverseKeeper(source, settings.universe, examined.clock)
    await keeper.read()
    listed = list(keeper.listed(now_ms))
    if not listed:
        return False, f"the universe {settings.universe} has no ticker now"
    interval_s, extended = interval_seconds(settings.interval), settings.session == "extended"
    from_ms = history_start(source.market, interval_s, 5, now_ms, extended=extended)
    began = time.monotonic()
    page = await source.page(listed[0], from_ms, now_ms - round(1_000 * source.traits.settles_s))
    took_ms = 1_000 * (time.monotonic() - began)
    if len(page.bar_ms) == 0:
        return False, f"{listed[0]} of {len(listed):,} tickers has none: is it halted or misspelt?"
    close = to_utc(int(page.bar_ms[-1]))
    return (
        True,
        f"{listed[0]} of {len(listed):,} tickers closed {close:%F %R} UTC, {took_ms:.0f} ms",
    )


async def _limits(examined: _Examined) -> tuple[bool, str]:
    states = {name: limiter.state for name, limiter in examined.source.limiters.items()}
    return True, ", ".join(
        f"{n} {s.left} of {s.most} in {s.window_s:g} s" for n, s in states.items()
    )
