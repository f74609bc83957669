import functools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from models.bundles.recipe import Recipe
from models.evaluation.benchmark.labelled_days import Labelled
from models.evaluation.benchmark.lessons import by_label
from models.evaluation.benchmark.published import Benchmark, benchmark, first_seed
from models.training.dataset import Samples
from models.training.plan import Plan
from shared.contract import Bool

Planted = Callable[..., Samples]
PLAN = Plan(
    name="tiny",
    sizes={"channels": [4], "dropout": 0.0},
    recipe=Recipe(seed=10, epochs=8, seeds=2, ensemble=2, batch=64, learning_rate=0.01),
)


def _quiet(done: str) -> None:
    assert done


def _split(samples: Samples, missing: Bool | None = None) -> Labelled:
    moved = samples.take(samples.label != 1)
    found = np.ones(len(moved.label), np.bool_) if missing is None else ~missing
    return Labelled(
        samples=moved.take(found),
        found=found,
        label=moved.label,
        target=moved.target_ms // 86_400_000,
    )


@pytest.fixture(scope="module")
def splits(planted: Planted) -> Callable[..., dict[str, Labelled]]:
    def make(strength: float = 3.0) -> dict[str, Labelled]:
        names = ("train", "val", "test")
        return {
            name: _split(planted(days=100, strength=strength, seed=seed))
            for seed, name in enumerate(names)
        }

    return functools.cache(make)


@pytest.fixture(scope="module")
def scored(splits: Callable[..., dict[str, Labelled]]) -> Benchmark:
    """The scores of two seeds, for those who only read them."""
    return _scores(splits())


def _scores(splits: dict[str, Labelled], seeds: int = 2) -> Benchmark:
    return benchmark(by_label(splits), splits["test"], PLAN, seeds, "test", 1, _quiet)


def test_what_is_planted_is_recovered(scored: Benchmark) -> None:
    assert scored.mcc.value > 0.5
    assert scored.mcc.above_zero
    assert scored.accuracy.value > 0.75


def test_no_skill_is_found_in_shuffled_labels(splits: Callable[..., dict[str, Labelled]]) -> None:
    found = splits(0.0)
    scores = _scores(found)
    assert abs(scores.mcc.value) < 0.15
    assert not scores.mcc.above_zero


def test_the_mean_and_deviation_are_over_the_seeds(scored: Benchmark) -> None:
    accuracies = [seed.accuracy for seed in scored.seeds]
    assert scored.accuracy.value == pytest.approx(np.mean(accuracies))
    assert scored.accuracy_sd == pytest.approx(np.std(accuracies, ddof=1))
    assert scored.mcc_sd == pytest.approx(np.std([s.mcc for s in scored.seeds], ddof=1))
    assert [seed.seed for seed in scored.seeds] == [10, 12]
    assert [first_seed(PLAN, i) for i in range(3)] == [10, 12, 14]


def test_a_confusion_adds_up_to_the_accuracy_and_the_share_of_ups(
    splits: Callable[..., dict[str, Labelled]],
) -> None:
    scores = _scores(splits(), seeds=1)
    (seed,) = scores.seeds
    (down, wrong_up), (wrong_down, up) = seed.confusion
    assert down + wrong_up + wrong_down + up == scores.samples
    assert seed.accuracy == pytest.approx((down + up) / scores.samples)
    assert seed.says_up == pytest.approx((wrong_up + up) / scores.samples)
    assert scores.up_share == pytest.approx((wrong_down + up) / scores.samples)
    assert (scores.accuracy_sd, scores.mcc_sd) == (0.0, 0.0)


def test_a_sample_without_a_window_counts_as_wrong(
    splits: Callable[..., dict[str, Labelled]], planted: Planted
) -> None:
    found = splits()
    whole = _scores(found, seeds=1)
    test = planted(days=100, strength=3.0, seed=2)
    missing = np.zeros(len(found["test"].label), np.bool_)
    missing[::4] = True
    partly = _scores(found | {"test": _split(test, missing)}, seeds=1)
    assert partly.samples == whole.samples
    assert partly.missing == missing.sum()
    assert partly.accuracy.value == pytest.approx(whole.accuracy.value * 0.75, abs=0.03)


def test_val_can_be_scored_and_test_is_then_not_touched(
    splits: Callable[..., dict[str, Labelled]],
) -> None:
    found = splits()
    lesson = by_label(found)
    on_test = benchmark(lesson, found["test"], PLAN, 1, "test", 1, _quiet)
    on_val = benchmark(lesson, found["val"], PLAN, 1, "val", 1, _quiet)
    assert on_val.samples == len(found["val"].label)
    other = by_label(found | {"test": replace(found["val"], label=2 - found["val"].label)})
    assert on_val.seeds == benchmark(other, found["val"], PLAN, 1, "val", 1, _quiet).seeds
    assert on_val.seeds != on_test.seeds
    assert (on_val.split, on_test.split) == ("val", "test")
    assert on_val.target == "label"


def test_the_same_seeds_give_the_same_scores(
    splits: Callable[..., dict[str, Labelled]], scored: Benchmark
) -> None:
    assert _scores(splits()) == scored
