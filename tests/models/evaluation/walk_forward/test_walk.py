from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.testing import assert_allclose

from models.bundles.recipe import Recipe
from models.calibration.adaptive import AdaptiveState, Recalibrator
from models.calibration.static import softmax
from models.calibration.stream import stream
from models.data.features.price_volume import PRICE_VOLUME
from models.data.labels import FixedReturn
from models.evaluation.baselines import LIGHTGBM, LOGISTIC, fit_lightgbm
from models.evaluation.metrics.forecasts import ADAPTIVE, RAW, STATIC
from models.evaluation.parallel import do_all
from models.evaluation.walk_forward.fold_tasks import FoldTask, FoldWork, runs_of, tasks_of
from models.evaluation.walk_forward.folds import plan_folds, spans_of
from models.evaluation.walk_forward.run_folder import RunFolder, WalkForwardCard, open_run
from models.evaluation.walk_forward.walk import RECALIBRATED, Walk, walk
from models.evaluation.walk_forward.walk import subject_of as walk_case
from models.networks.cnn1d import Cnn1dSizes
from models.networks.ensemble import Ensemble, members_of
from models.training import calibration
from models.training.calibration import fit_calibration
from models.training.dataset import Samples, gap_for, join_samples
from models.training.fit import fit as fit_network
from models.training.fit import predict_logits
from models.training.plan import Plan
from shared.errors import DataError
from shared.markets import MARKETS

Planted = Callable[..., Samples]
PLAN = Plan(
    name="tiny",
    sizes={"channels": [4], "dropout": 0.0},
    features=PRICE_VOLUME.name,
    recipe=Recipe(seed=5, epochs=2, seeds=3, ensemble=2, batch=64),
    calibration="vector",
    trials=9,
)


def _quiet(_: object) -> None:
    """Say nothing."""


@pytest.fixture
def samples(planted: Planted) -> Samples:
    return planted(days=80, tickers=6)


@pytest.fixture
def work(samples: Samples, tmp_path: Path) -> FoldWork:
    card = WalkForwardCard(
        fingerprint="0" * 64,
        interval="1d",
        market="krx",
        sources=("made.csv",),
        network=PLAN.network,
        sizes=msgspec.to_builtins(PLAN.network_sizes()),
        features=PRICE_VOLUME.name,
        recipe=PLAN.recipe,
        label=FixedReturn(),
        jump_limit=0.31,
        folds=plan_folds(samples, MARKETS["krx"], 86_400, 2),
    )
    return FoldWork(card=card, samples=samples, folder=tmp_path / "run")


@pytest.fixture
def folder(work: FoldWork) -> RunFolder:
    """A run with all of its parts."""
    made = open_run(work.folder, work.card)
    do_all(work.do, tasks_of(work.card), 1, _quiet)
    return made


@pytest.fixture
def done(work: FoldWork, folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> Walk:
    """A walk whose folds have all that a calibration needs, few as their days are."""
    monkeypatch.setattr(calibration, "LEAST_OUTCOMES", 0)
    monkeypatch.setattr(calibration, "LEAST_PER_NUMBER", 0)
    return walk(work.samples, work.card, PLAN, folder, _quiet)


def test_every_fold_has_every_model(work: FoldWork) -> None:
    tasks = [(task.fold.name, task.model) for task in tasks_of(work.card)]
    models = ["run 1", "run 2", "run 3", LIGHTGBM, LOGISTIC]
    assert tasks == [(f, m) for f in ("fold 2", "fold 1") for m in models]


def test_the_runs_of_a_fold_are_those_that_training_would_make(
    work: FoldWork, folder: RunFolder
) -> None:
    fold = work.card.folds[0]
    spans = spans_of(work.samples, fold, gap_for(work.card.label))
    fitted = fit_network("cnn1d", PLAN.network_sizes(), spans, PLAN.recipe, _quiet)
    assert isinstance(fitted.network, Ensemble)
    assert isinstance(PLAN.network_sizes(), Cnn1dSizes)
    kept = [i for i, run in enumerate(fitted.runs) if run.kept]
    for i, member in zip(kept, members_of(fitted.network), strict=True):
        part = folder.read_part(fold.name, runs_of(work.card)[i])
        logits = predict_logits(member, fitted.scaler, spans.test.windows)
        assert_allclose(part.test, logits, atol=1e-5)
        assert part.loss == pytest.approx(fitted.runs[i].best.validation_loss)


def test_raw_is_the_mean_of_the_best_runs_over_all_folds(
    work: FoldWork, folder: RunFolder, done: Walk
) -> None:
    expected = []
    for fold in work.card.folds:
        parts = [folder.read_part(fold.name, run) for run in runs_of(work.card)]
        best = sorted(parts, key=lambda part: part.loss)[:2]
        expected.append(softmax((best[0].test + best[1].test) / 2))
    assert_allclose(done.walked.forecasts[RAW].probabilities, np.concatenate(expected))


def test_one_recalibrator_goes_through_all_folds(
    work: FoldWork, folder: RunFolder, done: Walk
) -> None:
    gap = gap_for(work.card.label)
    first, second = (spans_of(work.samples, fold, gap) for fold in work.card.folds)
    parts = [folder.read_part(fold.name, LIGHTGBM) for fold in work.card.folds]
    statics = [
        fit_calibration("vector", part.validation, span.validation.label)
        for part, span in zip(parts, (first, second), strict=True)
    ]
    logits = np.concatenate(
        [
            statics[0].apply(parts[0].validation),
            statics[0].apply(parts[0].test),
            statics[1].apply(parts[1].test),
        ]
    )
    rows = join_samples([first.validation, first.test, second.test])
    recalibrator = Recalibrator(AdaptiveState())
    said = stream(recalibrator, logits, rows.decided_ms, rows.target_ms, rows.label)
    shown = said.probabilities[len(first.validation.label) :]
    assert_allclose(done.walked.forecasts[LIGHTGBM + RECALIBRATED].probabilities, shown)


def test_folds_that_are_too_short_are_not_calibrated_and_say_so(
    work: FoldWork, folder: RunFolder
) -> None:
    short = walk(work.samples, work.card, PLAN, folder, _quiet)
    assert [warning.split(":")[0] for warning in short.warnings] == [
        f"Fold {fold.name}" for fold in work.card.folds
    ]
    said = {name: found.probabilities for name, found in short.walked.forecasts.items()}
    assert_allclose(said[STATIC], said[RAW])
    case = walk_case(short.walked, work.card, PLAN, 10.0, [], short.warnings)
    assert tuple(case.warnings) == short.warnings


def test_a_baseline_says_what_it_would_say_alone(work: FoldWork, done: Walk) -> None:
    spans = spans_of(work.samples, work.card.folds[0], gap_for(work.card.label))
    alone = fit_lightgbm(spans.train, spans.validation)(spans.test)
    first = done.walked.forecasts[LIGHTGBM].probabilities[: len(spans.test.label)]
    assert_allclose(first, alone.probabilities, atol=1e-5)


def test_what_is_planted_is_found_in_rows_that_nobody_saw(work: FoldWork, done: Walk) -> None:
    case = walk_case(done.walked, work.card, PLAN, 10.0, ["mine"])
    assert [a.name for a in case.ours] == [RAW, STATIC, ADAPTIVE]
    assert len(case.baselines) == 7
    assert list(case.parts["fold"]).count("fold 2") == len(case.realized) // 2
    assert case.terms.trials == 9
    up = case.realized.label == 2
    said = done.walked.forecasts[LOGISTIC].probabilities[:, 2]
    assert said[up].mean() > said[~up].mean() + 0.1


def test_a_part_of_other_bars_is_refused(work: FoldWork, folder: RunFolder) -> None:
    part = folder.read_part("fold 1", LOGISTIC)
    folder.keep_part("fold 1", LOGISTIC, replace(part, test=part.test[1:]))
    with pytest.raises(DataError, match="a part does not fit the bars"):
        walk(work.samples, work.card, PLAN, folder, _quiet)


def test_an_interrupted_fit_keeps_nothing(work: FoldWork, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = open_run(work.folder, work.card)
    task = FoldTask(fold=work.card.folds[0], model="run 1")
    calls = []

    def interrupt(_: object) -> None:
        calls.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr("models.evaluation.walk_forward.fold_tasks._quiet", interrupt)
    with pytest.raises(KeyboardInterrupt):
        work.do(task)
    assert calls
    assert not folder.part_file("fold 1", "run 1").exists()
