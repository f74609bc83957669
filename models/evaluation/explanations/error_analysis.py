"""Where a model is wrong: what the maps of its wrong and confident answers share.

Groups are found among the confident mistakes of the first half of the days, and how often they go
wrong is told of the second half, so that a group is not called bad for what made it a group.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.cluster import KMeans

from models.bundles.bundle import Bundle
from models.data.table import BarTable
from models.evaluation.metrics.bootstrap import Days, Measured, mean_of, measure
from models.evaluation.metrics.days import blocks, dates
from models.inference.engine import Engine
from models.inference.served import served_of
from models.training.dataset import Samples
from shared.contract import Bool, Float32, Float64, Int64
from shared.errors import DataError

_AT_ONCE: Final = 8192
_LEAST_TO_GROUP: Final = 50
_LEAST_DAYS: Final = 2
_NUMBERS: Final = 48


@dataclass(frozen=True, kw_only=True, eq=False)
class ExplainedAnswers:
    """What the model said of n windows, what came of it, and why it was said.

    Attributes:
        samples: The windows.
        maps: (n, 6, 8) float32, gradient × input for the class that won.
        winner: (n,) int64.
        confidence: (n,) float64, statically calibrated probability of the winner.
        wrong: (n,) bool, whether another class came.
        block: (n,) int64, the day of each label, from 0.
    """

    samples: Samples
    maps: Float32
    winner: Int64
    confidence: Float64
    wrong: Bool
    block: Int64

    def take(self, chosen: Bool | Int64) -> "ExplainedAnswers":
        """Return those where (n,) `chosen` is true, or those at the (k,) positions."""
        return ExplainedAnswers(
            samples=self.samples.take(chosen),
            maps=self.maps[chosen],
            winner=self.winner[chosen],
            confidence=self.confidence[chosen],
            wrong=self.wrong[chosen],
            block=self.block[chosen],
        )

    @property
    def days(self) -> Days:
        """Return the days with their resamples."""
        found, place = np.unique(self.block, return_inverse=True)
        return Days.draw(place, len(found), np.stack([self.confidence, self.wrong], axis=1))


def answer(bundle: Bundle, samples: Samples, table: BarTable) -> ExplainedAnswers:
    """Return what a bundle says of samples, with its maps."""
    engine = Engine(served_of(bundle))
    starts = range(0, len(samples.label), _AT_ONCE)
    said = [engine.explain(samples.windows[i : i + _AT_ONCE]) for i in starts]
    winner = np.concatenate([part.winner for part in said])
    block, _ = blocks(dates(samples.target_ms, table.market))
    return ExplainedAnswers(
        samples=samples,
        maps=np.concatenate([part.saliency * part.scaled for part in said]),
        winner=winner,
        confidence=np.concatenate([part.probabilities.max(axis=1) for part in said]).astype(
            np.float64
        ),
        wrong=winner != samples.label,
        block=block,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Grouped:
    """The windows of the later days, by what their maps share with mistakes of the earlier ones.

    Attributes:
        later: The windows.
        group: (n,) int64, from 0.
        centers: (k, 6, 8) float64 mean maps of length 1 of the mistakes that made each group.
        nearness: (n,) float64, cosine of a map with the center of its group.
    """

    later: ExplainedAnswers
    group: Int64
    centers: Float64
    nearness: Float64


def group(answered: ExplainedAnswers, count: int) -> Grouped:
    """Return the later half of the days, grouped.

    k-means on maps of length 1, so that the shape of a map counts and not its strength, which is
    clustering by cosine.

    Args:
        answered: Windows of several days.
        count: Groups.

    Raises:
        DataError: There are too few days, or too few confident mistakes in the earlier ones.
    """
    boundary = (int(answered.block.max()) + 1) // 2
    earlier, later = (answered.take(answered.block < boundary), answered.block >= boundary)
    mistakes = earlier.maps[_confident_mistakes(earlier)]
    if len(np.unique(answered.block)) < _LEAST_DAYS or len(mistakes) < _LEAST_TO_GROUP:
        raise DataError(
            f"at least {_LEAST_TO_GROUP} confident mistakes in the first half of the days are "
            f"needed to group them, found {len(mistakes)}, choose other dates"
        )
    found = KMeans(count, n_init=4, random_state=0).fit(_unit(mistakes))
    centers = _unit(found.cluster_centers_)
    rest = answered.take(later)
    near = _unit(rest.maps) @ centers.T  # (n, k)
    return Grouped(
        later=rest,
        group=near.argmax(axis=1),
        centers=centers.reshape(-1, *answered.maps.shape[1:]),
        nearness=near.max(axis=1),
    )


def excess(values: Float64, chosen: Bool, days: Days) -> Measured:
    """Return by how much the mean of (n,) values is higher where chosen than elsewhere.

    The interval is of resampled days, both means of the same resample. With nothing elsewhere it
    is 0.
    """
    if chosen.all():
        return Measured(value=0.0)
    here, there = chosen.astype(np.float64), (~chosen).astype(np.float64)
    columns = np.stack([values * here, here, values * there, there], axis=1)

    def difference(sums: Float64) -> Float64:
        within = sums[..., 0] / np.maximum(sums[..., 1], 1)
        beyond: Float64 = sums[..., 2] / np.maximum(sums[..., 3], 1)
        return within - beyond

    whole = float(difference(columns.sum(axis=0)))
    return measure(
        whole, None if days.draws is None else difference(days.draws @ days.sums(columns))
    )


def too_sure(answered: ExplainedAnswers) -> Measured:
    """Return mean confidence less the share that came true, above 0 where it is too sure."""
    surplus = answered.confidence - ~answered.wrong
    return mean_of(surplus, answered.days)


def examples(grouped: Grouped, number: int, count: int) -> Sequence[int]:
    """Return positions of confident mistakes near the center of a group, each of another ticker."""
    inside = grouped.group == number
    wrong = np.flatnonzero(inside & grouped.later.wrong)
    telling = grouped.nearness[wrong] * grouped.later.confidence[wrong]
    order = wrong[np.argsort(-telling, kind="stable")]
    _, first = np.unique(grouped.later.samples.ticker[order], return_index=True)
    chosen: list[int] = order[np.sort(first)[:count]].tolist()
    return chosen


def _confident_mistakes(answered: ExplainedAnswers) -> Bool:
    # Wrong answers with at least the median confidence of all answers.
    sure: Bool = answered.confidence >= np.median(answered.confidence)
    return answered.wrong & sure


def _unit(maps: Float32 | Float64) -> Float64:
    # (n, 48) of length 1; an empty map stays empty.
    flat = maps.reshape(len(maps), _NUMBERS).astype(np.float64)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    unit: Float64 = flat / np.where(length > 0, length, 1.0)
    return unit
