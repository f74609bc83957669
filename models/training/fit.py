"""Fitting a network: AdamW, early stopping on the loss of a later span, best weights kept."""

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import numpy as np
import torch
from torch import Tensor, nn

from models.bundles.recipe import ClassWeights, EndedBy, Recipe
from models.data.scaler import Scaler
from models.networks.ensemble import unite
from models.networks.kinds import build_network
from models.training.dataset import Samples, Split
from shared.contract import Class, Float32, Float64, Int64
from shared.errors import DataError

_ANSWERS_AT_ONCE: Final = 8192


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One finished pass over the train span.

    Attributes:
        run: Which of the recipe's runs, from 1.
        number: From 1.
        train_loss: Mean log loss of its steps, with dropout, nats.
        validation_loss: Log loss on the validation span after it, nats.
    """

    run: int
    number: int
    train_loss: float
    validation_loss: float


@dataclass(frozen=True, kw_only=True)
class Run:
    """The training of one network.

    Attributes:
        seed: Start of its random numbers.
        best: The epoch with the least validation loss; its weights were kept.
        epochs: Passes that were finished.
        ended_by: Why there were no more.
        kept: Whether it is in the network of the fit.
    """

    seed: int
    best: Epoch
    epochs: int
    ended_by: EndedBy
    kept: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """A trained network.

    Attributes:
        network: With the weights of the best epochs, in eval mode; an ensemble where several runs
            were kept.
        scaler: Fitted on the train span alone.
        runs: How the training went, in the order of the seeds.
        validation_loss: Loss of `network` on the validation span, nats.
    """

    network: nn.Module
    scaler: Scaler
    runs: tuple[Run, ...]
    validation_loss: float


@dataclass(frozen=True, kw_only=True, eq=False)
class _Prepared:
    # (n, 6, 8) scaled windows, (n,) labels, and the (3,) weight of each class.
    windows: Tensor
    labels: Tensor
    weights: Tensor


@dataclass(frozen=True, kw_only=True, eq=False)
class _Trained:
    run: Run
    network: nn.Module


def fit(
    kind: str,
    sizes: msgspec.Struct,
    spans: Split,
    recipe: Recipe,
    report: Callable[[Epoch], None],
) -> Fit:
    """Return a network trained on one span and chosen on the next; the test is not looked at.

    The same seed gives the same weights on the same machine with the same number of threads, and
    the caller's random numbers are left alone. Ctrl-C keeps the best epoch so far of the run that
    it ends, and the runs before it.

    Args:
        kind: Name of a network.
        sizes: Its hyper-parameters.
        spans: The samples.
        recipe: How to train.
        report: Called after each epoch.

    Raises:
        DataError: No epoch of a run had a finite validation loss.
        KeyboardInterrupt: Ctrl-C came before the first epoch ended.
    """
    scaler = Scaler.fit(spans.train.windows)
    weights = _class_weights(spans.train.label, recipe.class_weights)
    train, validation = (_span(scaler, part, weights) for part in (spans.train, spans.validation))
    trained: list[_Trained] = []
    try:
        for run in range(1, recipe.runs + 1):
            trained.append(_train(kind, sizes, (train, validation), recipe, run, report))
            if trained[-1].run.ended_by == "interrupt":
                break
    except KeyboardInterrupt:
        if not trained:
            raise
    runs, united = _choose(trained, recipe.ensemble)
    loss = _log_loss(united, validation)
    return Fit(network=united, scaler=scaler, runs=runs, validation_loss=loss)


def predict_logits(network: nn.Module, scaler: Scaler, windows: Float32) -> Float64:
    """Return (n, 3) float64 logits, before any calibration, of (n, 6, 8) float32 raw windows."""
    return logits_of(network, scaler.apply(windows))


def logits_of(network: nn.Module, scaled: Float32) -> Float64:
    """Return (n, 3) float64 logits, before any calibration, of (n, 6, 8) float32 scaled windows."""
    batches = torch.split(torch.from_numpy(scaled), _ANSWERS_AT_ONCE)
    with torch.inference_mode():
        rows = torch.cat([network(x) for x in batches])
    return rows.numpy().astype(np.float64)


def _class_weights(label: Int64, kind: ClassWeights) -> Tensor:
    # (3,) so that the mean weight of the samples is 1; a class that is absent weighs nothing.
    counts = np.bincount(label, minlength=len(Class))
    present = counts > 0
    balanced = np.where(present, len(label) / (present.sum() * np.maximum(counts, 1)), 0.0)
    weights = np.ones(len(Class)) if kind == "none" else balanced
    return torch.from_numpy(weights.astype(np.float32))


def _span(scaler: Scaler, samples: Samples, weights: Tensor) -> _Prepared:
    windows = torch.from_numpy(scaler.apply(samples.windows))
    return _Prepared(windows=windows, labels=torch.from_numpy(samples.label), weights=weights)


def _train(
    kind: str,
    sizes: msgspec.Struct,
    spans: tuple[_Prepared, _Prepared],
    recipe: Recipe,
    run: int,
    report: Callable[[Epoch], None],
) -> _Trained:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed + run - 1)
        network = build_network(kind, sizes, 1)
        epochs = _epochs(network, *spans, recipe, run)
        done = _keep_best(network, epochs, recipe, report)
    return _Trained(run=done, network=network.eval())


def _choose(trained: list[_Trained], members: int) -> tuple[tuple[Run, ...], nn.Module]:
    # The runs with the marks of those that are kept, and these as one network.
    by_loss = sorted((one.run for one in trained), key=lambda run: run.best.validation_loss)
    kept = {run.seed for run in by_loss[:members]}
    runs = tuple(replace(one.run, kept=one.run.seed in kept) for one in trained)
    return runs, unite([one.network for one in trained if one.run.seed in kept]).eval()


def _keep_best(
    network: nn.Module,
    epochs: Iterator[Epoch],
    recipe: Recipe,
    report: Callable[[Epoch], None],
) -> Run:
    # Leaves the weights of the best epoch in the network, however the passes end.
    epoch = best = Epoch(run=0, number=0, train_loss=math.inf, validation_loss=math.inf)
    weights = network.state_dict()
    ended_by: EndedBy = "epochs"
    try:
        for epoch in epochs:
            if epoch.validation_loss < best.validation_loss:
                best, weights = epoch, copy.deepcopy(network.state_dict())
            report(epoch)
            if epoch.number - best.number >= recipe.patience:
                ended_by = "patience"
                break
    except KeyboardInterrupt:
        if best.number == 0:
            raise
        ended_by = "interrupt"
    if best.number == 0:
        raise DataError("no epoch had a finite loss, a smaller learning_rate may help")
    network.load_state_dict(weights)
    seed = recipe.seed + best.run - 1
    return Run(seed=seed, best=best, epochs=epoch.number, ended_by=ended_by, kept=True)


def _epochs(
    network: nn.Module, train: _Prepared, validation: _Prepared, recipe: Recipe, run: int
) -> Iterator[Epoch]:
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    for number in range(1, recipe.epochs + 1):
        network.train()
        losses = []
        for chosen in torch.split(torch.randperm(len(train.labels)), recipe.batch):
            logits = network(train.windows[chosen])
            loss = nn.functional.cross_entropy(logits, train.labels[chosen], train.weights)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            losses.append(loss.item())
        yield Epoch(
            run=run,
            number=number,
            train_loss=float(np.mean(losses)),
            validation_loss=_log_loss(network.eval(), validation),
        )


@torch.inference_mode()
def _log_loss(network: nn.Module, span: _Prepared) -> float:
    logits = torch.cat([network(x) for x in torch.split(span.windows, _ANSWERS_AT_ONCE)])
    return float(nn.functional.cross_entropy(logits, span.labels, span.weights))
