"""From tables of bars to a bundle on disk: clean, label, split, fit, score once, write the card."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from models.bundles.bundle import encode_weights, save_bundle
from models.bundles.card import (
    CalibrationCard,
    Card,
    DataCard,
    NetworkCard,
    ReadingCard,
    Scores,
    Span,
    Spans,
    TrainingCard,
    TrainingRun,
)
from models.bundles.recipe import Recipe
from models.calibration.adaptive import AdaptiveState, Forecast, Recalibrator
from models.calibration.static import softmax
from models.calibration.stream import stream
from models.data.bars import DropReason
from models.data.features import registry
from models.data.sources.reading import FileReading
from models.data.table import BarTable
from models.data.times import instant, now, to_utc
from models.evaluation.metrics.classification import metrics_of
from models.networks.ensemble import members_of
from models.training.calibration import calibrate_on
from models.training.confidences import confidences_in
from models.training.dataset import Samples, Split, collect, gap_for, split
from models.training.fit import Epoch, Fit, Run, fit, predict_logits
from models.training.plan import Plan
from shared.contract import CLASS_NAMES, WINDOW_SHAPE, Class, Float64


def make_bundle(
    table: BarTable,
    plan: Plan,
    folder: Path,
    report: Callable[[Epoch], None],
    reading: FileReading | None = None,
) -> Card:
    """Train on a table, write the bundle, and return its card; the test is scored once at most.

    Args:
        table: The bars.
        plan: What to make.
        folder: Where to write it.
        report: Called after each epoch.
        reading: What was understood of the bars, where they are of files.

    Raises:
        DataError: There are too few bars for one of the spans, or nothing could be learned.
        SettingsError: A date is not one.
        InputMissingError: The folder cannot be written.
        PluginError: The feature set fails.
    """
    feature_set = registry.feature_set(plan.features)
    samples, reasons = collect(table, table.rules(plan.jump_limit), plan.label, feature_set)
    gap_bars = gap_for(plan.label)
    spans = split(samples, *_boundaries(samples, table, plan), gap_bars)
    fitted = fit(plan.network, plan.network_sizes(), spans, plan.recipe, report)
    calibration = calibrate(fitted, spans.validation, plan)
    weights, digest = encode_weights(fitted.network)
    card = Card(
        name=plan.name,
        created=now(),
        network=_network_card(plan, fitted),
        interval=table.interval,
        market=table.market.name,
        jump_limit=plan.jump_limit,
        feature_set=feature_set.name,
        features=feature_set.names,
        window=WINDOW_SHAPE,
        classes=CLASS_NAMES,
        scaler=fitted.scaler,
        calibration=calibration,
        label=plan.label,
        data=_data_card(table, plan, reasons, reading),
        spans=_spans_card(spans, gap_bars),
        training=_training_card(fitted, plan.recipe),
        trials=plan.trials,
        test=_score(fitted, calibration, spans) if plan.score_test else None,
        weights_sha256=digest,
    )
    tested = plan.score_test
    confidence = confidences_in(card, fitted.network, samples, test=tested)
    card = msgspec.structs.replace(card, confidence=confidence)
    save_bundle(folder, card, weights)
    return card


def calibrate(fitted: Fit, validation: Samples, plan: Plan) -> CalibrationCard:
    """Return the calibration that the validation span allows, and what it taught on the way.

    Args:
        fitted: The network, which was not trained on these samples.
        validation: The samples.
        plan: Which static calibration to fit, and how a recalibrator learns.
    """
    raw = predict_logits(fitted.network, fitted.scaler, validation.windows)
    horizon = plan.label.horizon
    found = calibrate_on(plan.calibration, raw, validation, horizon, plan.adaptive)
    recalibrator = Recalibrator(AdaptiveState(settings=plan.adaptive))
    _stream(recalibrator, found.static.apply(raw), validation)
    state = recalibrator.state
    return CalibrationCard(
        kind=found.kind,
        static=found.static,
        adaptive=state,
        warnings=(*found.warnings, *unheld(state)),
    )


def unheld(state: AdaptiveState) -> tuple[str, ...]:
    """Return why the sets of a recalibrator cannot be trusted yet, if so.

    By the bound of `models.calibration.conformal`, with a threshold that stays within 0 and 1.
    """
    settings = state.settings
    needed = round(1 / (settings.step * (1 - settings.coverage))) if settings.step else 0
    if state.moments >= needed:
        return ()
    return (
        f"The prediction sets were held to their coverage by {state.moments:,} moments of "
        f"outcomes; before {needed:,} nothing vouches for it.",
    )


def _boundaries(samples: Samples, table: BarTable, plan: Plan) -> tuple[int, int]:
    times = np.unique(samples.target_ms)
    return (
        _boundary(plan.train_until, int(times[len(times) * 70 // 100]), table),
        _boundary(plan.validate_until, int(times[len(times) * 85 // 100]), table),
    )


def _boundary(text: str, by_share_ms: int, table: BarTable) -> int:
    return instant(text, table.market, last=True) if text else by_share_ms


def _stream(recalibrator: Recalibrator, logits: Float64, samples: Samples) -> Forecast:
    return stream(recalibrator, logits, samples.decided_ms, samples.target_ms, samples.label)


def _score(fitted: Fit, calibration: CalibrationCard, spans: Split) -> Scores:
    test, shares = spans.test, np.bincount(spans.train.label, minlength=len(Class))
    raw = predict_logits(fitted.network, fitted.scaler, test.windows)
    logits = calibration.static.apply(raw)
    adaptive = _stream(Recalibrator(calibration.adaptive), logits, test)
    return Scores(
        model=metrics_of(test.label, softmax(logits)),
        adaptive=metrics_of(test.label, adaptive.probabilities),
        majority=metrics_of(test.label, np.tile(shares / shares.sum(), (len(test.label), 1))),
    )


def _network_card(plan: Plan, fitted: Fit) -> NetworkCard:
    sizes = msgspec.json.encode(plan.network_sizes())
    return NetworkCard(
        kind=plan.network,
        sizes=msgspec.json.decode(sizes),  # lists, as a loaded card has
        members=len(members_of(fitted.network)),
        parameters=sum(p.numel() for p in fitted.network.parameters()),
    )


def _data_card(
    table: BarTable, plan: Plan, reasons: Counter[DropReason], reading: FileReading | None
) -> DataCard:
    return DataCard(
        about=plan.about,
        sources=plan.sources,
        fingerprint=table.fingerprint(),
        tickers=len(table.symbols),
        bars=len(table.row),
        reasons={str(reason): reasons[reason] for reason in DropReason if reasons[reason]},
        reading=None if reading is None else _reading_card(reading),
    )


def _reading_card(reading: FileReading) -> ReadingCard:
    names = ReadingCard.__struct_fields__
    return ReadingCard(**{name: getattr(reading, name) for name in names})


def _spans_card(spans: Split, gap_bars: int) -> Spans:
    return Spans(
        gap_bars=gap_bars,
        train=_span(spans.train),
        validation=_span(spans.validation),
        test=_span(spans.test),
    )


def _span(samples: Samples) -> Span:
    first, last = (to_utc(ms) for ms in (samples.target_ms.min(), samples.target_ms.max()))
    return Span(first=first, last=last, samples=len(samples.label))


def _training_card(fitted: Fit, recipe: Recipe) -> TrainingCard:
    return TrainingCard(
        recipe=recipe,
        runs=tuple(map(_run_card, fitted.runs)),
        validation_loss=fitted.validation_loss,
    )


def _run_card(run: Run) -> TrainingRun:
    return TrainingRun(
        seed=run.seed,
        epochs=run.epochs,
        best_epoch=run.best.number,
        train_loss=run.best.train_loss,
        validation_loss=run.best.validation_loss,
        ended_by=run.ended_by,
        kept=run.kept,
    )
