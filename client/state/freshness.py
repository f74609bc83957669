"""Whether what is shown is of now: two facts, the link and the data, and never one for the other.

A link can be alive while the market is closed, silent or over, and while the server still reads
history; what was heard before a link was lost may have been of now then. Only where both are live
may anything be in color.
"""

import dataclasses
import datetime
from typing import Final, Literal

from client.state import text
from client.state.health import Health
from shared.contract import interval_seconds
from shared.protocol.answers import Universe
from shared.protocol.messages import Status

Data = Literal["unknown", "loading", "closed", "live", "stale", "ended"]
# What a dot says: the color of a role, or grey where it is neither well nor ill.
Dot = Literal["live", "played", "late", "lost", "off"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Freshness:
    """The state of link and data, and the words for it.

    Attributes:
        health: The link.
        data: `unknown` until the server says something of its market, `loading` while it reads
            history, `ended` when no more bars come, `stale` when bars are missing, `closed` when
            there are none to come, else `live`.
        played: Whether the market is of another time than now.
        market_ms: What time it is in the market, ms since 1970 UTC; 0 where that is not known.
        words: Both facts, for people.
        alone: The fact of the data alone, for people; empty where it is live and of now.
    """

    health: Health
    data: Data
    played: bool
    market_ms: int
    words: str
    alone: str

    @property
    def current(self) -> bool:
        """Whether what is shown is of now, or of the time that is played; else it is grey."""
        return self.health.state == "live" and self.data == "live"

    @property
    def dot(self) -> Dot:
        """What the dot says: green is a live link to a market of now, and nothing else.

        A server of before 3.1 does not tell of when its market is, so it gets no green.
        """
        if self.health.state == "late" or self.health.state == "lost":
            return self.health.state
        if not self.current or not self.market_ms:
            return "off"
        return "played" if self.played else "live"


class Word:
    """The newest word of a server on its market, and when it came; of one run only."""

    def __init__(self) -> None:
        self._status: Status | None = None
        self._came_ms = self._newest_ms = 0

    @property
    def status(self) -> Status | None:
        """The word; None before the first of a run."""
        return self._status

    def take(self, status: Status | None, now_ms: int, *, restarted: bool) -> None:
        """Take over a word, if there is one.

        Args:
            status: The word; None without a new one.
            now_ms: The time on the wall, ms since 1970 UTC.
            restarted: Whether another run began: what the one before said holds no more.
        """
        if restarted:
            self._newest_ms = 0
        if status is not None or restarted:
            self._status, self._came_ms = status, now_ms

    def saw(self, newest_ms: int) -> None:
        """Note the close of the newest bar that came, ms since 1970 UTC: rows come before words."""
        self._newest_ms = newest_ms

    def market_ms(self, now_ms: int) -> int:
        """Return what time it is in the market, ms since 1970 UTC; 0 where that is not known.

        A clock on the wall goes on, by the server's and not by ours; what is played stands until
        it is played on.
        """
        status = self._status
        if status is None or not status.market_ms:
            return 0
        if status.played:
            return max(status.market_ms, self._newest_ms)
        return status.market_ms + max(now_ms - self._came_ms, 0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Place:
    """Where times are told.

    Attributes:
        zone: Of the exchange.
        interval_s: Length of a bar, s.
    """

    zone: datetime.tzinfo = datetime.UTC
    interval_s: int = 0

    @classmethod
    def of(cls, universe: Universe | None) -> "Place":
        """Return the place of a universe; UTC without one."""
        if universe is None:
            return cls()
        seconds = interval_seconds(universe.interval)
        return cls(zone=text.zone_of(universe.timezone), interval_s=seconds)


NOWHERE: Final = Place()


def freshness(health: Health, word: Word, now_ms: int, place: Place = NOWHERE) -> Freshness:
    """Return the state of link and data.

    Args:
        health: The link.
        word: What the server said of its market.
        now_ms: The time on the wall, ms since 1970 UTC.
        place: Where times are told.
    """
    status, market_ms = word.status, word.market_ms(now_ms)
    data = data_state(status)
    alone = _data_words(data, status, market_ms, place)
    return Freshness(
        health=health,
        data=data,
        played=status is not None and status.played,
        market_ms=market_ms,
        words=_both(health, alone, data, now_ms, place),
        alone=alone,
    )


def data_state(status: Status | None) -> Data:
    """Return the state of the data by the newest word of a server; the first that holds."""
    if status is None:
        return "unknown"
    if status.state == "starting":
        return "loading"
    if status.state in ("ended", "failed"):
        return "ended"
    if status.stale_since_ms:
        return "stale"
    return "closed" if status.closed_until_ms else "live"


def _both(health: Health, alone: str, data: Data, now_ms: int, place: Place) -> str:
    age_ms = health.age_ms
    if age_ms is None:
        return health.sentence
    if health.state == "live":
        heard = f"live · {text.age(age_ms)}"
        if not alone:
            return heard
        return f"{alone} · {text.age(age_ms)}" if data == "live" else f"{alone} · link {heard}"
    since = text.clock_and_zone(now_ms - age_ms, place.zone)
    link = f"{health.state} since {since} · {health.sentence}"
    # A server that is not heard says nothing, and reads no history that one could wait for.
    return f"{link} · {alone}" if alone and data not in ("unknown", "loading") else link


def _data_words(data: Data, status: Status | None, market_ms: int, place: Place) -> str:
    if status is None:
        return "no word of the market yet"
    match data:
        case "loading":
            loading = f"loading history {text.whole_percent(status.history)}".rstrip()
            return f"{loading}, {status.feed_note}" if status.feed_note else loading
        case "ended":
            over = "broke off" if status.state == "failed" else "ended"
            return f"the feed {over} at {_at(market_ms or status.stamp.newest_bar_ms, place)}"
        case "stale":
            then = text.appointment(status.stale_since_ms, market_ms, place.zone)
            return f"stale since {then}"
        case "closed":
            opens = text.appointment(status.closed_until_ms, market_ms, place.zone)
            return f"closed, opens {opens}"
    if not market_ms:
        return f"bars until {_at(status.stamp.newest_bar_ms, place)}"
    if not status.played:
        return ""
    return f"{'simulated' if status.simulated else 'replay'} at {_at(market_ms, place)}"


def _at(ms: int, place: Place) -> str:
    return text.bar_time(ms, place.interval_s, place.zone) if ms else "no bar"
