import functools
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.evaluation.baselines import LIGHTGBM, LOGISTIC, MAJORITY
from models.evaluation.metrics.backtest import Terms
from models.evaluation.metrics.forecasts import ADAPTIVE, RAW, STATIC, Forecasts, Realized
from models.evaluation.report import page
from models.evaluation.report.compose import METRICS, ReportSubject, compose
from models.evaluation.report.records import Report
from models.reporting.html import write
from models.training.dataset import Samples
from shared.contract import Float64
from shared.markets import MARKETS

Planted = Callable[..., Samples]
Judge = Callable[..., Report]
WARNED = ("in-sample & <red>",)


def _shares(samples: Samples, skill: float) -> Float64:
    """Probabilities that lean to the truth."""
    random = np.random.default_rng(1)
    logits = random.normal(0, 0.3, (len(samples.label), 3)) + skill * np.eye(3)[samples.label]
    return np.asarray(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))


@pytest.fixture(scope="module")
def judge_anew(planted: Planted) -> Judge:
    """A report of made forecasts: static has the skill, adaptive the other one."""

    def make(
        *,
        days: int = 300,
        skill: tuple[float, float] = (0.3, 0.4),
        baselines: bool = True,
        warnings: Sequence[str] = (),
    ) -> Report:
        samples = planted(days=days)
        n = len(samples.label)
        static, adaptive = (_shares(samples, s) for s in skill)
        others = [
            Forecasts.most_probable(MAJORITY, np.tile([0.4, 0.2, 0.4], (n, 1))),
            Forecasts.most_probable(LOGISTIC, _shares(samples, 0.1)),
            Forecasts.most_probable(LIGHTGBM, _shares(samples, 0.2)),
        ]
        case = ReportSubject(
            title="made",
            facts={"model": "<tiny>"},
            warnings=warnings,
            notes=["looked at once"],
            market=MARKETS["krx"],
            interval_s=86_400,
            coverage=0.9,
            realized=Realized.of(samples),
            ours=[
                Forecasts.most_probable(RAW, static),
                Forecasts.most_probable(STATIC, static),
                Forecasts.most_probable(ADAPTIVE, adaptive, adaptive > 0.15),
            ],
            baselines=others if baselines else [],
            terms=Terms(cost_bps=10, horizon=1, days_a_year=252, trials=4),
            parts={"fold": ["first" if i < n // 2 else "second" for i in range(n)]},
        )
        return compose(case)

    return make


@pytest.fixture(scope="module")
def judge(judge_anew: Judge) -> Judge:
    """The same, made once for those who only read it."""
    return functools.cache(judge_anew)


def test_every_forecaster_has_every_figure_with_an_interval(judge: Judge) -> None:
    report = judge()
    assert [line.name for line in report.table] == [
        RAW,
        STATIC,
        ADAPTIVE,
        MAJORITY,
        LOGISTIC,
        LIGHTGBM,
    ]
    for line in report.table:
        assert set(line.figures) == set(METRICS)
        for measured in line.figures.values():
            assert measured.low is not None
            assert measured.high is not None
            assert measured.low <= measured.high


def test_ours_is_compared_with_the_best_baseline_and_the_fitted_ones(judge: Judge) -> None:
    report = judge()
    best = report.best("up_brier_skill", ADAPTIVE)
    assert best is not None
    assert best.theirs == LIGHTGBM
    assert best.shown_better
    for theirs in (LOGISTIC, LIGHTGBM, STATIC):
        assert report.comparison("up_brier_skill", ADAPTIVE, theirs) is not None
    assert report.comparison("up_brier_skill", STATIC, LOGISTIC) is not None


def test_a_lower_brier_score_is_the_better_one(judge: Judge) -> None:
    best = judge().best("up_brier", ADAPTIVE)
    assert best is not None
    assert best.theirs == LIGHTGBM
    assert best.difference.below_zero
    assert best.shown_better
    assert not best.shown_worse


def test_parts_are_by_year_by_volatility_and_as_asked(judge: Judge) -> None:
    parts = judge().parts
    assert list(parts) == ["year", "fold", "volatility"]
    for cut in parts.values():
        assert sum(part.rows for part in cut) == 1500
    assert [part.name for part in parts["year"]] == ["2020"]


def test_trades_come_with_a_portfolio_of_every_row(judge: Judge) -> None:
    report = judge()
    assert [t.name for t in report.trades] == [
        STATIC,
        ADAPTIVE,
        LOGISTIC,
        LIGHTGBM,
        "every row, free of cost",
    ]
    assert {len(curve) for curve in report.equity.curves.values()} == {300}
    assert len(report.equity.dates) == report.days == 300


def test_skill_is_called_skill_and_its_lack_is_not(judge: Judge) -> None:
    skilled = " ".join(judge().meaning)
    assert "has skill against a forecast of the span's own share" in skilled
    assert "Up is told from down" in skilled
    blind = " ".join(judge(skill=(0.0, 0.0)).meaning)
    assert "has skill" not in blind
    assert "That up is told from down is not shown" in blind


def test_too_good_an_mcc_is_suspected(judge: Judge) -> None:
    assert any("look for a leak" in s for s in judge(skill=(0.3, 2.0)).meaning)
    assert not any("look for a leak" in s for s in judge(skill=(0.0, 0.0)).meaning)


def test_without_baselines_nothing_is_compared_with_them(judge: Judge) -> None:
    report = judge(baselines=False)
    assert report.best("mcc", ADAPTIVE) is None
    assert report.comparison("mcc", ADAPTIVE, STATIC) is not None
    assert "best baseline" not in " ".join(report.meaning)
    assert "the best baseline" not in page.html(report)


def test_few_days_have_figures_but_no_intervals(judge: Judge) -> None:
    report = judge(days=4)
    assert report.table[0].figures["mcc"].low is None
    assert "too few days" in " ".join(report.meaning)
    assert "<h1>made</h1>" in page.html(report)


def test_the_page_stands_alone_and_escapes_what_it_is_told(judge: Judge) -> None:
    text = page.html(judge(warnings=WARNED))
    assert '<p class="warning">in-sample &amp; &lt;red&gt;</p>' in text
    assert "&lt;tiny&gt;" in text
    assert "http" not in text.replace("http-equiv", "")
    assert text.count("data:image/svg+xml;base64,") == 4


def test_the_json_beside_the_page_reads_back_as_the_report(judge: Judge, tmp_path: Path) -> None:
    report = judge()
    beside = write(page.html(report), report, tmp_path / "new" / "report.html")
    assert beside == tmp_path / "new" / "report.json"
    assert msgspec.json.decode(beside.read_bytes(), type=Report) == report
    assert (tmp_path / "new" / "report.html").read_text().startswith("<!doctype html>")


def test_the_terminal_shows_the_table_and_the_warnings(judge: Judge) -> None:
    lines = page.terminal(judge(warnings=WARNED)).splitlines()
    assert lines[0] == "made: 1,500 rows, 300 days"
    assert lines[1] == "WARNING: in-sample & <red>"
    assert sum(line.startswith((ADAPTIVE, LIGHTGBM)) for line in lines) == 2


def test_the_same_case_gives_the_same_figures(judge: Judge, judge_anew: Judge) -> None:
    first, second = judge(), judge_anew()
    assert (first.table, first.comparisons) == (second.table, second.comparisons)


def test_coverage_is_told_by_period(judge: Judge) -> None:
    words = " ".join(judge().meaning)
    assert "The prediction sets hold the truth on" in words
    assert "By quarter it lies between" in words


def test_money_is_spoken_of_with_trials(judge: Judge) -> None:
    words = " ".join(judge().meaning)
    assert "After 4 trials the chance that their true Sharpe ratio is above luck is" in words
    assert "buys came true" in words
