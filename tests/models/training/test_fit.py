from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
import torch

from models.bundles.recipe import Recipe
from models.calibration.static import softmax
from models.data.bars import Rules
from models.data.features.price_volume import PRICE_VOLUME
from models.data.labels import FixedReturn
from models.data.scaler import Scaler
from models.data.table import BarTable
from models.evaluation.metrics.classification import confusion, matthews
from models.networks import cnn1d, gaf_cnn, transformer
from models.networks.ensemble import members_of
from models.networks.kinds import NETWORKS
from models.training.dataset import Samples, Split, collect, split
from models.training.fit import Epoch, Fit, Run, fit, predict_logits
from shared.contract import Float64
from shared.errors import DataError

SIZES = cnn1d.Cnn1dSizes(channels=(4,))


@pytest.fixture(scope="module")
def spans(table: Callable[..., BarTable]) -> Split:
    samples, _ = collect(
        table(tickers=3, bars=200),
        Rules(interval_s=86_400, jump_limit=0.31),
        FixedReturn(),
        PRICE_VOLUME,
    )
    times = np.unique(samples.target_ms)
    return split(samples, int(times[100]), int(times[130]), 7)


def trained(spans: Split, recipe: Recipe, report: Callable[[Epoch], None] | None = None) -> Fit:
    return fit("cnn1d", SIZES, spans, recipe, report or (lambda _: None))


def log_loss(fitted: Fit, samples: Samples) -> float:
    probabilities = softmax(predict_logits(fitted.network, fitted.scaler, samples.windows))
    return float(-np.log(probabilities[np.arange(len(samples.label)), samples.label]).mean())


def only_run(fitted: Fit) -> Run:
    (run,) = fitted.runs
    assert run.kept
    return run


def weights_of(fitted: Fit) -> Float64:
    return np.concatenate([p.detach().numpy().ravel() for p in fitted.network.parameters()])


def test_the_best_weights_are_kept_though_later_epochs_are_worse(spans: Split) -> None:
    seen: list[Epoch] = []
    recipe = Recipe(epochs=40, patience=6, learning_rate=0.05)
    fitted = trained(spans, recipe, seen.append)
    losses = [epoch.validation_loss for epoch in seen]
    best = int(np.argmin(losses))
    assert losses[-1] > losses[best]
    run = only_run(fitted)
    assert run.best == seen[best]
    assert log_loss(fitted, spans.validation) == pytest.approx(losses[best], abs=1e-5)
    assert fitted.validation_loss == pytest.approx(losses[best], abs=1e-5)
    assert (run.epochs, run.ended_by) == (best + 1 + 6, "patience")
    assert not fitted.network.training


def test_it_ends_with_the_last_epoch(spans: Split) -> None:
    run = only_run(trained(spans, Recipe(epochs=3)))
    assert (run.epochs, run.ended_by) == (3, "epochs")


def test_the_same_seed_gives_the_same_weights(spans: Split) -> None:
    first, second = (weights_of(trained(spans, Recipe(epochs=2, seed=4))) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, weights_of(trained(spans, Recipe(epochs=2, seed=5))))


def test_the_callers_random_numbers_are_left_alone(spans: Split) -> None:
    before = torch.random.get_rng_state()
    trained(spans, Recipe(epochs=1))
    torch.testing.assert_close(torch.random.get_rng_state(), before, rtol=0, atol=0)


def test_the_scaler_is_of_the_train_span_alone(spans: Split) -> None:
    fitted = trained(spans, Recipe(epochs=1))
    assert fitted.scaler == Scaler.fit(spans.train.windows)


def test_the_test_span_is_never_looked_at(spans: Split) -> None:
    wrecked = replace(spans.test, windows=spans.test.windows * 100, label=2 - spans.test.label)
    first = trained(spans, Recipe(epochs=2))
    second = trained(replace(spans, test=wrecked), Recipe(epochs=2))
    np.testing.assert_array_equal(weights_of(first), weights_of(second))


def test_an_interrupt_keeps_the_best_so_far(spans: Split) -> None:
    def stop_at_three(epoch: Epoch) -> None:
        if epoch.number == 3:
            raise KeyboardInterrupt

    fitted = trained(spans, Recipe(epochs=9), stop_at_three)
    run = only_run(fitted)
    assert (run.epochs, run.ended_by) == (3, "interrupt")
    loss = log_loss(fitted, spans.validation)
    assert loss == pytest.approx(run.best.validation_loss, abs=1e-5)


def test_an_interrupt_before_anything_was_learned_is_one(
    spans: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "randperm", interrupt)
    with pytest.raises(KeyboardInterrupt):
        trained(spans, Recipe(epochs=9))


def test_of_several_seeds_the_best_is_kept(spans: Split) -> None:
    fitted = trained(spans, Recipe(epochs=2, seed=4, seeds=3))
    assert [run.seed for run in fitted.runs] == [4, 5, 6]
    losses = [run.best.validation_loss for run in fitted.runs]
    best = int(np.argmin(losses))
    assert [run.kept for run in fitted.runs] == [i == best for i in range(3)]
    alone = trained(spans, Recipe(epochs=2, seed=4 + best))
    np.testing.assert_array_equal(weights_of(fitted), weights_of(alone))
    assert fitted.validation_loss == pytest.approx(losses[best], abs=1e-6)


def test_an_ensemble_holds_the_runs_that_its_seeds_give_alone(spans: Split) -> None:
    fitted = trained(spans, Recipe(epochs=2, ensemble=2, seed=7))
    alone = [trained(spans, Recipe(epochs=2, seed=seed)) for seed in (7, 8)]
    assert [run.kept for run in fitted.runs] == [True, True]
    np.testing.assert_array_equal(weights_of(fitted), np.concatenate([*map(weights_of, alone)]))
    assert not fitted.network.training
    assert fitted.validation_loss == pytest.approx(log_loss(fitted, spans.validation), abs=1e-5)


def test_an_ensemble_takes_the_best_of_more_seeds(spans: Split) -> None:
    fitted = trained(spans, Recipe(epochs=1, seeds=4, ensemble=2))
    kept = [run.best.validation_loss for run in fitted.runs if run.kept]
    others = [run.best.validation_loss for run in fitted.runs if not run.kept]
    assert len(kept) == len(others) == 2
    assert max(kept) < min(others)
    assert len(members_of(fitted.network)) == 2


@pytest.mark.parametrize(("epoch", "runs"), [(1, 2), (2, 2)])
def test_an_interrupt_keeps_what_an_ensemble_has_so_far(
    spans: Split, epoch: int, runs: int
) -> None:
    def stop(seen: Epoch) -> None:
        if (seen.run, seen.number) == (2, epoch):
            raise KeyboardInterrupt

    fitted = trained(spans, Recipe(epochs=2, ensemble=5), stop)
    assert [run.ended_by for run in fitted.runs] == ["epochs", "interrupt"]
    assert len(members_of(fitted.network)) == runs


def test_an_interrupt_before_the_first_epoch_of_a_run_keeps_those_before(
    spans: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    randperm = torch.randperm
    seen: list[Epoch] = []

    def interrupt(n: int) -> torch.Tensor:
        if len(seen) == 1:
            raise KeyboardInterrupt
        return randperm(n)

    monkeypatch.setattr(torch, "randperm", interrupt)
    fitted = trained(spans, Recipe(epochs=1, ensemble=5), seen.append)
    assert [run.ended_by for run in fitted.runs] == ["epochs"]
    assert len(members_of(fitted.network)) == 1


def test_a_training_that_diverges_says_so(spans: Split) -> None:
    with pytest.raises(DataError, match="a smaller learning_rate may help"):
        trained(spans, Recipe(epochs=2, learning_rate=1e30))


def made_of_noise(n: int, seed: int) -> Samples:
    """Windows of noise whose class is told by three cells of them."""
    windows = np.random.default_rng(seed).normal(0, 1, (n, 6, 8)).astype(np.float32)
    told = windows[:, 5, 3] + windows[:, 4, 3] - windows[:, 5, 7]
    label = np.select([told > 0.7, told < -0.7], [2, 0], 1).astype(np.int64)
    times = np.arange(n, dtype=np.int64)
    return Samples(
        windows=windows,
        label=label,
        decided_ms=times,
        target_ms=times + 1,
        ticker=np.zeros(n, np.int32),
        ordinal=times,
        volatility=np.zeros(n, np.float32),
        log_returns=np.zeros((n, 6), np.float32),
        returns=np.zeros(n),
        delayed=np.zeros(n),
    )


@pytest.mark.parametrize(("class_weights", "share"), [("none", 0.1), ("balanced", 0.5)])
def test_balanced_classes_count_alike_however_rare(
    class_weights: Literal["none", "balanced"], share: float
) -> None:
    made = made_of_noise(1000, 1)
    rare = np.where(np.arange(1000) % 10 == 0, 2, 0)
    silent = replace(made, windows=np.zeros_like(made.windows), label=rare)  # only shares are told
    recipe = Recipe(epochs=20, batch=100, learning_rate=0.02, class_weights=class_weights)
    fitted = trained(Split(train=silent, validation=silent, test=silent), recipe)
    said = softmax(predict_logits(fitted.network, fitted.scaler, silent.windows[:1]))[0]
    np.testing.assert_allclose(said, [1 - share, 0, share], atol=0.05)


TINY = {
    "cnn1d": cnn1d.Cnn1dSizes(channels=(8,), dropout=0.0),
    "transformer": transformer.TransformerSizes(width=8, heads=2, layers=1, dropout=0.0),
    "gaf_cnn": gaf_cnn.GafCnnSizes(channels=(8,), dropout=0.0),
}


def held_out_mcc(kind: str, spans: Split, recipe: Recipe) -> float:
    fitted = fit(kind, TINY[kind], spans, recipe, lambda _: None)
    answers = predict_logits(fitted.network, fitted.scaler, spans.test.windows).argmax(axis=1)
    return float(matthews(confusion(spans.test.label, answers)))


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_planted_pattern_is_recovered(kind: str) -> None:
    spans = Split(
        train=made_of_noise(3000, 1),
        validation=made_of_noise(1000, 2),
        test=made_of_noise(2000, 3),
    )
    recipe = Recipe(epochs=6, batch=64, learning_rate=0.01)
    assert held_out_mcc(kind, spans, recipe) > 0.5


@pytest.mark.parametrize("kind", NETWORKS)
def test_shuffled_labels_show_no_skill(kind: str) -> None:
    def shuffled(samples: Samples, seed: int) -> Samples:
        return replace(samples, label=np.random.default_rng(seed).permutation(samples.label))

    spans = Split(
        train=shuffled(made_of_noise(3000, 1), 4),
        validation=shuffled(made_of_noise(1000, 2), 5),
        test=shuffled(made_of_noise(8000, 3), 6),
    )
    # By chance alone the MCC of 8,000 answers has a standard deviation of about 0.008.
    mcc = held_out_mcc(kind, spans, Recipe(epochs=2, batch=64, learning_rate=0.01))
    assert abs(mcc) < 0.05
