"""From tables of bars to a bundle on disk: clean, label, split, fit, score once, write the card."""

import datetime
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np

from models.bars import Reason, Rules
from models.bundle import encode_weights, save_bundle
from models.card import BundleName, Card, DataCard, NetworkCard, Scores, Span, Spans, TrainingCard
from models.dataset import Samples, Split, collect, gap_for, split
from models.figures import judge_answers
from models.labels import FixedReturn
from models.networks import NETWORKS
from models.table import BarTable, instant
from models.training import Epoch, Fit, Recipe, fit, predict
from shared.contract import CLASS_NAMES, FEATURE_NAMES, WINDOW_SHAPE, Class, interval_seconds


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to make.

    Attributes:
        name: Of the bundle.
        about: Where the bars came from, for the card.
        sources: Names of the files, for the card.
        network: Name in `NETWORKS`.
        recipe: How to train.
        jump_limit: A move beyond this share between two closes cuts a series.
        train_until: Last date or time of the train span; empty for 70% of the time.
        validate_until: Last date or time of the validation span; empty for 85% of the time.
    """

    name: BundleName
    about: str
    sources: tuple[str, ...]
    network: str
    recipe: Recipe
    jump_limit: Annotated[float, msgspec.Meta(gt=0)]
    train_until: str
    validate_until: str


def make_bundle(table: BarTable, plan: Plan, folder: Path, report: Callable[[Epoch], None]) -> Card:
    """Train on a table, write the bundle, and return its card; the test span is scored once.

    Args:
        table: The bars.
        plan: What to make.
        folder: Where to write it.
        report: Called after each epoch.

    Raises:
        DataError: There are too few bars for one of the spans.
        SettingsError: A date is not one.
        InputMissingError: The folder cannot be written.
    """
    label = FixedReturn()
    samples, reasons = collect(table, _rules(table, plan), label)
    spans = split(samples, *_boundaries(samples, table, plan), gap_for(label))
    sizes = NETWORKS[plan.network].sizes()
    fitted = fit(plan.network, sizes, spans, plan.recipe, report)
    weights, digest = encode_weights(fitted.network)
    card = Card(
        name=plan.name,
        created=datetime.datetime.now(datetime.UTC).replace(microsecond=0),
        network=_network_card(plan.network, sizes, fitted),
        interval=table.interval,
        market=table.market.name,
        jump_limit=plan.jump_limit,
        features=FEATURE_NAMES,
        window=WINDOW_SHAPE,
        classes=CLASS_NAMES,
        scaler=fitted.scaler,
        label=label,
        data=_data_card(table, plan, reasons),
        spans=_spans_card(spans, gap_for(label)),
        training=_training_card(fitted, plan.recipe),
        test=_score(fitted, spans),
        weights_sha256=digest,
    )
    save_bundle(folder, card, weights)
    return card


def _rules(table: BarTable, plan: Plan) -> Rules:
    return Rules(interval_s=interval_seconds(table.interval), jump_limit=plan.jump_limit)


def _boundaries(samples: Samples, table: BarTable, plan: Plan) -> tuple[int, int]:
    times = np.unique(samples.target_ms)
    return (
        _boundary(plan.train_until, int(times[len(times) * 70 // 100]), table),
        _boundary(plan.validate_until, int(times[len(times) * 85 // 100]), table),
    )


def _boundary(text: str, by_share_ms: int, table: BarTable) -> int:
    return instant(text, table.market, last=True) if text else by_share_ms


def _score(fitted: Fit, spans: Split) -> Scores:
    truth = spans.test.label
    shares = np.bincount(spans.train.label, minlength=len(Class)) / len(spans.train.label)
    return Scores(
        model=judge_answers(truth, predict(fitted.network, fitted.scaler, spans.test.windows)),
        majority=judge_answers(truth, np.tile(shares, (len(truth), 1))),
    )


def _network_card(kind: str, sizes: msgspec.Struct, fitted: Fit) -> NetworkCard:
    return NetworkCard(
        kind=kind,
        sizes=msgspec.json.decode(msgspec.json.encode(sizes)),  # lists, as a loaded card has
        parameters=sum(p.numel() for p in fitted.network.parameters()),
    )


def _data_card(table: BarTable, plan: Plan, reasons: Counter[Reason]) -> DataCard:
    return DataCard(
        about=plan.about,
        sources=plan.sources,
        fingerprint=table.fingerprint(),
        tickers=len(table.symbols),
        bars=len(table.row),
        reasons={str(reason): reasons[reason] for reason in Reason if reasons[reason]},
    )


def _spans_card(spans: Split, gap_bars: int) -> Spans:
    return Spans(
        gap_bars=gap_bars,
        train=_span(spans.train),
        validation=_span(spans.validation),
        test=_span(spans.test),
    )


def _span(samples: Samples) -> Span:
    first, last = (
        datetime.datetime.fromtimestamp(int(ms) / 1000, datetime.UTC)
        for ms in (samples.target_ms.min(), samples.target_ms.max())
    )
    return Span(first=first, last=last, samples=len(samples.label))


def _training_card(fitted: Fit, recipe: Recipe) -> TrainingCard:
    return TrainingCard(
        recipe=recipe,
        epochs=fitted.epochs,
        best_epoch=fitted.best.number,
        train_loss=fitted.best.train_loss,
        validation_loss=fitted.best.validation_loss,
        ended_by=fitted.ended_by,
    )
