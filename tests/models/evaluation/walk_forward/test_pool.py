from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.bundles.recipe import Recipe
from models.data.features.price_volume import PRICE_VOLUME
from models.data.labels import FixedReturn
from models.evaluation.baselines import LIGHTGBM, LOGISTIC
from models.evaluation.metrics.classification import metrics_of
from models.evaluation.metrics.forecasts import ADAPTIVE, STATIC, Forecasts, Realized
from models.evaluation.report import page
from models.evaluation.walk_forward.folds import Fold
from models.evaluation.walk_forward.pool import NAMES, Contest, pool, read_contest
from models.evaluation.walk_forward.pool_report import PoolReport
from models.evaluation.walk_forward.run_folder import Walked, WalkForwardCard, open_run
from models.reporting.html import write
from models.training.dataset import Samples
from shared.contract import Float64
from shared.errors import DataError

Planted = Callable[..., Samples]
Made = Callable[..., Contest]
CARD = WalkForwardCard(
    fingerprint="0" * 64,
    interval="1d",
    market="krx",
    sources=("a.csv",),
    network="cnn1d",
    sizes={},
    features=PRICE_VOLUME.name,
    recipe=Recipe(),
    label=FixedReturn(),
    jump_limit=0.31,
    folds=(Fold(name="2022", train_until_ms=1, validate_until_ms=2, test_until_ms=3),),
)
SKILL = {ADAPTIVE: 0.5, STATIC: 0.4, LIGHTGBM: 0.3, LOGISTIC: 0.1}


def _shares(samples: Samples, skill: float) -> Float64:
    random = np.random.default_rng(2)
    logits = random.normal(0, 0.2, (len(samples.label), 3)) + skill * np.eye(3)[samples.label]
    return np.asarray(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))


def _walked(samples: Samples, names: tuple[str, ...] = NAMES) -> Walked:
    answers = {
        n: Forecasts.most_probable(n, _shares(samples, SKILL[n.split(",")[0]])) for n in names
    }
    fold = ["2022"] * len(samples.label)
    return Walked(realized=Realized.of(samples), fold=fold, forecasts=answers)


@pytest.fixture
def made(planted: Planted, tmp_path: Path) -> Made:
    """A finished run, read back."""

    def make(name: str, *, days: int = 60, seed: int = 0, fingerprint: str = "") -> Contest:
        card = msgspec.structs.replace(CARD, fingerprint=fingerprint or f"{seed:064d}")
        open_run(tmp_path / name, card).keep_rows(_walked(planted(days=days, seed=seed)))
        return read_contest(tmp_path / name, name)

    return make


def test_one_run_alone_has_the_skill_of_its_rows(made: Made, planted: Planted) -> None:
    report = pool([made("a")], [])
    samples = planted(days=60)
    expected = metrics_of(samples.label, _shares(samples, 0.5)).up_brier_skill
    for pooled in (*report.pooled, *report.sets, *report.years):
        assert pooled.skill[ADAPTIVE].value == pytest.approx(expected)
        assert (pooled.rows, pooled.days) == (300, 60)


def test_over_all_rows_errors_and_references_are_summed(made: Made) -> None:
    first, second = made("a", days=60, seed=1), made("b", days=30, seed=2)
    every, each = pool([first, second], []).pooled
    place = NAMES.index(ADAPTIVE)
    errors = [c.errors[:, place].sum() for c in (first, second)]
    references = [len(c.up) * c.up.mean() * (1 - c.up.mean()) for c in (first, second)]
    assert every.skill[ADAPTIVE].value == pytest.approx(1 - sum(errors) / sum(references))
    alone = [1 - e / r for e, r in zip(errors, references, strict=True)]
    assert each.skill[ADAPTIVE].value == pytest.approx(np.mean(alone))


def test_a_duel_is_the_difference_of_the_skills_and_of_the_errors(made: Made) -> None:
    contest = made("a")
    report = pool([contest], [])
    duel = report.pooled[0].duel(ADAPTIVE, LIGHTGBM)
    skills = report.pooled[0].skill
    assert duel.skill.value == pytest.approx(skills[ADAPTIVE].value - skills[LIGHTGBM].value)
    mine, theirs = (contest.errors[:, NAMES.index(n)] for n in (ADAPTIVE, LIGHTGBM))
    assert duel.brier.value == pytest.approx((theirs - mine).mean())
    assert duel.skill.above_zero
    assert duel.brier.above_zero


def test_the_better_one_is_called_better(made: Made) -> None:
    words = " ".join(pool([made("a", seed=1), made("b", seed=2)], []).meaning)
    assert "Against LightGBM, paired by day: +" in words
    assert words.count(", better.") >= 4
    assert "ahead of LightGBM on 2 of 2 data sets" in words


def test_dates_that_data_sets_share_are_resampled_together(made: Made) -> None:
    same = pool([made("a", seed=1), made("b", seed=2)], [])
    assert same.pooled[0].days == 60
    assert sum(line.rows for line in same.years) == same.pooled[0].rows == 600


def test_the_same_bars_twice_are_warned_of(made: Made) -> None:
    report = pool([made("a", seed=1), made("b", seed=1)], [])
    assert report.warnings == ("a and b are of the same bars, which count twice.",)
    assert "WARNING" in page.pool_terminal(report)


def test_a_run_without_a_forecaster_is_refused(planted: Planted, tmp_path: Path) -> None:
    open_run(tmp_path / "run", CARD).keep_rows(_walked(planted(), (ADAPTIVE, STATIC)))
    with pytest.raises(DataError, match="has no answers of LightGBM, LightGBM, recalibrated"):
        read_contest(tmp_path / "run", "run")


def test_page_and_json(made: Made, tmp_path: Path) -> None:
    report = pool([made("a", seed=1), made("b", days=4, seed=2)], ["mine"])
    text = page.pool_html(report)
    beside = write(text, report, tmp_path / "pool.html")
    assert msgspec.json.decode(beside.read_bytes(), type=PoolReport) == report
    assert "http" not in text
    assert text.count("data:image/svg+xml") == 1
    assert "adaptive less<br>LightGBM" in text
    assert "features price_volume" in report.facts["a"]
