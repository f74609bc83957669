"""Made bars: a market that none can foresee moves all tickers, and volume tells who beats it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.bundles.recipe import Recipe
from models.data.bars import Rules
from models.data.features.price_volume import PRICE_VOLUME
from models.data.table import BarTable
from models.evaluation.benchmark.labelled_days import Labelled, labelled
from models.evaluation.benchmark.lessons import Lesson, by_label, by_market
from models.evaluation.benchmark.published import Benchmark, benchmark
from models.evaluation.metrics.days import dates
from models.training.dataset import Samples
from models.training.plan import Plan
from shared.contract import Bool, Class
from shared.errors import DataError

RULES = Rules(interval_s=86_400, jump_limit=0.9)
BARS, TICKERS, TRAIN_END, VAL_END = 180, 12, 110, 140
PLAN = Plan(
    name="tiny",
    sizes={"channels": [4], "kernel": 1, "dropout": 0.0},
    recipe=Recipe(epochs=12, batch=256, learning_rate=0.01),
)

Made = tuple[BarTable, dict[str, Labelled]]


def _bars(table: Callable[..., BarTable], planted: float) -> BarTable:
    # A ticker with much volume beats the others on the next day by `planted`.
    random = np.random.default_rng(3)
    loud = random.random((BARS, TICKERS)) < 0.5
    market = random.normal(0, 0.03, (BARS, 1))
    own = random.normal(0, 0.003, (BARS, TICKERS))
    own[1:] += planted * np.where(loud[:-1], 1, -1)
    close = 100 * np.exp(np.cumsum(market + own, axis=0))
    volume = np.where(loud, 4e4, 1e4)
    ohlcv = np.stack([close, close * 1.01, close * 0.99, close, volume], axis=2)
    return replace(table(tickers=TICKERS, bars=BARS), ohlcv=ohlcv.reshape(-1, 5))


def _splits(bars: BarTable) -> dict[str, Labelled]:
    # Labels as published: by the sign of the return, market included.
    rows = []
    for ticker, symbol in enumerate(bars.symbols):
        mine = bars.row == ticker
        days, close = dates(bars.bar_ms[mine], bars.market), bars.ohlcv[mine, 3]
        for i in range(30, BARS - 1):
            split = "train" if i < TRAIN_END else "val" if i < VAL_END else "test"
            label = 2 if close[i + 1] > close[i] else 0
            rows.append((symbol, days[i], label, split, days[i + 1]))
    columns = ["symbol", "date", "label", "split", "target_date"]
    return labelled(bars, RULES, PRICE_VOLUME, pd.DataFrame(rows, columns=columns))


@pytest.fixture
def made(table: Callable[..., BarTable]) -> Made:
    bars = _bars(table, 0.01)
    return bars, _splits(bars)


def _scores(lesson: Lesson, scored: Labelled) -> Benchmark:
    return benchmark(lesson, scored, PLAN, 1, "test", 1, lambda done: None)


def _same(one: Samples, other: Samples) -> bool:
    return np.array_equal(one.windows, other.windows) and np.array_equal(one.label, other.label)


def test_what_beats_the_market_is_learned_where_the_market_drowns_it(made: Made) -> None:
    bars, splits = made
    relative = _scores(by_market(bars, RULES, PRICE_VOLUME, splits), splits["test"])
    as_published = _scores(by_label(splits), splits["test"])
    assert (relative.target, as_published.target) == ("relative", "label")
    assert relative.mcc.value > 0.15
    assert relative.mcc.value > as_published.mcc.value + 0.05


def test_nothing_is_found_where_nobody_beats_the_market(table: Callable[..., BarTable]) -> None:
    bars = _bars(table, 0.0)
    splits = _splits(bars)
    assert not _scores(by_market(bars, RULES, PRICE_VOLUME, splits), splits["test"]).mcc.above_zero


def test_a_window_is_up_where_its_return_is_above_the_mean_of_its_day(made: Made) -> None:
    bars, splits = made
    train = by_market(bars, RULES, PRICE_VOLUME, splits).train
    for target in np.unique(train.target_ms)[::20]:
        day = train.take(train.target_ms == target)
        assert len(day.label) == TICKERS
        above = day.returns > day.returns.mean()
        assert day.label.tolist() == np.where(above, Class.UP, Class.DOWN).tolist()


def test_all_days_of_train_and_val_are_learned_whoever_has_a_label(made: Made) -> None:
    bars, splits = made
    few = {name: _every(part, 5) for name, part in splits.items()}
    lesson = by_market(bars, RULES, PRICE_VOLUME, few)
    assert len(lesson.train.label) == TICKERS * (TRAIN_END - 30)
    assert len(lesson.validation.label) == TICKERS * (VAL_END - TRAIN_END)
    assert dates(lesson.train.target_ms, bars.market).max() == splits["train"].target.max()
    assert dates(lesson.validation.target_ms, bars.market).max() == splits["val"].target.max()


def test_nothing_of_the_scored_days_is_learned(made: Made) -> None:
    bars, splits = made
    poisoned = bars.ohlcv.copy()
    poisoned[dates(bars.bar_ms, bars.market) > splits["val"].target.max()] *= 1.7
    table = replace(bars, ohlcv=poisoned)
    clean, other = (
        by_market(bars, RULES, PRICE_VOLUME, splits),
        by_market(table, RULES, PRICE_VOLUME, _splits(table)),
    )
    assert not _same(splits["test"].samples, _splits(table)["test"].samples)
    assert _same(clean.train, other.train)
    assert _same(clean.validation, other.validation)


def test_the_shift_is_chosen_on_val_alone(made: Made) -> None:
    bars, splits = made
    lesson = by_market(bars, RULES, PRICE_VOLUME, splits)
    test = splits["test"]
    first = test.target < np.median(test.target)
    whole, *halves = (
        np.array(_scores(lesson, part).seeds[0].confusion)
        for part in (test, _take(test, first), _take(test, ~first))
    )
    assert np.array_equal(halves[0] + halves[1], whole)
    everything = np.ones(len(lesson.validation.label), np.bool_)
    day = dates(lesson.validation.target_ms, bars.market)
    label = lesson.validation.label
    val = Labelled(samples=lesson.validation, found=everything, label=label, target=day)
    assert _scores(lesson, val).seeds[0].says_up == pytest.approx(0.5, abs=0.01)


def test_splits_that_overlap_are_refused(made: Made) -> None:
    bars, splits = made
    mixed = splits | {"val": replace(splits["val"], target=splits["val"].target - 5)}
    with pytest.raises(DataError, match="val must begin after train ends"):
        by_market(bars, RULES, PRICE_VOLUME, mixed)
    late = splits | {"test": replace(splits["test"], target=splits["test"].target - 5)}
    with pytest.raises(DataError, match="test must begin after val ends"):
        by_market(bars, RULES, PRICE_VOLUME, late)


def test_one_ticker_has_no_market_to_beat(table: Callable[..., BarTable]) -> None:
    bars = table(tickers=1, bars=BARS)
    with pytest.raises(DataError, match="a relative target needs several"):
        by_market(bars, RULES, PRICE_VOLUME, _splits(bars))


def _every(part: Labelled, step: int) -> Labelled:
    # The first and last day stay, so that the split spans the same days.
    chosen = np.arange(len(part.label)) % step == 0
    return _take(part, chosen | np.isin(part.target, (part.target.min(), part.target.max())))


def _take(part: Labelled, chosen: Bool) -> Labelled:
    return Labelled(
        samples=part.samples.take(chosen),
        found=part.found[chosen],
        label=part.label[chosen],
        target=part.target[chosen],
    )
