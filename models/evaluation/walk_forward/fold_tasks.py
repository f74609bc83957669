"""The models of a walk-forward, each fitted in its fold and kept as soon as it is done."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from models.evaluation.baselines import BASELINES, LIGHTGBM, LOGISTIC
from models.evaluation.prequential import as_logits
from models.evaluation.walk_forward.folds import Fold, spans_of
from models.evaluation.walk_forward.run_folder import FoldPart, RunFolder, WalkForwardCard
from models.networks.kinds import network_kind
from models.training.dataset import Samples, Split, gap_for
from models.training.fit import Epoch, fit, predict_logits

_RUN: Final = "run "


@dataclass(frozen=True, kw_only=True)
class FoldTask:
    """One model to fit in one fold.

    Attributes:
        fold: Which fold.
        model: A baseline's name, or `run ` and the number of one of the recipe's runs.
    """

    fold: Fold
    model: str


@dataclass(frozen=True, kw_only=True, eq=False)
class FoldWork:
    """What every task needs.

    Attributes:
        card: What is to be fitted.
        samples: All samples.
        folder: Where parts are kept.
    """

    card: WalkForwardCard
    samples: Samples
    folder: Path

    def do(self, task: FoldTask) -> FoldTask:
        """Fit one model, keep what it says, and return the task.

        Raises:
            KeyboardInterrupt: Ctrl-C came; nothing is kept.
        """
        spans = spans_of(self.samples, task.fold, gap_for(self.card.label))
        fitting = _network if task.model.startswith(_RUN) else _baseline
        part = fitting(self.card, spans, task.model)
        RunFolder(self.folder).keep_part(task.fold.name, task.model, part)
        return task


def tasks_of(card: WalkForwardCard) -> list[FoldTask]:
    """Return all tasks of a run, the longest of the largest folds first."""
    runs = [f"{_RUN}{number}" for number in range(1, card.recipe.runs + 1)]
    return [
        FoldTask(fold=fold, model=model)
        for fold in reversed(card.folds)
        for model in (*runs, LIGHTGBM, LOGISTIC)
    ]


def runs_of(card: WalkForwardCard) -> list[str]:
    """Return the names of the parts that are networks."""
    return [task.model for task in tasks_of(card)[: card.recipe.runs]]


def _network(card: WalkForwardCard, spans: Split, model: str) -> FoldPart:
    number = int(model.removeprefix(_RUN))
    recipe = msgspec.structs.replace(
        card.recipe, seed=card.recipe.seed + number - 1, seeds=1, ensemble=1
    )
    sizes = msgspec.convert(card.sizes, network_kind(card.network).sizes)
    fitted = fit(card.network, sizes, spans, recipe, _quiet)
    if fitted.runs[0].ended_by == "interrupt":
        raise KeyboardInterrupt
    return FoldPart(
        validation=predict_logits(fitted.network, fitted.scaler, spans.validation.windows),
        test=predict_logits(fitted.network, fitted.scaler, spans.test.windows),
        loss=fitted.validation_loss,
    )


def _baseline(card: WalkForwardCard, spans: Split, model: str) -> FoldPart:
    baseline = next(b for b in BASELINES if b.name == model)
    forecast = baseline.fit(spans.train, spans.validation)
    return FoldPart(
        validation=as_logits(forecast(spans.validation).probabilities),
        test=as_logits(forecast(spans.test).probabilities),
        loss=0.0,
    )


def _quiet(epoch: Epoch) -> None:
    """Say nothing: the parts are counted, not the epochs."""
