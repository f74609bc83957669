"""Where a model is wrong, as a record: JSON beside the page."""

import datetime

import msgspec

from models.data.sources.reading import FileReading
from models.evaluation.metrics.bootstrap import Measured


class ErrorPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the rows.

    Attributes:
        kind: How the rows were cut.
        name: Of the part.
        rows: Windows in it.
        wrong: Share of wrong answers.
        against_rest: By how much that is higher than elsewhere.
        too_sure: Mean confidence less the share that came true.
        said_up: Share of answers up.
        went_up: Share that went up.
    """

    kind: str
    name: str
    rows: int
    wrong: float
    against_rest: Measured
    too_sure: Measured
    said_up: float
    went_up: float


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mistake to look at.

    Attributes:
        symbol: The ticker.
        decided: Close of the newest bar that was known, UTC.
        said: The class that won.
        confidence: In it.
        came: The class that came.
        change: Return to the bar of the label.
    """

    symbol: str
    decided: datetime.datetime
    said: str
    confidence: float
    came: str
    change: float

    def title(self) -> str:
        """Return what stands above its picture."""
        return (
            f"{self.symbol}, {self.decided:%Y-%m-%d}: said {self.said} {self.confidence:.0%},\n"
            f"came {self.came} ({self.change:+.1%})"
        )


class ErrorGroup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Windows whose maps are alike.

    Attributes:
        reason: The cells that count most in the mean map, in words.
        part: How it does.
        said: Share of answers down, flat and up.
        map: Its mean map, row by row.
        examples: Confident mistakes in it.
    """

    reason: str
    part: ErrorPart
    said: tuple[float, float, float]
    map: tuple[tuple[float, ...], ...]
    examples: tuple[Example, ...]


class Mistakes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that was found.

    Attributes:
        model_id: The bundle.
        created: When, UTC.
        data: Names of the files.
        reading: What was understood of them; None where the bars are of none.
        first: The oldest label, UTC.
        last: The newest.
        rows: Windows.
        wrong: Share of wrong answers.
        groups: By what maps share, of the later half of the days; the worst first.
        parts: By class that won, year, and group of tickers.
        class_maps: By class that won, its mean map, row by row.
    """

    model_id: str
    created: datetime.datetime
    data: tuple[str, ...]
    first: datetime.datetime
    last: datetime.datetime
    rows: int
    wrong: float
    groups: tuple[ErrorGroup, ...]
    parts: tuple[ErrorPart, ...]
    class_maps: dict[str, tuple[tuple[float, ...], ...]]
    reading: FileReading | None = None
