"""A published benchmark by its own protocol: fit on train, choose on val, score once a seed.

Feng et al., "Enhancing stock movement prediction with adversarial training", IJCAI 2019: samples
that moved up or down, answered up where P(2) >= P(0); a sample that cannot be answered is wrong.
Who has learned to beat the market knows no level of its own, so that its logits are shifted until
it calls half of val up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np

from models.calibration.static import Calibration, softmax
from models.evaluation.benchmark.labelled_days import Labelled
from models.evaluation.benchmark.lessons import Lesson, Target
from models.evaluation.metrics.bootstrap import (
    Days,
    Judged,
    Measured,
    MetricName,
    followed,
    judge_by_days,
    measure,
)
from models.evaluation.metrics.classification import confusion
from models.evaluation.metrics.days import blocks
from models.evaluation.metrics.forecasts import Forecasts
from models.evaluation.parallel import do_all
from models.evaluation.walk_forward.run_folder import FoldPart
from models.training.calibration import fit_calibration
from models.training.dataset import Split
from models.training.fit import Epoch, fit, predict_logits
from models.training.plan import Plan
from shared.contract import Class, Float64, Int64

Scored = Literal["val", "test"]


class Seed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one training scored.

    Attributes:
        seed: Of its first run.
        accuracy: Share of right answers.
        mcc: Matthews correlation.
        says_up: Share that it answers with up, of those that it answers.
        confusion: Down and up, truth down and answer across; what is missing counts as wrong.
    """

    seed: int
    accuracy: float
    mcc: float
    says_up: float
    confusion: tuple[tuple[int, int], tuple[int, int]]


class Benchmark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How several trainings scored.

    Attributes:
        split: What was scored.
        target: What was learned.
        samples: Rows of it.
        days: Dates of their labels.
        missing: Rows without a window, which count as wrong.
        up_share: Share that went up: the accuracy of always saying so, with an MCC of 0.
        accuracy: Mean over the seeds, with the interval of that mean by days.
        accuracy_sd: Standard deviation over the seeds (n - 1 denominator); 0 for one.
        mcc: Mean over the seeds, with the interval of that mean by days.
        mcc_sd: Standard deviation over the seeds.
        seeds: Each.
        plan: How they were trained.
    """

    split: Scored
    target: Target
    samples: int
    days: int
    missing: int
    up_share: float
    accuracy: Measured
    accuracy_sd: float
    mcc: Measured
    mcc_sd: float
    seeds: tuple[Seed, ...]
    plan: Plan


@dataclass(frozen=True, kw_only=True)
class SeedRun:
    """One network of one seed.

    Attributes:
        seed: Which of the seeds, from 0.
        run: Which of the recipe's runs, from 0.
    """

    seed: int
    run: int


@dataclass(frozen=True, kw_only=True, eq=False)
class BenchmarkWork:
    """What every training needs.

    Attributes:
        plan: How to train.
        spans: Train and val, and what is scored as test.
    """

    plan: Plan
    spans: Split

    def do(self, task: SeedRun) -> tuple[SeedRun, FoldPart]:
        """Return what one network says of val and of what is scored."""
        recipe = self.plan.recipe
        alone = msgspec.structs.replace(
            recipe, seed=first_seed(self.plan, task.seed) + task.run, seeds=1, ensemble=1
        )
        fitted = fit(self.plan.network, self.plan.network_sizes(), self.spans, alone, _quiet)
        if fitted.runs[0].ended_by == "interrupt":
            raise KeyboardInterrupt
        said = [
            predict_logits(fitted.network, fitted.scaler, part.windows)
            for part in (self.spans.validation, self.spans.test)
        ]
        return task, FoldPart(validation=said[0], test=said[1], loss=fitted.validation_loss)


def first_seed(plan: Plan, seed: int) -> int:
    """Return the first random seed of a training; no two trainings share one."""
    return plan.recipe.seed + seed * plan.recipe.runs


def benchmark(
    lesson: Lesson,
    scored: Labelled,
    plan: Plan,
    seeds: int,
    split: Scored,
    workers: int,
    report: Callable[[str], None],
) -> Benchmark:
    """Return the scores of that many trainings.

    Args:
        lesson: What the trainings see.
        scored: What they are asked.
        plan: How to train; nothing in it may come from the scored split.
        seeds: Trainings.
        split: Which split is scored; `val` while one chooses.
        workers: Processes.
        report: Called with what is done.
    """
    spans = Split(train=lesson.train, validation=lesson.validation, test=scored.samples)
    parts: dict[SeedRun, FoldPart] = {}

    def keep(result: tuple[SeedRun, FoldPart]) -> None:
        task, part = result
        parts[task] = part
        report(f"seed {task.seed + 1}, run {task.run + 1}")

    tasks = [SeedRun(seed=s, run=r) for s in range(seeds) for r in range(plan.recipe.runs)]
    do_all(BenchmarkWork(plan=plan, spans=spans).do, tasks, workers, keep)
    forecasters = [
        _forecasts([parts[t] for t in tasks if t.seed == s], lesson, scored, plan)
        for s in range(seeds)
    ]
    return _scores(forecasters, scored, plan, split, lesson.target)


def _forecasts(parts: list[FoldPart], lesson: Lesson, scored: Labelled, plan: Plan) -> Forecasts:
    # The best runs as one, calibrated on val; what is missing gets the wrong answer.
    kept = sorted(parts, key=lambda part: part.loss)[: plan.recipe.ensemble]
    validation, said = (
        np.mean([getattr(part, name) for part in kept], axis=0) for name in ("validation", "test")
    )
    static = fit_calibration(plan.calibration, validation, lesson.validation.label)
    if lesson.target == "relative":
        static = _half_up(static, validation)
    probabilities = np.full((len(scored.label), len(Class)), 1 / len(Class))
    probabilities[scored.found] = softmax(static.apply(said))
    up = probabilities[:, Class.UP] >= probabilities[:, Class.DOWN]
    wrong = np.where(scored.label == Class.UP, Class.DOWN, Class.UP)
    answer = np.where(scored.found, np.where(up, Class.UP, Class.DOWN), wrong).astype(np.int64)
    return Forecasts(name="ours", probabilities=probabilities, answer=answer)


def _half_up(static: Calibration, logits: Float64) -> Calibration:
    # The same, with up shifted so that half of these rows have P(2) above P(0).
    calibrated = static.apply(logits)
    shift = float(np.median(calibrated[:, Class.UP] - calibrated[:, Class.DOWN]))
    down, flat, up = static.bias
    return Calibration(scale=static.scale, bias=(down, flat, up - shift))


def _scores(
    forecasters: list[Forecasts], scored: Labelled, plan: Plan, split: Scored, target: Target
) -> Benchmark:
    days = Days.draw(*blocks(scored.target), followed(scored.label, forecasters))
    judged = [judge_by_days(scored.label, a, days) for a in forecasters]
    accuracies = [j.metrics.accuracy for j in judged]
    correlations = [j.metrics.mcc for j in judged]
    return Benchmark(
        split=split,
        target=target,
        samples=len(scored.label),
        days=days.count,
        missing=int((~scored.found).sum()),
        up_share=float((scored.label == Class.UP).mean()),
        accuracy=_mean(judged, "accuracy"),
        accuracy_sd=_deviation(accuracies),
        mcc=_mean(judged, "mcc"),
        mcc_sd=_deviation(correlations),
        seeds=tuple(
            Seed(
                seed=first_seed(plan, i),
                accuracy=accuracies[i],
                mcc=correlations[i],
                says_up=float((a.answer[scored.found] == Class.UP).mean()),
                confusion=_moves(scored.label, a.answer),
            )
            for i, a in enumerate(forecasters)
        ),
        plan=plan,
    )


def _mean(judged: list[Judged], metric: MetricName) -> Measured:
    value = float(np.mean([getattr(j.metrics, metric) for j in judged]))
    drawn = [j.resampled[metric] for j in judged if metric in j.resampled]
    return measure(value, np.mean(drawn, axis=0) if drawn else None)


def _deviation(values: list[float]) -> float:
    spread: Float64 = np.asarray(values)
    return float(spread.std(ddof=1)) if len(values) > 1 else 0.0


def _moves(truth: Int64, answer: Int64) -> tuple[tuple[int, int], tuple[int, int]]:
    table = confusion(truth, answer)
    down, up = Class.DOWN, Class.UP
    return (
        (int(table[down, down]), int(table[down, up])),
        (int(table[up, down]), int(table[up, up])),
    )


def _quiet(epoch: Epoch) -> None:
    """Say nothing: the trainings are counted, not the epochs."""
