"""A bundle on a span of bars, beside what it must beat: which rows, and who learned from which."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.bundles.bundle import Bundle
from models.bundles.card import Card, Span
from models.calibration.adaptive import AdaptiveState
from models.data.table import BarTable
from models.data.times import to_ms, to_utc
from models.evaluation.baselines import BASELINES
from models.evaluation.dated import bounds, samples_for, within
from models.evaluation.metrics.backtest import Terms, days_a_year
from models.evaluation.metrics.forecasts import Forecasts, Realized
from models.evaluation.prequential import streamed
from models.evaluation.report.compose import ReportSubject
from models.training.dataset import Samples, purged
from models.training.fit import predict_logits
from shared.contract import Bool, interval_seconds

_LEAST_ROWS: Final = 100  # of the train span, to fit a baseline on


@dataclass(frozen=True, kw_only=True)
class SpanRequest:
    """What to judge a bundle on.

    Attributes:
        since: First date or time of the targets; empty for the first of the bundle's test span.
        until: Last date or time of the targets; empty for the newest.
        cost_bps: Of one side of a trade, in hundredths of a percent.
        trials: Configurations that were tried; None for what the card says.
        notes: For the report.
        sources: Names of the files, for the report.
    """

    since: str = ""
    until: str = ""
    cost_bps: float
    trials: int | None = None
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def subject_of(
    bundle: Bundle, table: BarTable, wanted: SpanRequest, report: Callable[[str], None]
) -> ReportSubject:
    """Return the subject of a bundle on the rows of a table.

    The recalibrator begins with what the bundle's knows and is first taught the rows between the
    validation span and the wanted ones; before the end of validation it begins knowing nothing.
    The baselines are fitted on the table's rows of the bundle's train and validation spans.

    Args:
        bundle: The model.
        table: The bars.
        wanted: Which rows, and what to assume.
        report: Called with what begins.

    Raises:
        DataError: The bars are of another interval, or no row is left.
        SettingsError: A date is not one, or the first is after the last.
    """
    card = bundle.card
    report("labelling")
    samples = samples_for(bundle, table)
    since_ms, until_ms = bounds(card, table, wanted.since, wanted.until)
    shown = within(samples, since_ms, until_ms)
    clean = since_ms > to_ms(card.spans.validation.last)
    report("streaming")
    ours = _stream(bundle, samples, shown, since_ms, clean=clean)
    rows = samples.take(shown)
    baselines = _baselines(card, samples, rows, report)
    return ReportSubject(
        title=f"{bundle.model_id} on {', '.join(wanted.sources) or 'bars'}",
        facts=_facts(bundle, table, rows, wanted, fitted=bool(baselines), clean=clean),
        warnings=_warnings(card, table, rows),
        notes=wanted.notes,
        market=table.market,
        interval_s=interval_seconds(table.interval),
        coverage=card.calibration.adaptive.settings.coverage,
        realized=Realized.of(rows),
        ours=ours,
        baselines=baselines,
        terms=_terms(card, table, wanted),
        confidence=card.confidence,
    )


def _terms(card: Card, table: BarTable, wanted: SpanRequest) -> Terms:
    return Terms(
        cost_bps=wanted.cost_bps,
        horizon=card.label.horizon,
        days_a_year=days_a_year(table.market),
        trials=wanted.trials or card.trials,
    )


def _stream(
    bundle: Bundle, samples: Samples, shown: Bool, since_ms: int, *, clean: bool
) -> tuple[Forecasts, ...]:
    adaptive = bundle.card.calibration.adaptive
    state = adaptive if clean else AdaptiveState(settings=adaptive.settings)
    before = _after(samples, bundle.card.spans.validation) & (samples.target_ms < since_ms)
    streaming = shown | before
    rows = samples.take(streaming)
    raw = predict_logits(bundle.network, bundle.card.scaler, rows.windows)
    calibrated = bundle.card.calibration.static.apply(raw)
    return streamed(raw, calibrated, Realized.of(rows), shown[streaming], state).forecasts


def _baselines(
    card: Card, samples: Samples, rows: Samples, report: Callable[[str], None]
) -> tuple[Forecasts, ...]:
    train, validation = _fitted_on(card, samples)
    classes = len(np.unique(train.label))
    if len(train.label) < _LEAST_ROWS or len(validation.label) == 0 or classes < 2:
        return ()
    forecasters = []
    for baseline in BASELINES:
        report(f"fitting {baseline.name}")
        forecasters.append(baseline.fit(train, validation)(rows))
    return tuple(forecasters)


def _fitted_on(card: Card, samples: Samples) -> tuple[Samples, Samples]:
    # The train and the validation span of the card, split as training split them.
    later = (card.spans.validation, card.spans.test)
    until_ms = [to_ms(span.first) - 1 for span in later]
    chosen = purged(samples, until_ms[0], until_ms[1], card.spans.gap_bars)
    return samples.take(chosen["train"]), samples.take(chosen["validation"])


def _inside(samples: Samples, span: Span) -> Bool:
    return (samples.target_ms >= to_ms(span.first)) & (samples.target_ms <= to_ms(span.last))


def _after(samples: Samples, span: Span) -> Bool:
    later: Bool = samples.target_ms > to_ms(span.last)
    return later


def _warnings(card: Card, table: BarTable, rows: Samples) -> tuple[str, ...]:
    found = list(card.calibration.warnings)
    spans = {"fitted": card.spans.train, "chosen and calibrated": card.spans.validation}
    for purpose, span in spans.items():
        count = int(_inside(rows, span).sum())
        if count:
            found.append(
                f"In-sample: {count:,} of {len(rows.label):,} rows lie in the span of "
                f"{_dates(span.first, span.last)} on which the model was {purpose}. "
                "What follows says nothing about other times."
            )
    if table.market.name != card.market:
        found.append(
            f"The bars are of the market {table.market.name}, the model was trained on "
            f"{card.market}."
        )
    return tuple(found)


def _facts(
    bundle: Bundle,
    table: BarTable,
    rows: Samples,
    wanted: SpanRequest,
    *,
    fitted: bool,
    clean: bool,
) -> dict[str, str]:
    card, spans = bundle.card, bundle.card.spans
    first, last = (to_utc(ms) for ms in (rows.target_ms.min(), rows.target_ms.max()))
    taught = "begins with what it learned on the validation span"
    return {
        "model": f"{bundle.model_id}, {card.network.kind}, {card.network.parameters:,} parameters",
        "features": f"{card.feature_set}: {', '.join(card.features)}",
        "label": card.label.sentence(),
        "bars": f"{', '.join(wanted.sources)}: {table.interval}, {len(table.symbols):,} tickers",
        "fingerprint": table.fingerprint(),
        "judged on": f"{_dates(first, last)}, {len(rows.label):,} rows",
        "train": f"{_dates(spans.train.first, spans.train.last)} of {', '.join(card.data.sources)}",
        "validation": _dates(spans.validation.first, spans.validation.last),
        "baselines": (
            "fitted on these bars in the model's train and validation spans"
            if fitted
            else "left out: these bars have too few rows in the model's train and validation spans"
        ),
        "recalibrator": taught if clean else "begins knowing nothing, or it would know the future",
        "costs": f"{wanted.cost_bps:g} bps for each side of a trade",
    }


def _dates(first: datetime.datetime, last: datetime.datetime) -> str:
    return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
