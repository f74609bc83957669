"""A walk-forward from its parts: one stream over all folds, as it would have been lived."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.calibration.adaptive import AdaptiveState
from models.data.calendars.markets import market_named
from models.evaluation.baselines import BASELINES, LIGHTGBM, LOGISTIC
from models.evaluation.metrics.backtest import Terms, days_a_year
from models.evaluation.metrics.forecasts import ADAPTIVE, RAW, STATIC, Forecasts, Realized
from models.evaluation.prequential import Streamed, streamed
from models.evaluation.report.compose import ReportSubject
from models.evaluation.walk_forward.fold_tasks import runs_of
from models.evaluation.walk_forward.folds import spans_of
from models.evaluation.walk_forward.run_folder import FoldPart, RunFolder, Walked, WalkForwardCard
from models.training.calibration import Fitted, calibrate_on
from models.training.dataset import Samples, Split, gap_for, join_samples
from models.training.plan import Plan
from shared.contract import interval_seconds
from shared.errors import DataError

RECALIBRATED: Final = ", recalibrated"

_RULES: Final = tuple(b for b in BASELINES if b.name not in (LOGISTIC, LIGHTGBM))


@dataclass(frozen=True, kw_only=True, eq=False)
class Walk:
    """A finished walk.

    Attributes:
        walked: All test rows and what was said of them.
        state: What the recalibrator of the network knew at the last of them.
        warnings: What a reader should know of the calibration of the folds.
    """

    walked: Walked
    state: AdaptiveState
    warnings: tuple[str, ...]


def walk(
    samples: Samples,
    card: WalkForwardCard,
    plan: Plan,
    folder: RunFolder,
    report: Callable[[str], None],
) -> Walk:
    """Return what all models said of all test rows, streamed in the order of time.

    Each fold's logits are calibrated on its own validation rows; one recalibrator for each model
    then goes through all folds, first taught by the validation rows of the first fold. LightGBM
    and logistic regression are recalibrated alike, so that the comparison is fair.

    Args:
        samples: All samples.
        card: What was fitted.
        plan: How to calibrate.
        folder: Where the parts are.
        report: Called with what begins.

    Raises:
        DataError: A part is damaged, or does not fit the samples.
    """
    spans = [spans_of(samples, fold, gap_for(card.label)) for fold in card.folds]
    rows = join_samples([s.test for s in spans])
    report("streaming")
    parts = [_united(card, folder, fold.name, plan) for fold in card.folds]
    fits = _fits(spans, parts, plan)
    ours = _streamed(spans, parts, fits, plan)
    forecasts = {a.name: a for a in ours.forecasts}
    for rule in _RULES:
        said = [rule.fit(s.train, s.validation)(s.test) for s in spans]
        forecasts[rule.name] = _joined(said)
    for name in (LOGISTIC, LIGHTGBM):
        report(f"streaming {name}")
        parts = [folder.read_part(fold.name, name) for fold in card.folds]
        raw, _, adaptive = _streamed(spans, parts, _fits(spans, parts, plan), plan).forecasts
        forecasts[name] = Forecasts.most_probable(name, raw.probabilities)
        called = name + RECALIBRATED
        forecasts[called] = Forecasts.most_probable(called, adaptive.probabilities)
    names = [f.name for f, s in zip(card.folds, spans, strict=True) for _ in s.test.label]
    walked = Walked(realized=Realized.of(rows), fold=names, forecasts=forecasts)
    warnings = [
        f"Fold {fold.name}: {warning}"
        for fold, fit in zip(card.folds, fits, strict=True)
        for warning in fit.warnings
    ]
    return Walk(walked=walked, state=ours.state, warnings=tuple(warnings))


def subject_of(
    walked: Walked,
    card: WalkForwardCard,
    plan: Plan,
    cost_bps: float,
    notes: Sequence[str],
    warnings: Sequence[str] = (),
) -> ReportSubject:
    """Return the subject of a walk for its report.

    Args:
        walked: All test rows and what was said of them.
        card: What was fitted.
        plan: How it was calibrated, and how many configurations were tried.
        cost_bps: Of one side of a trade, in hundredths of a percent.
        notes: For the report.
        warnings: Above all else in it.
    """
    ours = (RAW, STATIC, ADAPTIVE)
    market = market_named(card.market)
    by_year = all(fold.name.isdigit() for fold in card.folds)
    return ReportSubject(
        title=f"{plan.name}: walk-forward over {', '.join(card.sources)}",
        facts=_facts(walked, card, plan, cost_bps),
        warnings=warnings,
        notes=notes,
        market=market,
        interval_s=interval_seconds(card.interval),
        coverage=plan.adaptive.coverage,
        realized=walked.realized,
        ours=[walked.forecasts[name] for name in ours],
        baselines=[a for name, a in walked.forecasts.items() if name not in ours],
        terms=Terms(
            cost_bps=cost_bps,
            horizon=card.label.horizon,
            days_a_year=days_a_year(market),
            trials=plan.trials,
        ),
        parts={} if by_year else {"fold": walked.fold},
    )


def _united(card: WalkForwardCard, folder: RunFolder, fold: str, plan: Plan) -> FoldPart:
    # The mean logits of the runs with the least loss, as `models.training.fit.fit` keeps them.
    parts = [folder.read_part(fold, model) for model in runs_of(card)]
    kept = sorted(parts, key=lambda part: part.loss)[: plan.recipe.ensemble]
    return FoldPart(
        validation=np.mean([part.validation for part in kept], axis=0),
        test=np.mean([part.test for part in kept], axis=0),
        loss=min(part.loss for part in kept),
    )


def _fits(spans: Sequence[Split], parts: Sequence[FoldPart], plan: Plan) -> list[Fitted]:
    for span, part in zip(spans, parts, strict=True):
        _check_fit(span, part)
    return [
        calibrate_on(
            plan.calibration, part.validation, span.validation, plan.label.horizon, plan.adaptive
        )
        for span, part in zip(spans, parts, strict=True)
    ]


def _streamed(
    spans: Sequence[Split], parts: Sequence[FoldPart], fits: Sequence[Fitted], plan: Plan
) -> Streamed:
    statics = [fit.static for fit in fits]
    raw = [parts[0].validation, *(part.test for part in parts)]
    of_each = zip([statics[0], *statics], raw, strict=True)
    calibrated = [static.apply(logits) for static, logits in of_each]
    samples = join_samples([spans[0].validation, *(span.test for span in spans)])
    shown = np.arange(len(samples.label)) >= len(spans[0].validation.label)
    state = AdaptiveState(settings=plan.adaptive)
    return streamed(
        np.concatenate(raw), np.concatenate(calibrated), Realized.of(samples), shown, state
    )


def _check_fit(span: Split, part: FoldPart) -> None:
    expected = (len(span.validation.label), 3), (len(span.test.label), 3)
    if (part.validation.shape, part.test.shape) != expected:
        raise DataError("a part does not fit the bars: delete the run's parts and start it again")


def _joined(said: Sequence[Forecasts]) -> Forecasts:
    return Forecasts(
        name=said[0].name,
        probabilities=np.concatenate([a.probabilities for a in said]),
        answer=np.concatenate([a.answer for a in said]),
    )


def _facts(walked: Walked, card: WalkForwardCard, plan: Plan, cost_bps: float) -> Mapping[str, str]:
    recipe = card.recipe
    ensemble = f", {recipe.ensemble} of {recipe.runs} runs as one" if recipe.runs > 1 else ""
    days = walked.realized.target_ms.astype("datetime64[ms]").astype("datetime64[D]")
    return {
        "model": f"{card.network}{ensemble}, fitted anew in each fold",
        "features": card.features,
        "label": card.label.sentence(),
        "bars": f"{', '.join(card.sources)}: {card.interval}",
        "fingerprint": card.fingerprint,
        "folds": ", ".join(fold.name for fold in card.folds),
        "judged on": f"{days.min()} to {days.max()}, {len(walked.realized):,} rows",
        "purged": f"{gap_for(card.label)} bars of each ticker between the spans of a fold",
        "static calibration": f"{plan.calibration}, on each fold's validation rows",
        "recalibrator": "one through all folds, first taught by the first validation span",
        "costs": f"{cost_bps:g} bps for each side of a trade",
    }
