"""What the figures mean, in sentences made of them and of nothing else."""

from collections.abc import Iterator
from typing import Final

from models.evaluation.baselines import LIGHTGBM, LOGISTIC, MAJORITY
from models.evaluation.metrics.bootstrap import Measured, MetricName
from models.evaluation.metrics.forecasts import ADAPTIVE, STATIC
from models.evaluation.report.records import Comparison, Period, ReportFigures
from models.reporting.html import figure

SUSPICIOUS_MCC: Final = 0.15
_LEAST_PERIOD_DAYS: Final = 20
_COVERAGE_BAND: Final = 0.02


def meaning(report: ReportFigures) -> tuple[str, ...]:
    """Return the sentences; what cannot be judged on these rows is left out."""
    if report.line(ADAPTIVE) is None or report.line(STATIC) is None:
        return ()
    parts = (_answers, _skill, _compared, _calibration, _coverage, _trading)
    return tuple(sentence for part in parts for sentence in part(report))


def signed(value: float) -> str:
    """Return a figure with its sign and four digits."""
    return figure(value, "+.4f")


def spread(measured: Measured) -> str:
    """Return a figure with its sign and its interval."""
    if measured.low is None or measured.high is None:
        return f"{signed(measured.value)} (too few days for an interval)"
    return f"{signed(measured.value)} [{signed(measured.low)} to {signed(measured.high)}]"


def _metric(report: ReportFigures, name: str, metric: MetricName) -> Measured:
    line = report.line(name)
    if line is None:
        raise KeyError(name)
    return line.figures[metric]


def _answers(report: ReportFigures) -> Iterator[str]:
    right = _metric(report, ADAPTIVE, "accuracy").value
    usual = ""
    if report.line(MAJORITY) is not None:
        majority = _metric(report, MAJORITY, "accuracy").value
        usual = f"; always the commonest class of the train span is right on {majority:.1%}"
    yield f"The adaptive answers are right on {right:.1%} of {report.rows:,} rows{usual}."
    mcc = _metric(report, ADAPTIVE, "mcc")
    if mcc.value > SUSPICIOUS_MCC:
        yield (
            f"An MCC of {signed(mcc.value)} is more than honest models of daily bars reach: "
            "look for a leak before believing it (tickerlens-models audit)."
        )
    direction = _metric(report, ADAPTIVE, "direction_mcc")
    if direction.above_zero:
        yield f"Up is told from down, weakly: direction MCC {spread(direction)}."
    else:
        yield (
            f"That up is told from down is not shown: direction MCC {spread(direction)}. "
            "An MCC above 0 then comes from telling flat bars from moving ones."
        )


def _skill(report: ReportFigures) -> Iterator[str]:
    skill = _metric(report, ADAPTIVE, "up_brier_skill")
    reference = "a forecast of the span's own share, which nobody knew beforehand"
    if skill.above_zero:
        yield f"The confidence in class 2 has skill against {reference}: {spread(skill)}."
    elif skill.below_zero:
        yield f"The confidence in class 2 is worse than {reference}: {spread(skill)}."
    else:
        yield f"No skill is shown against {reference}: {spread(skill)}."


def _compared(report: ReportFigures) -> Iterator[str]:
    compared: dict[str, MetricName] = {"MCC": "mcc", "Brier skill": "up_brier_skill"}
    for words, wanted in compared.items():
        best = report.best(wanted, ADAPTIVE)
        if best is not None:
            yield f"{words} against the best baseline, {best.theirs}: {_verdict(best)}."
    for theirs in (LOGISTIC, LIGHTGBM):
        found = report.comparison("up_brier_skill", ADAPTIVE, theirs)
        if found is not None and not found.best:
            yield f"Brier skill against {theirs}: {_verdict(found)}."


def _verdict(compared: Comparison) -> str:
    difference = compared.difference
    if compared.shown_better:
        return f"{spread(difference)}, better"
    if compared.shown_worse:
        return f"{spread(difference)}, worse"
    return f"{spread(difference)}, which may be chance"


def _calibration(report: ReportFigures) -> Iterator[str]:
    static, adaptive = (_metric(report, n, "up_ece").value for n in (STATIC, ADAPTIVE))
    constant = ""
    if report.line(MAJORITY) is not None:
        constant = f", and a constant forecast has {_metric(report, MAJORITY, 'up_ece').value:.4f}"
    yield (
        f"The expected calibration error of class 2 is {adaptive:.4f} adaptive and {static:.4f} "
        f"static{constant}: a small one counts only together with skill."
    )
    found = report.comparison("up_brier_skill", ADAPTIVE, STATIC)
    if found is not None:
        difference = found.difference
        cost = "costs skill" if difference.below_zero else "costs no skill that could be shown"
        gain = "gains skill" if difference.above_zero else cost
        yield f"Recalibrating on the way {gain}: {spread(difference)}."


def _coverage(report: ReportFigures) -> Iterator[str]:
    whole = [p for p in report.periods if p.coverage is not None]
    if not whole:
        return
    rows = sum(p.rows for p in whole)
    mean = sum((p.coverage or 0.0) * p.rows for p in whole) / rows
    size = sum((p.set_size or 0.0) * p.rows for p in whole) / rows
    yield (
        f"The prediction sets hold the truth on {mean:.1%} of the rows, {report.coverage:.0%} is "
        f"their aim, with {size:.2f} of the 3 classes in a set."
    )
    yield from _drift(report, [p for p in whole if p.days >= _LEAST_PERIOD_DAYS])


def _drift(report: ReportFigures, periods: list[Period]) -> Iterator[str]:
    # Whether the coverage held in each period that is long enough to say so.
    if len(periods) < 2:
        return
    found = [p.coverage or 0.0 for p in periods]
    inside = [abs(c - report.coverage) <= _COVERAGE_BAND for c in found]
    yield (
        f"By {report.period} it lies between {min(found):.1%} and {max(found):.1%}, within "
        f"{_COVERAGE_BAND:.0%} of the aim in {sum(inside)} of {len(inside)}."
    )


def _trading(report: ReportFigures) -> Iterator[str]:
    ours = next((t for t in report.trades if t.name == ADAPTIVE), None)
    if ours is None or ours.hit_rate is None:
        yield "Nothing was called up, so there is nothing to earn."
        return
    net = ours.net
    shown = "earn" if net.above_zero else "lose" if net.below_zero else "are not shown to earn"
    yield (
        f"{ours.hit_rate:.1%} of {ours.buys:,} buys came true, {ours.base_rate:.1%} of all rows "
        f"did. One bar late and after costs they {shown} money: {_percent(net)} a buy."
    )
    chance = ours.deflated_sharpe
    if chance is not None:
        tries = "1 trial" if ours.trials == 1 else f"{ours.trials:,} trials"
        yield (
            f"After {tries} the chance that their true Sharpe ratio is above luck is {chance:.1%}."
        )


def _percent(measured: Measured) -> str:
    value, low, high = (figure(v, "+.3%") for v in (measured.value, measured.low, measured.high))
    return value if measured.low is None else f"{value} [{low} to {high}]"
