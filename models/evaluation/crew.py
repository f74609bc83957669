"""All cores at work on the parts of a walk-forward, each with a copy of the samples.

A part is written by the process that made it. The processes end with the one that started them,
even where that is killed: they hold one end of a pipe, and its other end closes.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import msgspec
import torch

from models.dataset import Samples, Split, gap_for
from models.evaluation.baselines import BASELINES, LIGHTGBM, LOGISTIC
from models.evaluation.folds import Fold, spans_of
from models.evaluation.run_folder import Part, RunCard, RunFolder
from models.evaluation.streamed import logits_of
from models.networks import NETWORKS
from models.training import Epoch, fit, predict_logits

_RUN: Final = "run "
_ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, kw_only=True)
class Task:
    """One model to fit in one fold.

    Attributes:
        fold: Which fold.
        model: A baseline's name, or `run ` and the number of one of the recipe's runs.
    """

    fold: Fold
    model: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Work:
    """What every task needs.

    Attributes:
        card: What is to be fitted.
        samples: All samples.
        folder: Where parts are kept.
    """

    card: RunCard
    samples: Samples
    folder: Path

    def do(self, task: Task) -> Task:
        """Fit one model, keep what it says, and return the task.

        Raises:
            KeyboardInterrupt: Ctrl-C came; nothing is kept.
        """
        spans = spans_of(self.samples, task.fold, gap_for(self.card.label))
        fitting = _network if task.model.startswith(_RUN) else _baseline
        part = fitting(self.card, spans, task.model)
        RunFolder(self.folder).keep_part(task.fold.name, task.model, part)
        return task


def tasks_of(card: RunCard) -> list[Task]:
    """Return all tasks of a run, the longest of the largest folds first."""
    runs = [f"{_RUN}{number}" for number in range(1, card.recipe.runs + 1)]
    return [
        Task(fold=fold, model=model)
        for fold in reversed(card.folds)
        for model in (*runs, LIGHTGBM, LOGISTIC)
    ]


def runs_of(card: RunCard) -> list[str]:
    """Return the names of the parts that are networks."""
    return [task.model for task in tasks_of(card)[: card.recipe.runs]]


def do_all(work: Work, tasks: Sequence[Task], workers: int, report: Callable[[Task], None]) -> None:
    """Do all tasks; with one worker in this process, else in as many of their own.

    Args:
        work: What every task needs.
        tasks: What is left to do.
        workers: Processes.
        report: Called after each task.
    """
    if workers == 1 or len(tasks) <= 1:
        for task in tasks:
            report(work.do(task))
        return
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    crew = ProcessPoolExecutor(
        min(workers, len(tasks)),
        mp_context=context,
        initializer=_begin,
        initargs=(work, reader),
    )
    try:
        with _born_deaf():
            pending = [crew.submit(_do, task) for task in tasks]
        for done in as_completed(pending):
            report(done.result())
    except BaseException:
        writer.close()  # ends what is under way at once
        raise
    finally:
        crew.shutdown(cancel_futures=True)
        writer.close()


_works: list[Work] = []  # of a process of the crew: its own copy


def _begin(work: Work, ending: Connection) -> None:
    threading.Thread(target=_end_with, args=(ending,), daemon=True).start()
    torch.set_num_threads(1)
    _works.append(work)


def _end_with(ending: Connection) -> None:
    # Nobody ever writes: it reads the end when the other side closes, or is gone.
    try:
        ending.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _do(task: Task) -> Task:
    return _works[-1].do(task)


@contextmanager
def _born_deaf() -> Iterator[None]:
    # Processes started here ignore Ctrl-C, which a terminal sends to all, and use one thread.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    kept = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _network(card: RunCard, spans: Split, model: str) -> Part:
    number = int(model.removeprefix(_RUN))
    recipe = msgspec.structs.replace(
        card.recipe, seed=card.recipe.seed + number - 1, seeds=1, ensemble=1
    )
    sizes = msgspec.convert(card.sizes, NETWORKS[card.network].sizes)
    fitted = fit(card.network, sizes, spans, recipe, _quiet)
    if fitted.runs[0].ended_by == "interrupt":
        raise KeyboardInterrupt
    return Part(
        validation=predict_logits(fitted.network, fitted.scaler, spans.validation.windows),
        test=predict_logits(fitted.network, fitted.scaler, spans.test.windows),
        loss=fitted.validation_loss,
    )


def _baseline(card: RunCard, spans: Split, model: str) -> Part:
    baseline = next(b for b in BASELINES if b.name == model)
    forecast = baseline.fit(spans.train, spans.validation)
    return Part(
        validation=logits_of(forecast(spans.validation.windows).probabilities),
        test=logits_of(forecast(spans.test.windows).probabilities),
        loss=0.0,
    )


def _quiet(epoch: Epoch) -> None:
    """Say nothing: the parts are counted, not the epochs."""
