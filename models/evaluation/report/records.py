"""What a report says, as records: the JSON beside a page is exactly this."""

import datetime

import msgspec

from models.bundles.metrics import Metrics
from models.data.ranges import AtLeastZero
from models.data.sources.reading import FileReading
from models.evaluation.metrics.backtest import Trades
from models.evaluation.metrics.bootstrap import LOWER_IS_BETTER, Measured, MetricName
from shared.confidences import ConfidenceSpread

Grid = tuple[tuple[int, ...], ...]


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All figures of one forecaster.

    Attributes:
        name: The forecaster's.
        figures: Each with its interval.
    """

    name: str
    figures: dict[MetricName, Measured]


class Comparison(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How two forecasters differ by one figure, paired by day.

    Attributes:
        figure: Which.
        ours: The one.
        theirs: The other.
        best: Whether the other is the best baseline by this figure.
        difference: The one's less the other's, with its interval.
    """

    figure: MetricName
    ours: str
    theirs: str
    best: bool
    difference: Measured

    @property
    def shown_better(self) -> bool:
        """Return whether the interval excludes 0 in favor of the one."""
        lower = self.figure in LOWER_IS_BETTER
        return self.difference.below_zero if lower else self.difference.above_zero

    @property
    def shown_worse(self) -> bool:
        """Return whether the interval excludes 0 in favor of the other."""
        lower = self.figure in LOWER_IS_BETTER
        return self.difference.above_zero if lower else self.difference.below_zero


class Breakdown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The figures on a part of the rows.

    Attributes:
        name: Of the part.
        rows: In it.
        up_share: Share of them that went up.
        figures: By forecaster.
    """

    name: str
    rows: AtLeastZero
    up_share: float
    figures: dict[str, Metrics]


class Bin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows of about the same confidence in class 2.

    Attributes:
        low: Least confidence.
        high: Greatest confidence.
        rows: In it.
        confidence: Its mean.
        came_true: Share that went up.
        delayed: Mean return one bar late; None where none is known.
    """

    low: float
    high: float
    rows: AtLeastZero
    confidence: float
    came_true: float
    delayed: float | None


class Period(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How calibration held in one stretch of time.

    Attributes:
        name: Such as 2021 Q1.
        rows: In it.
        days: In it.
        up_share: Share of its rows that went up.
        up_ece: By forecaster.
        up_brier_skill: By forecaster; against this period's own share.
        coverage: Share of prediction sets that hold the truth; None without sets.
        set_size: Mean classes in a set; None without sets.
    """

    name: str
    rows: AtLeastZero
    days: AtLeastZero
    up_share: float
    up_ece: dict[str, float]
    up_brier_skill: dict[str, float]
    coverage: float | None
    set_size: float | None


class Equity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one unit of capital became.

    Attributes:
        dates: Of each value.
        curves: By name, one value a date.
    """

    dates: tuple[datetime.date, ...]
    curves: dict[str, tuple[float, ...]]


class ReportFigures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that was found of a model on one span, before it is put into words.

    Attributes:
        title: Of the page.
        created: When it was made, UTC.
        facts: What was judged, and on what.
        reading: What was understood of the bars; None where they are of no file.
        confidence: How sure the model is on its validation and test span, and which buys are worth
            a look; None where its card does not say.
        warnings: What the reader must know first.
        notes: What the one who ran it wrote.
        rows: Windows with a label.
        days: Dates of their targets.
        coverage: Share of the prediction sets that should hold the truth.
        table: All forecasters.
        comparisons: In pairs, by day.
        confusion: By forecaster, truth down and answer across.
        parts: By year, by volatility, and other ways to cut.
        bins: Of ours, by confidence in class 2.
        reliability: By forecaster, in bins of equal width.
        period: What a period is called.
        periods: In time order.
        trades: Of those that call rows up.
        equity: Their portfolios.
    """

    title: str
    created: datetime.datetime
    facts: dict[str, str]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    rows: AtLeastZero
    days: AtLeastZero
    coverage: float
    table: tuple[Line, ...]
    comparisons: tuple[Comparison, ...]
    confusion: dict[str, Grid]
    parts: dict[str, tuple[Breakdown, ...]]
    bins: tuple[Bin, ...]
    reliability: dict[str, tuple[Bin, ...]]
    period: str
    periods: tuple[Period, ...]
    trades: tuple[Trades, ...]
    equity: Equity
    reading: FileReading | None = None
    confidence: ConfidenceSpread | None = None

    def line(self, name: str) -> Line | None:
        """Return the figures of a forecaster; None where it is not in the table."""
        return next((line for line in self.table if line.name == name), None)

    def comparison(self, figure: MetricName, ours: str, theirs: str) -> Comparison | None:
        """Return how two forecasters differ; None where they are not compared."""
        for found in self.comparisons:
            if (found.figure, found.ours, found.theirs) == (figure, ours, theirs):
                return found
        return None

    def best(self, figure: MetricName, ours: str) -> Comparison | None:
        """Return how one differs from the best baseline by a figure; None without baselines."""
        for found in self.comparisons:
            if (found.figure, found.ours, found.best) == (figure, ours, True):
                return found
        return None


class Report(ReportFigures, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is said of a model on one span.

    Attributes:
        meaning: The figures in words.
    """

    meaning: tuple[str, ...]
