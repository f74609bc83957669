"""What sources say of their own times: what an audit holds the times of bars against."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.data.sources.moved import MovedDays
from models.data.sources.part import Part
from shared.contract import Int64
from shared.reading import ReadOptions, StampMeaning


@dataclass(frozen=True, kw_only=True, eq=False)
class StatedTimes:
    """What the sources of n bars say of their times, whatever the caller said of them.

    Attributes:
        utc_ms: (n,) int64, as stamped, by ticker and time of close, ms since 1970 UTC.
        dates: Whether they write dates without a time of day.
        stamp: Whether they declare that intraday times are opens or closes; `auto` where they say
            nothing.
        at_open: Bars that were left out because they would close just when a session opens.
        moved: Files whose days lie beside the sessions.
    """

    utc_ms: Int64
    dates: bool
    stamp: StampMeaning
    at_open: int
    moved: tuple[MovedDays, ...]


def stated_stamp(parts: Sequence[Part]) -> StampMeaning:
    """Return what the sources of all parts declare of intraday times; `auto` where they differ."""
    stamps = {p.shape.stamp for p in parts}
    return stamps.pop() if len(stamps) == 1 else "auto"


def overruled(parts: Sequence[Part], options: ReadOptions) -> Iterator[str]:
    """Yield what was said against what a source declares, in sentences."""
    shapes = {p.shape.name: p.shape for p in parts}
    for shape in shapes.values():
        if options.stamp not in ("auto", shape.stamp) and shape.stamp != "auto":
            yield f"{shape.title} declares that times are {shape.stamp}s, --stamp says otherwise"
        if shape.zone and options.timezone not in ("", shape.zone):
            yield f"{shape.title} declares times of {shape.zone}, --timezone says otherwise"
