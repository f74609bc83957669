"""What a model is, what it learned from and what it was worth then; in words."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from client.state import text
from shared.confidences import ConfidenceSpread
from shared.protocol.answers import ModelCard
from shared.provenance import JudgedSkill, Provenance, SampleSpan

UNTOLD: Final = "The server does not say what this model was made of"
_DAY_MS: Final = 86_400_000
_YEAR_DAYS: Final = 365.25


@dataclass(frozen=True, kw_only=True)
class ModelFact:
    """One thing that is known of a model.

    Attributes:
        name: What it is about.
        words: What is known.
        warns: Whether it speaks against believing what is shown.
    """

    name: str
    words: str
    warns: bool = False


@dataclass(frozen=True, kw_only=True)
class Standpoint:
    """From when a model is looked at.

    Attributes:
        now_ms: The time, ms since 1970 UTC.
        market_ms: What time it is in the market; 0 where that is not known.
        zone: Of the market.
    """

    now_ms: int
    market_ms: int
    zone: datetime.tzinfo


def model_facts(card: ModelCard, moment: Standpoint) -> tuple[ModelFact, ...]:
    """Return what is known of a model, from what it says to what that was worth."""
    return tuple(_facts(card, moment))


def _facts(card: ModelCard, moment: Standpoint) -> Iterator[ModelFact]:
    made = card.provenance
    if card.up_means:
        yield ModelFact(name="Up means", words=card.up_means)
    if made is None:
        yield ModelFact(name="Made of", words=UNTOLD)
    else:
        yield ModelFact(name="Classes", words=made.label)
        for name, span in (
            ("Trained on", made.train),
            ("Tuned on", made.validation),
            ("Tested on", made.test),
        ):
            yield ModelFact(name=name, words=_span(span, moment.zone))
        yield _age(made, moment)
        if made.skill is not None:
            yield from _skill(made.skill)
    if card.confidence is not None:
        yield from _worth(card.confidence)


def _span(span: SampleSpan, zone: datetime.tzinfo) -> str:
    first, last = _date(span.first_ms, zone), _date(span.last_ms, zone)
    return f"{first} to {last} · {span.samples:,} windows"


def _age(made: Provenance, moment: Standpoint) -> ModelFact:
    ago = _days(moment.now_ms - made.created_ms)
    words = f"made {_date(made.created_ms, moment.zone)}, {ago} ago"
    learned = f"learned from bars until {_date(made.validation.last_ms, moment.zone)}"
    beyond = moment.market_ms - made.validation.last_ms
    if not moment.market_ms:
        return ModelFact(name="Age", words=f"{words}; {learned}")
    if beyond <= 0:
        seen = f"{words}; {learned}: it has seen what comes of the bars that are shown"
        return ModelFact(name="Age", words=seen, warns=True)
    return ModelFact(name="Age", words=f"{words}; {learned}, {_days(beyond)} before those shown")


def _skill(skill: JudgedSkill) -> Iterator[ModelFact]:
    own = f"{_number(skill.value)}{_interval(skill.low, skill.high)}"
    yield ModelFact(name="Skill when tested", words=f"{own} · 0 is always saying the base rate")
    if not skill.baseline:
        return
    gain = f"{_number(skill.gain)}{_interval(skill.gain_low, skill.gain_high)}"
    words = f"{skill.baseline}, {_number(skill.of_baseline)} · {gain}: {_verdict(skill)}"
    yield ModelFact(name="Best baseline", words=words)


def _verdict(skill: JudgedSkill) -> str:
    if skill.gain_low is None or skill.gain_high is None:
        return "too few days to tell"
    if skill.gain_low > 0:
        return "the model is better"
    return "the model is worse" if skill.gain_high < 0 else "which may be chance"


def _worth(spread: ConfidenceSpread) -> Iterator[ModelFact]:
    base, point = text.percent(spread.base_rate), spread.operating_point
    yield ModelFact(name="Base rate", words=f"{base} of {spread.windows:,} windows went up")
    if point is not None and point.buys:
        came = text.percent(point.hits / point.buys)
        words = f"{text.strength(point.strength)} · when tested {came} of {point.buys:,} came true"
        yield ModelFact(name="Buys worth a look", words=words)


def _number(value: float) -> str:
    return text.signed(value, 3)


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" ({_number(low)} to {_number(high)})"


def _date(ms: int, zone: datetime.tzinfo) -> str:
    time = text.local(ms, zone)
    return f"{text.day(time)} {time.year}"


def _days(ms: int) -> str:
    days = max(ms, 0) // _DAY_MS
    if days < 2 * _YEAR_DAYS:
        return "1 day" if days == 1 else f"{days:,} days"
    return f"{days / _YEAR_DAYS:.1f} years"
