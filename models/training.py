"""Fitting a network: AdamW, early stopping on the log loss of a later span, best weights kept."""

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
import numpy as np
import torch
from torch import Tensor, nn

from models.dataset import Samples, Split
from models.networks import NETWORKS
from models.scaler import Scaler
from shared.contract import Float32, Float64

_Positive = Annotated[int, msgspec.Meta(ge=1)]
_ANSWERS_AT_ONCE: Final = 8192

EndedBy = Literal["patience", "epochs", "interrupt"]


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to train; the card keeps it.

    Attributes:
        seed: Start of all random numbers.
        epochs: Passes over the train span, at most.
        patience: Passes without a better validation loss after which it ends.
        batch: Samples a step.
        learning_rate: Of AdamW.
        weight_decay: Of AdamW.
    """

    seed: Annotated[int, msgspec.Meta(ge=0)] = 0
    epochs: _Positive = 60
    patience: _Positive = 8
    batch: _Positive = 512
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] = 1e-3
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] = 1e-2


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One finished pass over the train span.

    Attributes:
        number: From 1.
        train_loss: Mean log loss of its steps, with dropout, nats.
        validation_loss: Log loss on the validation span after it, nats.
    """

    number: int
    train_loss: float
    validation_loss: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """A trained network.

    Attributes:
        network: With the weights of the best epoch, in eval mode.
        scaler: Fitted on the train span alone.
        best: The epoch with the least validation loss.
        epochs: Passes that were finished.
        ended_by: Why there were no more.
    """

    network: nn.Module
    scaler: Scaler
    best: Epoch
    epochs: int
    ended_by: EndedBy


def fit(
    kind: str,
    sizes: msgspec.Struct,
    spans: Split,
    recipe: Recipe,
    report: Callable[[Epoch], None],
) -> Fit:
    """Return a network trained on one span and chosen on the next; the test is not looked at.

    The same seed gives the same weights on the same machine with the same number of threads, and
    the caller's random numbers are left alone. Ctrl-C keeps the best epoch so far.

    Args:
        kind: Name in `NETWORKS`.
        sizes: Its hyper-parameters.
        spans: The samples.
        recipe: How to train.
        report: Called after each epoch.

    Raises:
        KeyboardInterrupt: Ctrl-C came before the first epoch ended.
    """
    scaler = Scaler.fit(spans.train.windows)
    train, validation = _tensors(scaler, spans.train), _tensors(scaler, spans.validation)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        network = NETWORKS[kind].build(sizes)
        epochs = _epochs(network, train, validation, recipe)
        best, finished, ended_by = _keep_best(network, epochs, recipe.patience, report)
    return Fit(network=network.eval(), scaler=scaler, best=best, epochs=finished, ended_by=ended_by)


def predict(network: nn.Module, scaler: Scaler, windows: Float32) -> Float64:
    """Return (n, 3) float64 probabilities of (n, 6, 8) float32 raw windows, n at least 1."""
    batches = torch.split(torch.from_numpy(scaler.apply(windows)), _ANSWERS_AT_ONCE)
    with torch.inference_mode():
        rows = torch.cat([network(x).softmax(dim=1) for x in batches])
    return rows.numpy().astype(np.float64)


def _keep_best(
    network: nn.Module,
    epochs: Iterator[Epoch],
    patience: int,
    report: Callable[[Epoch], None],
) -> tuple[Epoch, int, EndedBy]:
    # Leaves the weights of the best epoch in the network, however the passes end.
    epoch = best = Epoch(number=0, train_loss=math.inf, validation_loss=math.inf)
    weights = network.state_dict()
    ended_by: EndedBy = "epochs"
    try:
        for epoch in epochs:
            if epoch.validation_loss < best.validation_loss:
                best, weights = epoch, copy.deepcopy(network.state_dict())
            report(epoch)
            if epoch.number - best.number >= patience:
                ended_by = "patience"
                break
    except KeyboardInterrupt:
        if best.number == 0:
            raise
        ended_by = "interrupt"
    network.load_state_dict(weights)
    return best, epoch.number, ended_by


def _tensors(scaler: Scaler, samples: Samples) -> tuple[Tensor, Tensor]:
    # (n, 6, 8) scaled windows and (n,) labels.
    return torch.from_numpy(scaler.apply(samples.windows)), torch.from_numpy(samples.label)


def _epochs(
    network: nn.Module,
    train: tuple[Tensor, Tensor],
    validation: tuple[Tensor, Tensor],
    recipe: Recipe,
) -> Iterator[Epoch]:
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    windows, labels = train
    for number in range(1, recipe.epochs + 1):
        network.train()
        losses = []
        for chosen in torch.split(torch.randperm(len(labels)), recipe.batch):
            loss = nn.functional.cross_entropy(network(windows[chosen]), labels[chosen])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            losses.append(loss.item())
        yield Epoch(
            number=number,
            train_loss=float(np.mean(losses)),
            validation_loss=_log_loss(network.eval(), *validation),
        )


@torch.inference_mode()
def _log_loss(network: nn.Module, windows: Tensor, labels: Tensor) -> float:
    logits = torch.cat([network(x) for x in torch.split(windows, _ANSWERS_AT_ONCE)])
    return float(nn.functional.cross_entropy(logits, labels))
