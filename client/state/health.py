"""Whether what the desk shows can be believed: live, late or lost, and why, in a sentence."""

import dataclasses
from typing import Final, Literal

LATE_MS: Final = 2_500  # a status comes every second; one may be slow
LOST_MS: Final = 6_000

State = Literal["connecting", "live", "late", "lost"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Health:
    """The state of the link.

    Attributes:
        state: `connecting` until the server was first heard, then `live`, `late` or `lost`.
        age_ms: Age of the newest message in ms; None before the first.
        sentence: What a person should know about it, without a full stop.
        endpoint: Where messages are published; empty while a local server starts.
        local: True when the server is one that this desk started.
    """

    state: State
    age_ms: int | None
    sentence: str
    endpoint: str
    local: bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class Heard:
    """What the net thread knows of the server.

    Attributes:
        newest_ms: When the newest message came, in ms of a clock that only rises; None before it.
        goodbye: True when that message said that the server stops.
        endpoint: As in `Health`.
        local: As in `Health`.
        trouble: What keeps the server from being heard, without a full stop; empty if unknown.
    """

    newest_ms: int | None = None
    goodbye: bool = False
    endpoint: str = ""
    local: bool = False
    trouble: str = ""


def link_health(heard: Heard, now_ms: int) -> Health:
    """Return the state of the link at `now_ms`, on the clock of `heard.newest_ms`."""
    age_ms = None if heard.newest_ms is None else max(now_ms - heard.newest_ms, 0)
    state = _state(age_ms, heard.goodbye)
    return Health(
        state=state,
        age_ms=age_ms,
        sentence=_sentence(state, age_ms or 0, heard),
        endpoint=heard.endpoint,
        local=heard.local,
    )


def _state(age_ms: int | None, goodbye: bool) -> State:
    if age_ms is None:
        return "connecting"
    if goodbye or age_ms >= LOST_MS:
        return "lost"
    return "live" if age_ms < LATE_MS else "late"


def _sentence(state: State, age_ms: int, heard: Heard) -> str:
    if state == "live":
        return "live"
    if heard.trouble:
        return heard.trouble
    if state == "connecting":
        return f"waiting for the server at {heard.endpoint}"
    if heard.goodbye:
        return f"the server at {heard.endpoint} has stopped; waiting for its return"
    return f"nothing heard from {heard.endpoint} for {age_ms // 1000} s; waiting for its return"
