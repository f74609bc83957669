"""How sure a model is on its validation and test span, and which of its buys are worth a look."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from torch import nn

from models.bundles.card import Card, ConfidenceCard
from models.calibration.adaptive import Recalibrator
from models.calibration.static import softmax
from models.calibration.stream import stream
from models.data.times import to_ms
from models.training.dataset import Samples, purged
from models.training.fit import predict_logits
from shared.confidences import LEVELS, BuyPoint
from shared.contract import Class, Float64, Int64

STRENGTHS: Final = (0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995)
_FEWEST: Final = 100  # buys that a point must have to be chosen
_Z: Final = 1.96  # of the normal distribution, for an interval of 95%


@dataclass(frozen=True, kw_only=True, eq=False)
class ToldSpan:
    """What was said of the n windows of a span, and what came true.

    Attributes:
        probabilities: (n, 3) float64 of down, flat, up, as published.
        label: (n,) int64 classes.
    """

    probabilities: Float64
    label: Int64


def confidences_of(chosen: ToldSpan, test: ToldSpan | None) -> ConfidenceCard:
    """Return how confidences are spread, and the strength from which on a buy is worth a look.

    That is the one of `STRENGTHS` at which the lower end of the interval of the precision, by
    `wilson`, is greatest on the validation span: few buys make it wide, weak ones make it low.

    Args:
        chosen: The validation span.
        test: The test span; None where nobody is to look at it.
    """
    spans = [chosen] if test is None else [chosen, test]
    up = np.concatenate([span.probabilities[:, Class.UP] for span in spans])
    label = np.concatenate([span.label for span in spans])
    least = np.quantile(up, STRENGTHS).tolist()
    points = tuple(
        _point(strength, confidence, chosen, test)
        for strength, confidence in zip(STRENGTHS, least, strict=True)
    )
    worth = [point for point in points if point.chosen_buys >= _FEWEST] or points[:1]
    return ConfidenceCard(
        windows=len(up),
        base_rate=float((label == Class.UP).mean()),
        quantiles=tuple(np.quantile(up, LEVELS).tolist()),
        points=points,
        buy_from=max(worth, key=_sure_precision).strength,
    )


def confidences_in(
    card: Card, network: nn.Module, samples: Samples, *, test: bool = True
) -> ConfidenceCard:
    """Return the same of a card's validation and test span.

    The test span is told as a stream, as serving begins; the validation span by the static
    calibration alone, because a recalibrator that begins there knows nothing yet and exaggerates.

    Args:
        card: The model's.
        network: (N, 6, 8) scaled float32 to (N, 3) logits.
        samples: The labelled windows of its bars, of these spans or more.
        test: Whether the test span may be looked at.
    """
    spans = card.spans
    trained, validated = (to_ms(span.first) - 1 for span in (spans.validation, spans.test))
    within = purged(samples, trained, validated, spans.gap_bars)
    rows = samples.take(within["validation"])
    told = ToldSpan(probabilities=softmax(_logits(card, network, rows)), label=rows.label)
    tested = within["test"] & (samples.target_ms <= to_ms(spans.test.last))
    if not test or not tested.any():
        return confidences_of(told, None)
    rows = samples.take(tested)
    said = stream(
        Recalibrator(card.calibration.adaptive),
        _logits(card, network, rows),
        rows.decided_ms,
        rows.target_ms,
        rows.label,
    )
    return confidences_of(told, ToldSpan(probabilities=said.probabilities, label=rows.label))


def wilson(hits: int, buys: int) -> tuple[float, float]:
    """Return the ends of the 95% interval of a precision; 0 and 1 of no buys at all.

    Wilson, "Probable inference, the law of succession, and statistical inference", 1927.

    Args:
        hits: How many came true.
        buys: Of how many.
    """
    if not buys:
        return 0.0, 1.0
    n, z, share = buys, _Z, hits / buys
    middle = share + z**2 / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)


def _logits(card: Card, network: nn.Module, rows: Samples) -> Float64:
    raw = predict_logits(network, card.scaler, rows.windows)
    return card.calibration.static.apply(raw)


def _point(strength: float, least: float, chosen: ToldSpan, test: ToldSpan | None) -> BuyPoint:
    chosen_buys, chosen_hits = _counts(least, chosen)
    buys, hits = (0, 0) if test is None else _counts(least, test)
    return BuyPoint(
        strength=strength,
        buys=buys,
        hits=hits,
        chosen_buys=chosen_buys,
        chosen_hits=chosen_hits,
    )


def _counts(least: float, span: ToldSpan) -> tuple[int, int]:
    up = span.probabilities[:, Class.UP]
    buys = (span.probabilities.argmax(axis=1) == Class.UP) & (up >= least)
    return int(buys.sum()), int((span.label[buys] == Class.UP).sum())


def _sure_precision(point: BuyPoint) -> float:
    return wilson(point.chosen_hits, point.chosen_buys)[0]
