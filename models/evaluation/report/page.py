"""A report as one HTML page, and as a table for a terminal."""

from collections.abc import Sequence
from typing import Final

from models.evaluation.baselines import LIGHTGBM, LOGISTIC
from models.evaluation.metrics.bootstrap import Measured, MetricName
from models.evaluation.metrics.forecasts import ADAPTIVE, STATIC
from models.evaluation.report import plots
from models.evaluation.report.records import Report
from models.evaluation.walk_forward.pool_report import PoolReport
from models.reporting.html import figure, render
from shared.contract import CLASS_NAMES

HEADINGS: Final[dict[MetricName, str]] = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "mcc": "MCC",
    "direction_mcc": "direction MCC",
    "up_auc": "AUC of 2",
    "up_ece": "ECE of 2",
    "up_brier": "Brier of 2",
    "up_brier_skill": "Brier skill of 2",
}


def html(report: Report) -> str:
    """Return the page of a report."""
    with_sets = [p for p in report.periods if p.coverage is not None]
    images = {
        "reliability": plots.reliability_plot(
            {n: b for n, b in report.reliability.items() if n in (STATIC, ADAPTIVE)}
        ),
        "calibration": plots.calibration_plot(report.periods),
        "coverage": plots.coverage_plot(with_sets, report.coverage) if with_sets else "",
        "equity": plots.equity_plot(report.equity),
    }
    spread = report.confidence
    if spread is not None and spread.points:
        images["operating"] = plots.operating_plot(spread)
    return render(
        "report.html",
        report=report,
        headings=HEADINGS,
        classes=CLASS_NAMES,
        images=images,
        ours=ADAPTIVE,
        static=STATIC,
        rival=LIGHTGBM,
        rivals=(LOGISTIC, LIGHTGBM),
        worth=None if spread is None else spread.operating_point,
    )


def pool_html(report: PoolReport) -> str:
    """Return the page of several walk-forwards together."""
    lines = [*report.pooled, *report.sets, *report.years]
    differences = [(line.name, line.duel(ADAPTIVE, LIGHTGBM).skill) for line in lines]
    label = f"Brier skill of class 2, {ADAPTIVE} less {LIGHTGBM}"
    groups = {"Together": report.pooled, "By data set": report.sets, "By year": report.years}
    return render(
        "pool.html",
        report=report,
        groups=groups,
        forest=plots.forest_plot(differences, label),
    )


def pool_terminal(report: PoolReport) -> str:
    """Return what several walk-forwards mean, as lines of text."""
    warnings = [f"WARNING: {w}" for w in report.warnings]
    return "\n".join([report.title, *warnings, "", *report.meaning])


def terminal(report: Report) -> str:
    """Return the main table and what it means, as lines of text."""
    names = max(len(line.name) for line in report.table)
    head = " ".join([" " * names, *(f"{title:>16}" for title in HEADINGS.values())])
    lines = [head, *_rows(report, names)]
    warnings = [f"WARNING: {w}" for w in report.warnings]
    title = f"{report.title}: {report.rows:,} rows, {report.days:,} days"
    bars = [] if report.reading is None else [*report.reading.lines(), ""]
    return "\n".join([*bars, title, *warnings, "", *lines, "", *report.meaning])


def _rows(report: Report, names: int) -> Sequence[str]:
    rows = []
    for line in report.table:
        values = [f"{figure(line.figures[name].value):>16}" for name in HEADINGS]
        ranges = [f"{_range(line.figures[name]):>16}" for name in HEADINGS]
        rows.append(" ".join([f"{line.name:<{names}}", *values]))
        rows.append(" ".join([" " * names, *ranges]))
    return rows


def _range(measured: Measured) -> str:
    if measured.low is None or measured.high is None:
        return ""
    return f"{figure(measured.low, '.3f')} to {figure(measured.high, '.3f')}"
