"""What came true of each model's buys, in the words of `tickerlens-server journal show`."""

import math
import sqlite3
from collections.abc import Iterator

import msgspec

from models.data.labels import LabelRule
from server.journal.track import Track
from shared.contract import interval_seconds
from shared.protocol.messages import TrackRecord

_DAY_S = 86_400


class _RuleAndInterval(msgspec.Struct):
    label: LabelRule
    interval: str


def record_lines(database: sqlite3.Connection) -> Iterator[str]:
    """Yield a line for each model with buys that were judged; two where its promise is broken.

    Args:
        database: The journal.
    """
    for model_id, card in database.execute("SELECT model_id, card FROM model ORDER BY id"):
        try:
            known = msgspec.json.decode(card, type=_RuleAndInterval)
        except msgspec.DecodeError:  # of another version, with other rules
            continue
        horizon_s = known.label.horizon * interval_seconds(known.interval)
        track = Track(lag=math.ceil(horizon_s / _DAY_S))
        track.recall(database, model_id)
        if track.record is not None:
            yield from _lines(model_id, known.label.up_means(known.interval), track.record)


def up_means(database: sqlite3.Connection, model_id: str) -> str:
    """Return what class 2 is of a model in the journal, in short; empty where it cannot be read."""
    found = database.execute("SELECT card FROM model WHERE model_id = ?", (model_id,)).fetchone()
    try:
        known = msgspec.json.decode(found[0] if found else b"", type=_RuleAndInterval)
    except msgspec.DecodeError:
        return ""
    return known.label.up_means(known.interval)


def _lines(model_id: str, meaning: str, found: TrackRecord) -> Iterator[str]:
    hit = _with_ends(f"{found.hit_rate:.1%}", found.hit_low, found.hit_high, "{:.1%}")
    skill = _with_ends(f"{found.brier_skill:+.3f}", found.skill_low, found.skill_high, "{:+.3f}")
    net = _with_ends(f"{found.net_return:+.2%}", found.net_low, found.net_high, "{:+.2%}")
    yield (
        f"{model_id}, {meaning}: "
        f"of the newest {found.newest:,} of {found.judged:,} judged buys came true "
        f"{hit}, said {found.claimed:.1%}; Brier skill {skill}; net return {net}"
    )
    if found.parted:
        yield (
            f"{model_id}: fewer come true than was said: a bet against it made "
            f"{found.evidence:.3g} of 1, and 20 or more is chance in at most 1 of 20 cases"
        )


def _with_ends(words: str, low: float | None, high: float | None, form: str) -> str:
    if low is None or high is None:
        return words
    return f"{words} ({form.format(low)} to {form.format(high)})"
