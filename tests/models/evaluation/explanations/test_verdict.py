from typing import Any

import msgspec
import pytest

from models.evaluation.explanations.record import MethodCheck
from models.evaluation.explanations.synthetic import Truth
from models.evaluation.explanations.verdict import verdict
from models.evaluation.metrics.bootstrap import Measured


def found(**changes: Any) -> MethodCheck:
    right = Truth(pointing=1.0, mass=0.9, rank=1.0, by_chance=1 / 48)
    good = MethodCheck(
        name="saliency",
        title="Saliency",
        columns=8,
        verdict="",
        deletion=Measured(value=0.06, low=0.05, high=0.07),
        insertion=Measured(value=0.06, low=0.05, high=0.07),
        curve=(0.5, 0.4),
        infidelity=0.1,
        sensitivity=0.1,
        same_twice=True,
        across_windows=0.3,
        cascade={"head": 0.1, "convolutions.0": 0.0},
        shuffled=0.05,
        shift=0.5,
        gives_away=0.6,
        planted={"one_cell_0_0": right, "decoy": right},
        microseconds=5.0,
    )
    return msgspec.structs.replace(good, **changes)


BEST = found(name="occlusion", deletion=Measured(value=0.1, low=0.09, high=0.11))
WRONG = {"one_cell_0_0": Truth(pointing=0.5, mass=0.3, rank=0.5, by_chance=1 / 6)}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "true here"),
        ({"columns": 1}, "true here, but knows time only"),
        (
            {"deletion": Measured(value=0.02, low=0.01, high=0.03)},
            "true here, but weak: not the cells that made the answer",
        ),
        ({"deletion": Measured(value=0.02, low=-0.01, high=0.03)}, "no better than random order"),
        ({"deletion": Measured(value=0.02)}, "too few days to tell"),
        (
            {"planted": WRONG},
            "better than random order, but points at the wrong cell where truth is planted",
        ),
        (
            {"planted": WRONG, "columns": 1},
            "better than random order, but points at the wrong bar where truth is planted",
        ),
        (
            {"cascade": {"head": 0.6, "convolutions.0": 0.0}},
            "blind to the last layer's weights: fails the sanity check",
        ),
        (
            {"cascade": {"head": 0.1, "convolutions.0": 0.6}},
            "blind to the weights: fails the sanity check",
        ),
        (
            {"shuffled": 0.6},
            "much the same after learning shuffled labels: fails the sanity check",
        ),
        (
            {"across_windows": 1.0},
            "the same for every window: shows the weights, not the window",
        ),
        ({"same_twice": False, "shuffled": 0.6}, "not the same twice"),
    ],
)
def test_the_first_fault_is_named(changes: dict[str, Any], said: str) -> None:
    assert verdict(found(**changes), BEST) == said


def test_the_best_order_is_named() -> None:
    assert verdict(BEST, BEST) == "true here, the best order of all"
