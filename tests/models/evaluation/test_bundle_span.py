import datetime
from collections.abc import Callable
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from numpy.testing import assert_allclose

from models.bundles.bundle import Bundle
from models.bundles.card import CalibrationCard, Card, Span, Spans
from models.calibration.adaptive import AdaptiveState, Recalibrator
from models.calibration.static import Calibration, softmax
from models.calibration.stream import stream
from models.data.bars import Rules
from models.data.features.price_volume import PRICE_VOLUME
from models.data.table import BarTable
from models.evaluation import bundle_span
from models.evaluation.baselines import Baseline, Forecaster, fit_majority
from models.evaluation.bundle_span import SpanRequest, subject_of
from models.evaluation.metrics.forecasts import ADAPTIVE, RAW, STATIC
from models.networks.cnn1d import Cnn1d
from models.training.dataset import Samples, Split, collect, split
from models.training.fit import predict_logits
from shared.errors import DataError, SettingsError
from shared.markets import MARKETS

WANTED = SpanRequest(cost_bps=10.0, sources=("made.csv",))
STATE = AdaptiveState(moments=50, threshold=0.25, up=(0.03,) * 31, down=(-0.02,) * 31)


def _moment(ms: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC)


def _date(ms: int) -> str:
    return str(_moment(ms).date())


def _dated(since: str = "", until: str = "") -> SpanRequest:
    return replace(WANTED, since=since, until=until)


def _quiet(step: str) -> None:
    assert step


@pytest.fixture
def bars(table: Callable[..., BarTable]) -> BarTable:
    return table(tickers=4, bars=140)


@pytest.fixture
def holed(bars: BarTable) -> BarTable:
    """The same bars, but for 5% of the days of each ticker."""
    kept = np.random.default_rng(0).random(len(bars.row)) > 0.05
    return replace(bars, row=bars.row[kept], bar_ms=bars.bar_ms[kept], ohlcv=bars.ohlcv[kept])


@pytest.fixture
def samples(bars: BarTable, card: Card) -> Samples:
    return collect(bars, Rules(interval_s=86_400, jump_limit=0.31), card.label, PRICE_VOLUME)[0]


@pytest.fixture
def bundle(samples: Samples, card: Card, network: Cnn1d) -> Bundle:
    """Trained, as it says, on the first half of the samples; calibrated on the next quarter."""
    return _made(_spans(samples), card, network)


def _spans(samples: Samples) -> Split:
    times = np.unique(samples.target_ms)
    return split(samples, int(times[60]), int(times[90]), 7)


def _made(spans: Split, card: Card, network: Cnn1d) -> Bundle:
    def span(part: Samples) -> Span:
        first, last = _moment(int(part.target_ms.min())), _moment(int(part.target_ms.max()))
        return Span(first=first, last=last, samples=len(part.label))

    static = Calibration(scale=(0.5, 0.5, 0.5), bias=(0.1, 0.0, -0.1))
    made = msgspec.structs.replace(
        card,
        calibration=CalibrationCard(kind="vector", static=static, adaptive=STATE),
        spans=Spans(
            gap_bars=7,
            train=span(spans.train),
            validation=span(spans.validation),
            test=span(spans.test),
        ),
        trials=5,
    )
    return Bundle(card=made, card_json="", feature_set=PRICE_VOLUME, network=network)


def test_without_dates_the_test_span_of_the_card_is_judged(
    bundle: Bundle, bars: BarTable, samples: Samples
) -> None:
    case = subject_of(bundle, bars, WANTED, _quiet)
    times = np.unique(samples.target_ms)
    assert case.realized.target_ms.min() == times[91]
    assert case.realized.target_ms.max() == times[-1]
    assert [a.name for a in case.ours] == [RAW, STATIC, ADAPTIVE]
    assert len(case.baselines) == 5
    assert case.warnings == ()
    assert case.terms.trials == 5


def test_raw_and_static_are_the_networks_with_and_without_calibration(
    bundle: Bundle, bars: BarTable, samples: Samples
) -> None:
    case = subject_of(bundle, bars, WANTED, _quiet)
    rows = samples.take(samples.target_ms >= case.realized.target_ms.min())
    logits = predict_logits(bundle.network, bundle.card.scaler, rows.windows)
    static = bundle.card.calibration.static.apply(logits)
    assert_allclose(case.ours[0].probabilities, softmax(logits), atol=1e-6)
    assert_allclose(case.ours[1].probabilities, softmax(static), atol=1e-6)


def test_the_rows_after_validation_teach_before_the_wanted_ones(
    bundle: Bundle, bars: BarTable, samples: Samples
) -> None:
    times = np.unique(samples.target_ms)
    case = subject_of(bundle, bars, _dated(since=_date(int(times[100]))), _quiet)
    after_ms = bundle.card.spans.validation.last.timestamp() * 1000
    rows = samples.take(samples.target_ms > after_ms)
    logits = predict_logits(bundle.network, bundle.card.scaler, rows.windows)
    static = bundle.card.calibration.static.apply(logits)
    said = stream(Recalibrator(STATE), static, rows.decided_ms, rows.target_ms, rows.label)
    wanted = rows.target_ms >= times[100]
    assert_allclose(case.ours[2].probabilities, said.probabilities[wanted], atol=1e-6)
    assert case.ours[2].sets is not None
    assert case.ours[2].sets.tolist() == said.sets[wanted].tolist()


def test_before_the_end_of_validation_the_recalibrator_begins_knowing_nothing(
    bundle: Bundle, bars: BarTable, samples: Samples
) -> None:
    times = np.unique(samples.target_ms)
    wanted = _dated(since=_date(int(times[70])))
    case = subject_of(bundle, bars, wanted, _quiet)
    first = case.realized.decided_ms == case.realized.decided_ms.min()
    static, adaptive = (case.ours[i].probabilities[first] for i in (1, 2))
    assert_allclose(static, adaptive)
    assert "begins knowing nothing" in case.facts["recalibrator"]
    assert case.facts["features"].split(": ")[0] == bundle.card.feature_set


@pytest.mark.parametrize(("since", "spans"), [(10, ["fitted", "chosen"]), (70, ["chosen"])])
def test_days_that_the_model_knows_are_warned_of(
    bundle: Bundle, bars: BarTable, samples: Samples, since: int, spans: list[str]
) -> None:
    times = np.unique(samples.target_ms)
    case = subject_of(bundle, bars, _dated(since=_date(int(times[since]))), _quiet)
    assert len(case.warnings) == len(spans)
    for warning, purpose in zip(case.warnings, spans, strict=True):
        assert warning.startswith("In-sample:")
        assert purpose in warning


def test_a_foreign_market_is_warned_of(bundle: Bundle, bars: BarTable) -> None:
    case = subject_of(bundle, replace(bars, market=MARKETS["us"]), WANTED, _quiet)
    assert any("market us" in warning for warning in case.warnings)


def test_without_rows_to_fit_on_the_baselines_are_left_out(
    bundle: Bundle, bars: BarTable, samples: Samples
) -> None:
    start_ms = int(np.unique(samples.target_ms)[62])
    kept = bars.bar_ms > start_ms
    later = replace(bars, row=bars.row[kept], bar_ms=bars.bar_ms[kept], ohlcv=bars.ohlcv[kept])
    case = subject_of(bundle, later, WANTED, _quiet)
    assert case.baselines == ()
    assert case.facts["baselines"].startswith("left out")


def test_baselines_are_fitted_on_what_the_model_was_where_days_are_missing(
    holed: BarTable, card: Card, network: Cnn1d, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples, _ = collect(holed, Rules(interval_s=86_400, jump_limit=0.31), card.label, PRICE_VOLUME)
    spans = _spans(samples)
    seen: list[tuple[Samples, Samples]] = []

    def fit(train: Samples, validation: Samples) -> Forecaster:
        seen.append((train, validation))
        return fit_majority(train, validation)

    monkeypatch.setattr(bundle_span, "BASELINES", (Baseline(name="seen", fit=fit),))
    subject_of(_made(spans, card, network), holed, WANTED, _quiet)
    for found, expected in zip(seen[0], (spans.train, spans.validation), strict=True):
        assert found.ticker.tolist() == expected.ticker.tolist()
        assert found.target_ms.tolist() == expected.target_ms.tolist()


def test_another_interval_is_refused(bundle: Bundle, bars: BarTable) -> None:
    with pytest.raises(DataError, match="trained on bars of 1d, these are of 5m"):
        subject_of(bundle, replace(bars, interval="5m"), WANTED, _quiet)


def test_a_span_without_rows_is_refused(bundle: Bundle, bars: BarTable) -> None:
    with pytest.raises(DataError, match="no labelled window lies between 2050-01-01"):
        subject_of(bundle, bars, _dated(since="2050-01-01T09:00"), _quiet)


def test_dates_in_the_wrong_order_are_refused(bundle: Bundle, bars: BarTable) -> None:
    with pytest.raises(SettingsError, match="--from 2021-01-02 is after --to 2020-01-02"):
        subject_of(bundle, bars, _dated("2021-01-02", "2020-01-02"), _quiet)
