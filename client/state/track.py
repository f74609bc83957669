"""What came true of a model's buys, beside what its card promises; in words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from client.state import text
from shared.protocol.answers import ModelCard
from shared.protocol.messages import TrackRecord

NONE_YET: Final = "No buy of this model has had its outcome yet"
HOLDS: Final = "As many come true as was said, as far as can be told"


class _Promised(msgspec.Struct, frozen=True):
    # Of the metrics in a card, as far as buys can be held to them.
    up_brier_skill: float
    up_ece: float


class _Test(msgspec.Struct, frozen=True):
    model: _Promised
    adaptive: _Promised | None = None


class _TestOfCard(msgspec.Struct, frozen=True):
    test: _Test


@dataclass(frozen=True, kw_only=True)
class TrackLine:
    """One figure.

    Attributes:
        name: What it is.
        live: What it is of the newest buys.
        interval: Where it lies with 95%; empty where that is not known.
        promised: What was said of it before; empty where nothing was.
    """

    name: str
    live: str
    interval: str
    promised: str


def promise_of(card: ModelCard) -> tuple[float, float] | None:
    """Return Brier skill and calibration error of class 2 on the test span of a card.

    As a stream that learns from outcomes, where the card has that; None where it has neither.
    """
    try:
        test = msgspec.json.decode(card.card_json, type=_TestOfCard).test
    except msgspec.DecodeError:
        return None  # of another version; nothing else of the card is lost by it
    scored = test.adaptive or test.model
    return scored.up_brier_skill, scored.up_ece


def track_lines(track: TrackRecord, promise: tuple[float, float] | None) -> tuple[TrackLine, ...]:
    """Return the figures of the newest buys, each beside what was said of it."""
    skill, error = ("", "") if promise is None else _promise_words(*promise)
    apart = track.claimed - track.hit_rate
    return (
        TrackLine(
            name="Came true",
            live=_share(track.hit_rate),
            interval=_ends(track.hit_low, track.hit_high, _share),
            promised=f"{_share(track.claimed)} said with them",
        ),
        TrackLine(
            name="Said above what came true",
            live=_gain(apart),
            interval="",
            promised=error,
        ),
        TrackLine(
            name="Brier skill",
            live=_skill(track.brier_skill),
            interval=_ends(track.skill_low, track.skill_high, _skill),
            promised=skill,
        ),
        TrackLine(
            name="Net return of a buy",
            live=_gain(track.net_return),
            interval=_ends(track.net_low, track.net_high, _gain),
            promised="",
        ),
        TrackLine(
            name="Drift: a bet against it made",
            live=f"{track.evidence:.3g} of 1",
            interval="",
            promised="20 or more says that they part",
        ),
    )


def track_sentence(track: TrackRecord | None) -> str:
    """Return whether what came true and what was said part."""
    if track is None:
        return NONE_YET
    if not track.parted:
        return HOLDS
    return (
        f"Fewer come true than was said: a bet against it made {track.evidence:.3g} of 1, "
        "and 20 or more is chance in at most 1 of 20 cases"
    )


def _promise_words(skill: float, error: float) -> tuple[str, str]:
    return f"{_skill(skill)} on the card's test", f"{_share(error)} off on the card's test"


def _share(value: float) -> str:
    return f"{100 * value:.1f}%"


def _gain(value: float) -> str:
    return f"{text.signed(100 * value)}%"


def _skill(value: float) -> str:
    return text.signed(value, 3)


def _ends(low: float | None, high: float | None, words: Callable[[float], str]) -> str:
    return "" if low is None or high is None else f"{words(low)} to {words(high)}"
