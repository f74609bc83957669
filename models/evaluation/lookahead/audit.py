"""An audit of a bundle on data: random cuts, the real parts, and the leaks that it must find."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Final

import msgspec
import numpy as np

from models.bundles.bundle import Bundle
from models.calibration.adaptive import Recalibrator
from models.data.bars import Rules
from models.data.features.feature_set import FeatureSet
from models.data.features.price_volume import PRICE_VOLUME
from models.data.ranges import AtLeastOne
from models.data.sources.reader import ReadBars
from models.data.sources.reading import FileReading
from models.data.table import BarTable
from models.data.times import to_ms, to_utc
from models.evaluation.lookahead.checks import (
    CARD_PART,
    LookaheadCheck,
    Parts,
    check_cuts,
    check_labels,
    check_recalibration,
    check_scaler,
    check_serving,
    fit_scaler,
    scaler_difference,
)
from models.evaluation.lookahead.leaks import Leak, planted
from models.evaluation.lookahead.sessions import check_sessions
from models.evaluation.lookahead.stated import check_times, unknowable
from models.inference.engine import Engine
from models.inference.served import served_of
from models.training.dataset import Samples, collect
from shared.contract import interval_seconds
from shared.errors import DataError

STAGES: Final = 1 + len(planted(PRICE_VOLUME, 0))  # the real parts, and each planted leak

_ROUNDED: Final = 1e-9  # of a scaler that is fitted again, in units of its features


class Extent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is tried.

    Attributes:
        seed: Start of all choices.
        tickers: Drawn at random, at most.
        moments: Times at which the data are cut, at most.
        poisonings: Of them, times after which outcomes are poisoned, at most.
        streamed: Newest decision times whose outcomes are streamed, at most.
    """

    seed: Annotated[int, msgspec.Meta(ge=0)] = 0
    tickers: AtLeastOne = 12
    moments: AtLeastOne = 24
    poisonings: AtLeastOne = 4
    streamed: AtLeastOne = 1000


class Planted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A leak that was planted to see whether it is found.

    Attributes:
        name: What it is.
        expected: The part, and the feature if it is in one, that must be named.
        caught: Whether it was.
        named: All that was named.
    """

    name: str
    expected: str
    caught: bool
    named: tuple[str, ...]


class Audit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was tried, and what was found.

    Attributes:
        model_id: Of the bundle.
        fingerprint: Of the data, as `BarTable.fingerprint` says.
        own_data: Whether these are the data of the card, so that its scaler could be fitted again.
        extent: How much was tried.
        symbols: The tickers that were drawn.
        moments: The times at which the data were cut, UTC.
        checks: What was compared of the real parts.
        planted: The leaks that were planted.
        reading: What was understood of the bars; None where they are of no file.
        unknowable: What no check of the times of these bars can tell, in sentences.
    """

    model_id: str
    fingerprint: str
    own_data: bool
    extent: Extent
    symbols: tuple[str, ...]
    moments: tuple[datetime.datetime, ...]
    checks: tuple[LookaheadCheck, ...]
    planted: tuple[Planted, ...]
    reading: FileReading | None = None
    unknowable: tuple[str, ...] = ()

    @property
    def leaks(self) -> tuple[str, ...]:
        """Return what leaks, by part and name."""
        return _leaks(self.checks)

    @property
    def blind_to(self) -> tuple[str, ...]:
        """Return the planted leaks that were not found; then finding none proves nothing."""
        return tuple(leak.name for leak in self.planted if not leak.caught)


def audit(
    bundle: Bundle,
    table: BarTable,
    extent: Extent,
    report: Callable[[], None],
    bars: ReadBars | None = None,
) -> Audit:
    """Return what an audit of a bundle on bars of its interval found.

    Args:
        bundle: What decides.
        table: The bars.
        extent: How much to try.
        report: Called after each of the `STAGES`.
        bars: The same bars with what their files say, where they are of files.

    Raises:
        DataError: The bars have another length than the bundle's, or there are too few of them.
    """
    card = bundle.card
    if table.interval != card.interval:
        raise DataError(f"the bundle decides on {card.interval} bars, these are {table.interval}")
    random = np.random.default_rng(extent.seed)
    used = bundle.feature_set
    trial = Trial(bundle, _drawn(table, used, extent.tickers, random), extent, random)
    own_data = table.fingerprint() == card.data.fingerprint
    checks = trial.run(Parts(feature_set=used), extent, check_times(table, bars))
    checks += _card_scaler(bundle, table) if own_data else []
    report()
    found = []
    for leak in planted(used, 1000 * interval_seconds(table.interval)):
        found.append(_tried(leak, trial.run(leak.parts, _less(extent))))
        report()
    return Audit(
        model_id=bundle.model_id,
        fingerprint=table.fingerprint(),
        own_data=own_data,
        extent=extent,
        symbols=trial.symbols,
        moments=tuple(map(to_utc, trial.moments)),
        checks=tuple(checks),
        planted=tuple(found),
        reading=None if bars is None else bars.reading,
        unknowable=() if bars is None else unknowable(bars),
    )


class Trial:
    """Bars, the times at which they are cut, and all checks of any parts on them.

    Args:
        bundle: What decides on the bars.
        table: The bars of a few tickers.
        extent: How much is tried.
        random: Draws the times.

    Raises:
        DataError: There are too few bars.
    """

    def __init__(
        self, bundle: Bundle, table: BarTable, extent: Extent, random: np.random.Generator
    ) -> None:
        self._card = bundle.card
        self._set = bundle.feature_set
        self._engine = Engine(served_of(bundle))
        self._table = table
        self._rules = table.rules(bundle.card.jump_limit)
        self._samples, _ = collect(table, self._rules, bundle.card.label, self._set)
        self.moments = _moments(self._samples, self._rules, extent.moments, random)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Return the tickers that have bars."""
        return tuple(self._table.symbols[i] for i in np.unique(self._table.row))

    def run(
        self, parts: Parts, extent: Extent, times: Sequence[LookaheadCheck] | None = None
    ) -> list[LookaheadCheck]:
        """Return what all checks find of the parts.

        Args:
            parts: What could look ahead.
            extent: How much is tried.
            times: What was found of the times of all bars; None to look at those of the drawn
                tickers.
        """
        table, rules, rule = self._table, self._rules, self._card.label
        moments = self.moments[:: max(1, len(self.moments) // extent.moments)]
        return [
            *check_cuts(table, rules, parts, self._engine, moments),
            *check_serving(table, rules, parts),
            *(check_sessions(parts.read(table)) if times is None else times),
            *check_labels(table, rules, rule, self._set, parts, moments),
            *check_scaler(self._samples, rule, parts),
            *self._recalibration(parts, extent),
        ]

    def _recalibration(self, parts: Parts, extent: Extent) -> list[LookaheadCheck]:
        samples = self._samples
        times = np.unique(samples.decided_ms)[-extent.streamed :]
        newest = samples.take(samples.decided_ms >= times[0])
        logits = self._engine.explain(newest.windows).logits.astype(np.float64)
        at = np.linspace(0, len(times) - 1, extent.poisonings + 2)[1:-1].astype(np.int64)

        def fresh() -> Recalibrator:
            return Recalibrator(self._card.calibration.adaptive)

        return check_recalibration(fresh, logits, newest, parts, times[at].tolist())


def _less(extent: Extent) -> Extent:
    # A planted leak shows at any time, so a few will do.
    return msgspec.structs.replace(
        extent, moments=min(extent.moments, 6), poisonings=1, streamed=min(extent.streamed, 200)
    )


def _drawn(
    table: BarTable, feature_set: FeatureSet, tickers: int, random: np.random.Generator
) -> BarTable:
    # Of tickers that have enough bars for a window and what follows, if they are clean.
    needed = feature_set.window_bars + 1
    counts = np.bincount(table.row, minlength=len(table.symbols))
    enough = np.flatnonzero(counts >= needed)
    if len(enough) == 0:
        raise DataError(f"no ticker has {needed} bars, so nothing can be audited")
    chosen = random.permutation(enough)[:tickers]
    rows = np.isin(table.row, chosen)
    return replace(table, row=table.row[rows], bar_ms=table.bar_ms[rows], ohlcv=table.ohlcv[rows])


def _moments(samples: Samples, rules: Rules, count: int, random: np.random.Generator) -> list[int]:
    # From the first known label on, each somewhere between a close and the next.
    times = np.unique(samples.decided_ms)
    times = times[times >= samples.target_ms.min()]
    if len(times) < 2:
        raise DataError("there are too few bars to cut them at any time")
    drawn = np.sort(random.permutation(times[:-1])[:count])
    later = random.integers(0, 1000 * rules.interval_s, len(drawn))
    return [int(ms) for ms in drawn + later]


def _card_scaler(bundle: Bundle, table: BarTable) -> list[LookaheadCheck]:
    # Nothing but the train span of the card may give the scaler of the card.
    card = bundle.card
    samples, _ = collect(table, table.rules(card.jump_limit), card.label, bundle.feature_set)
    until = [to_ms(s.first) - 1 for s in (card.spans.validation, card.spans.test)]
    again = fit_scaler(samples, until[0], until[1], card.spans.gap_bars)
    difference = scaler_difference(card.scaler, again).tolist()
    return [
        LookaheadCheck(
            part=CARD_PART,
            name=name,
            compared=card.spans.train.samples,
            difference=d,
            leaks=d > _ROUNDED,
        )
        for name, d in zip(card.features, difference, strict=True)
    ]


def _tried(leak: Leak, checks: list[LookaheadCheck]) -> Planted:
    named = _leaks(tuple(checks))
    expected = f"{leak.part} {leak.feature}".strip()
    caught = any(f"{name} ".startswith(f"{expected} ") for name in named)
    return Planted(name=leak.name, expected=expected, caught=caught, named=named)


def _leaks(checks: tuple[LookaheadCheck, ...]) -> tuple[str, ...]:
    return tuple(f"{check.part} {check.name}".strip() for check in checks if check.leaks)
