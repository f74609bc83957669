from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.bars import Rules
from models.bundle import load_bundle
from models.dataset import collect, gap_for, split
from models.engine import Engine
from models.figures import judge_answers
from models.labels import FixedReturn
from models.pipeline import Plan, make_bundle
from models.table import BarTable, instant
from models.training import Recipe
from shared.errors import DataError

Tables = Callable[..., BarTable]
PLAN = Plan(
    name="tiny",
    about="made",
    sources=("a.csv",),
    network="cnn1d",
    recipe=Recipe(epochs=2),
    jump_limit=0.31,
    train_until="2020-12-31",
    validate_until="2021-01-31",
)


def test_the_cards_figures_are_those_of_the_engine(table: Tables, tmp_path: Path) -> None:
    bars = table(tickers=3, bars=200)
    card = make_bundle(bars, PLAN, tmp_path, lambda _: None)
    bundle = load_bundle(str(tmp_path))
    assert bundle.card == card
    samples, _ = collect(bars, Rules(interval_s=86_400, jump_limit=0.31), FixedReturn())
    train, validate = (instant(day, bars.market, last=True) for day in ("2020-12-31", "2021-01-31"))
    test = split(samples, train, validate, gap_for(FixedReturn())).test
    said = Engine(bundle).explain(test.windows)
    figures = judge_answers(test.label, said.probabilities.astype(np.float64))
    assert figures.accuracy == card.test.model.accuracy
    assert figures.mcc == card.test.model.mcc
    assert figures.up_brier == pytest.approx(card.test.model.up_brier, abs=1e-6)


def test_the_card_says_what_was_done(table: Tables, tmp_path: Path) -> None:
    bars = table(tickers=3, bars=200)
    card = make_bundle(bars, PLAN, tmp_path, lambda _: None)
    assert card.data.fingerprint == bars.fingerprint()
    assert (card.data.tickers, card.data.bars) == (3, 600)
    assert (card.market, card.interval) == ("krx", "1d")
    assert (
        card.spans.train.last.isoformat() < "2020-12-31" < card.spans.validation.first.isoformat()
    )
    assert card.training.epochs == 2
    assert card.network.parameters == 2547
    assert card.test.majority.mcc == 0.0


def test_without_dates_the_spans_are_shares_of_time(table: Tables, tmp_path: Path) -> None:
    plan = Plan(
        **{f: getattr(PLAN, f) for f in PLAN.__struct_fields__ if not f.endswith("until")},
        train_until="",
        validate_until="",
    )
    spans = make_bundle(table(tickers=1, bars=225), plan, tmp_path, lambda _: None).spans
    assert spans.train.samples == 141 - 7
    assert spans.validation.samples == 30 - 7
    assert spans.test.samples == 29


def test_dates_outside_of_the_bars_are_refused(table: Tables, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the validation span"):
        make_bundle(table(bars=100), PLAN, tmp_path, lambda _: None)
