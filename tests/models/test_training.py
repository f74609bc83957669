from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from models.bars import Rules
from models.dataset import Samples, Split, collect, split
from models.labels import FixedReturn
from models.networks.cnn1d import Sizes
from models.scaler import Scaler
from models.table import BarTable
from models.training import Epoch, Fit, Recipe, fit, predict
from shared.contract import Float64

SIZES = Sizes(channels=(4,))


@pytest.fixture
def spans(table: Callable[..., BarTable]) -> Split:
    samples, _ = collect(
        table(tickers=3, bars=200), Rules(interval_s=86_400, jump_limit=0.31), FixedReturn()
    )
    times = np.unique(samples.target_ms)
    return split(samples, int(times[100]), int(times[130]), 7)


def trained(spans: Split, recipe: Recipe, report: Callable[[Epoch], None] | None = None) -> Fit:
    return fit("cnn1d", SIZES, spans, recipe, report or (lambda _: None))


def log_loss(fitted: Fit, samples: Samples) -> float:
    probabilities = predict(fitted.network, fitted.scaler, samples.windows)
    return float(-np.log(probabilities[np.arange(len(samples.label)), samples.label]).mean())


def weights_of(fitted: Fit) -> Float64:
    return np.concatenate([p.detach().numpy().ravel() for p in fitted.network.parameters()])


def test_the_best_weights_are_kept_though_later_epochs_are_worse(spans: Split) -> None:
    seen: list[Epoch] = []
    recipe = Recipe(epochs=40, patience=6, learning_rate=0.05)
    fitted = trained(spans, recipe, seen.append)
    losses = [epoch.validation_loss for epoch in seen]
    best = int(np.argmin(losses))
    assert losses[-1] > losses[best]
    assert fitted.best == seen[best]
    assert log_loss(fitted, spans.validation) == pytest.approx(losses[best], abs=1e-5)
    assert (fitted.epochs, fitted.ended_by) == (best + 1 + 6, "patience")
    assert not fitted.network.training


def test_it_ends_with_the_last_epoch(spans: Split) -> None:
    fitted = trained(spans, Recipe(epochs=3))
    assert (fitted.epochs, fitted.ended_by) == (3, "epochs")


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
    assert (fitted.epochs, fitted.ended_by) == (3, "interrupt")
    loss = log_loss(fitted, spans.validation)
    assert loss == pytest.approx(fitted.best.validation_loss, abs=1e-5)


def test_an_interrupt_before_anything_was_learned_is_one(
    spans: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "randperm", interrupt)
    with pytest.raises(KeyboardInterrupt):
        trained(spans, Recipe(epochs=9))


def test_what_can_be_learned_is_learned(spans: Split) -> None:
    def planted(samples: Samples) -> Samples:
        return replace(samples, label=np.where(samples.windows[:, -1, 3] > 0, 2, 0))

    told = Split(
        train=planted(spans.train),
        validation=planted(spans.validation),
        test=planted(spans.test),
    )
    fitted = trained(told, Recipe(epochs=40, batch=32, learning_rate=0.01))
    answers = predict(fitted.network, fitted.scaler, told.test.windows).argmax(axis=1)
    assert (answers == told.test.label).mean() > 0.9
