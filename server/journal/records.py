"""What is left for the thread that writes a journal."""

import time
from dataclasses import dataclass

from models.bundles.files import BundleFiles
from models.inference.served import Served
from server.market.moment import MarketMoment
from shared.contract import Float64, Int64


@dataclass(frozen=True, kw_only=True)
class JournalRun:
    """Who writes.

    Attributes:
        source: What bars are of, as `place.source_of` says.
        run_id: Of the run, as messages have it.
        begun_ms: When it began, ms since 1970 UTC.
        model_id: Name and first 8 digits of the weights' hash.
        label_rule: What makes a class of what follows, in words.
        files: The model, so that it can be asked when it is long replaced.
    """

    source: str
    run_id: str
    begun_ms: int
    model_id: str
    label_rule: str
    files: BundleFiles


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened beside the decisions.

    Attributes:
        at_ms: When, ms since 1970 UTC.
        kind: `feed`, `gap`, `listing`, `model`, `correction` or `journal`.
        detail: What, in words.
    """

    at_ms: int
    kind: str
    detail: str


@dataclass(frozen=True, kw_only=True, eq=False)
class NumberedMoment:
    """A moment, and the how-manieth it is of the journal."""

    number: int
    moment: MarketMoment


@dataclass(frozen=True, kw_only=True, eq=False)
class BuyOutcomes:
    """What came true of buys.

    Attributes:
        model_id: Of the model that found them.
        judged_ms: When that was known, ms since 1970 UTC.
        symbols: (k,) the tickers.
        bar_ms: (k,) int64, the bars that decided, ms since 1970 UTC.
        up: (k,) float64, the confidence in class 2 that was said.
        label: (k,) int64, what came true; -1 where a jump or a gap lies between, and nothing did.
        result: (k,) float64, close over `horizon` bars later over the one that decided, minus 1.
    """

    model_id: str
    judged_ms: int
    symbols: tuple[str, ...]
    bar_ms: Int64
    up: Float64
    label: Int64
    result: Float64


Record = NumberedMoment | Event | JournalRun | BuyOutcomes


def run_of(source: str, run_id: str, bundle: Served, files: BundleFiles) -> JournalRun:
    """Return what a journal keeps of a run that begins now.

    Args:
        source: What bars are of.
        run_id: Of the run.
        bundle: The model that decides.
        files: Of the model.
    """
    return JournalRun(
        source=source,
        run_id=run_id,
        begun_ms=time.time_ns() // 1_000_000,
        model_id=bundle.model_id,
        label_rule=bundle.card.label.sentence(),
        files=files,
    )
