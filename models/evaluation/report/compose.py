"""From forecasts and what came of them to a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

import msgspec
import numpy as np

from models.data.sources.reading import FileReading
from models.data.times import now
from models.evaluation.baselines import LIGHTGBM, LOGISTIC
from models.evaluation.metrics.backtest import Account, Terms, account
from models.evaluation.metrics.bootstrap import (
    LOWER_IS_BETTER,
    Days,
    Judged,
    MetricName,
    followed,
    judge_by_days,
)
from models.evaluation.metrics.breakdown import (
    by_name,
    by_period,
    confidence_bins,
    reliability,
    volatility_thirds,
)
from models.evaluation.metrics.classification import confusion
from models.evaluation.metrics.days import blocks, dates, periods, years
from models.evaluation.metrics.forecasts import Forecasts, Realized
from models.evaluation.report.meaning import meaning
from models.evaluation.report.records import (
    Breakdown,
    Comparison,
    Equity,
    Grid,
    Line,
    Report,
    ReportFigures,
)
from shared.confidences import ConfidenceSpread
from shared.contract import Class, Float64, Int64
from shared.markets import Market

EVERYTHING: Final = "every row, free of cost"

METRICS: Final[tuple[MetricName, ...]] = get_args(MetricName)
_DAY_S: Final = 86_400


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportSubject:
    """What is to be judged.

    Attributes:
        title: Of the page.
        facts: What is judged, and on what.
        reading: What was understood of the bars; None where they are of no file.
        confidence: How its confidences are spread; None where its card does not say.
        warnings: What the reader must know first.
        notes: What the one who runs it wrote.
        market: Whose dates count.
        interval_s: Length of a bar, s.
        coverage: Share of the prediction sets that should hold the truth.
        realized: What came of the n rows.
        ours: What the model said of them: raw, static, adaptive.
        baselines: What others said of them.
        parts: Further ways to cut the rows, (n,) names each.
        terms: What trading costs.
    """

    title: str
    facts: Mapping[str, str]
    warnings: Sequence[str]
    notes: Sequence[str]
    market: Market
    interval_s: int
    coverage: float
    realized: Realized
    ours: Sequence[Forecasts]
    baselines: Sequence[Forecasts]
    terms: Terms
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reading: FileReading | None = None
    confidence: ConfidenceSpread | None = None


def compose(subject: ReportSubject) -> Report:
    """Return the report; the same subject gives the same figures."""
    figures = _figures(subject)
    return Report(**msgspec.structs.asdict(figures), meaning=meaning(figures))


def _figures(subject: ReportSubject) -> ReportFigures:
    dated = dates(subject.realized.target_ms, subject.market)
    spanned = -(-subject.terms.horizon * subject.interval_s // _DAY_S)
    everyone = [*subject.ours, *subject.baselines]
    series = followed(subject.realized.label, everyone)
    days = Days.draw(*blocks(dated, spanned), series)
    judged = {a.name: judge_by_days(subject.realized.label, a, days) for a in everyone}
    accounts = _accounts(subject, dated, series)
    period, names = periods(dated)
    return ReportFigures(
        title=subject.title,
        created=now(),
        facts={**subject.facts, "intervals": _resampling(days)},
        reading=subject.reading,
        confidence=subject.confidence,
        warnings=tuple(subject.warnings),
        notes=tuple(subject.notes),
        rows=len(subject.realized),
        days=len(np.unique(dated)),
        coverage=subject.coverage,
        table=tuple(_line(name, j) for name, j in judged.items()),
        comparisons=tuple(_comparisons(judged, subject)),
        confusion={a.name: _grid(subject.realized.label, a) for a in everyone},
        parts=_parts(subject, dated, everyone),
        bins=confidence_bins(subject.ours[-1], subject.realized),
        reliability={a.name: reliability(a, subject.realized) for a in subject.ours},
        period=period,
        periods=by_period(names, dated, subject.realized, subject.ours),
        trades=tuple(a.trades for a in accounts),
        equity=_equity(dated, accounts),
    )


def _resampling(days: Days) -> str:
    if days.draws is None:
        return "none: too few days"
    together = "one by one" if days.length == 1 else f"in blocks of {days.length} on average"
    return f"95%, of {len(days.draws):,} resamples of {days.count:,} days, drawn {together}"


def _line(name: str, judged: Judged) -> Line:
    return Line(name=name, figures={metric: judged.measured(metric) for metric in METRICS})


def _grid(truth: Int64, forecasts: Forecasts) -> Grid:
    return tuple(map(tuple, confusion(truth, forecasts.answer).tolist()))


def _comparisons(judged: Mapping[str, Judged], subject: ReportSubject) -> list[Comparison]:
    # Every figure of static and adaptive against the best baseline and the two fitted ones.
    ours = [a.name for a in subject.ours[1:]]
    others = [a.name for a in subject.baselines]
    named = [name for name in (LOGISTIC, LIGHTGBM) if name in others]
    found = []
    for metric in METRICS if others else ():
        best = _best(metric, judged, others)
        against = dict.fromkeys([best, *named])
        found += [
            _compare(judged, metric, mine, theirs, best=theirs == best)
            for mine in ours
            for theirs in against
        ]
    if len(ours) > 1:
        found += [_compare(judged, metric, ours[-1], ours[0], best=False) for metric in METRICS]
    return found


def _compare(
    judged: Mapping[str, Judged], metric: MetricName, ours: str, theirs: str, *, best: bool
) -> Comparison:
    difference = judged[ours].against(judged[theirs], metric)
    return Comparison(figure=metric, ours=ours, theirs=theirs, best=best, difference=difference)


def _best(metric: MetricName, judged: Mapping[str, Judged], others: Sequence[str]) -> str:
    def merit(name: str) -> float:
        value: float = getattr(judged[name].metrics, metric)
        return -value if metric in LOWER_IS_BETTER else value

    return max(others, key=merit)


def _parts(
    subject: ReportSubject, dated: Int64, everyone: Sequence[Forecasts]
) -> dict[str, tuple[Breakdown, ...]]:
    thirds = volatility_thirds(subject.realized)
    cuts = {"year": years(dated), **subject.parts, "volatility": thirds}
    return {cut: by_name(names, subject.realized, everyone) for cut, names in cuts.items()}


def _accounts(subject: ReportSubject, dated: Int64, series: Float64) -> list[Account]:
    # A portfolio lives by dates, whatever is resampled together.
    days = Days.draw(*blocks(dated), series)
    every = np.full(len(subject.realized), Class.UP, np.int64)
    market = Forecasts(name=EVERYTHING, probabilities=np.eye(len(Class))[every], answer=every)
    free = Terms(
        cost_bps=0.0,
        horizon=subject.terms.horizon,
        days_a_year=subject.terms.days_a_year,
        trials=1,
    )
    named = [a for a in subject.baselines if a.name in (LOGISTIC, LIGHTGBM)]
    traders = [*subject.ours[1:], *named]
    bought = [account(a, subject.realized, days, subject.terms) for a in traders]
    return [*bought, account(market, subject.realized, days, free)]


def _equity(dated: Int64, accounts: Sequence[Account]) -> Equity:
    days = np.unique(dated).astype("datetime64[D]").tolist()
    return Equity(
        dates=tuple(days),
        curves={a.trades.name: _rounded(a.equity) for a in accounts},
    )


def _rounded(values: Float64) -> tuple[float, ...]:
    return tuple(np.round(values, 6).tolist())
