"""What the trainings of a benchmark learn: the labels as published, or who beat the market.

Most of what a ticker does in a day, all tickers do, and nothing in a window of one ticker tells of
it; against the others of the day that noise is gone. Feng et al., "Temporal relational ranking for
stock prediction", ACM Transactions on Information Systems 37 (2019), rank tickers by their returns
for a like reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from models.data.bars import Rules
from models.data.features.feature_set import FeatureSet
from models.data.labels import FixedReturn
from models.data.table import BarTable
from models.evaluation.benchmark.labelled_days import SPLITS, Labelled
from models.evaluation.metrics.days import dates
from models.training.dataset import Samples, collect
from shared.contract import Class, Int64
from shared.errors import DataError

Target = Literal["label", "relative"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Lesson:
    """What a training sees.

    Attributes:
        target: What its labels are.
        train: To fit weights and scaler on.
        validation: To choose on.
    """

    target: Target
    train: Samples
    validation: Samples


def by_label(splits: Mapping[str, Labelled]) -> Lesson:
    """Return the samples of train and val as they were published."""
    return Lesson(target="label", train=splits["train"].samples, validation=splits["val"].samples)


def by_market(
    table: BarTable, rules: Rules, feature_set: FeatureSet, splits: Mapping[str, Labelled]
) -> Lesson:
    """Return every window whose target lies within the dates of train or val, against the market.

    Flat days are among them. A window is up where its return is above the mean return of all
    tickers with a window on that date, else down. Bars after val are cut before anything is taken
    from them.

    Args:
        table: Daily bars, adjusted.
        rules: The limits.
        feature_set: What the windows hold.
        splits: By the names of `SPLITS`; of their dates only, no label is used.

    Raises:
        DataError: The splits do not follow each other, or no ticker ever beat the others.
    """
    _check_order(splits)
    end = int(splits["val"].target.max())
    known = table.until(str(np.datetime64(end, "D")))
    samples, _ = collect(known, rules, FixedReturn(horizon=1), feature_set)
    day = dates(samples.target_ms, table.market)
    samples = replace(samples, label=_against_the_market(samples, day))
    if not (samples.label == Class.UP).any():
        raise DataError("no ticker ever beat the mean of all: a relative target needs several")
    return Lesson(
        target="relative",
        train=_within(samples, day, splits["train"], "train"),
        validation=_within(samples, day, splits["val"], "val"),
    )


def _check_order(splits: Mapping[str, Labelled]) -> None:
    # Between the first and the last date of a split all days are taken: none may be another's.
    for before, after in pairwise(SPLITS):
        if splits[before].target.max() >= splits[after].target.min():
            raise DataError(
                f"a relative target takes whole days, so {after} must begin after {before} ends"
            )


def _against_the_market(samples: Samples, day: Int64) -> Int64:
    _, place = np.unique(day, return_inverse=True)
    mean = np.bincount(place, samples.returns) / np.bincount(place)
    return np.where(samples.returns > mean[place], Class.UP, Class.DOWN).astype(np.int64)


def _within(samples: Samples, day: Int64, split: Labelled, name: str) -> Samples:
    chosen = (day >= split.target.min()) & (day <= split.target.max())
    if not chosen.any():
        raise DataError(f"no window has its target on the dates of the split {name}")
    return samples.take(chosen)
