from typing import Any

import msgspec

from models.evaluation.explanations.record import MethodMeasures
from models.evaluation.explanations.synthetic import Truth
from models.evaluation.explanations.verdict import judged, verdict
from models.evaluation.metrics.bootstrap import Measured
from shared.explaining import Finding, Grade, Verdict
from tests.kit.for_each import for_each


def found(**changes: Any) -> MethodMeasures:
    right = Truth(pointing=1.0, mass=0.9, rank=1.0, by_chance=1 / 48)
    good = MethodMeasures(
        name="saliency",
        title="Saliency",
        columns=8,
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


@for_each(
    ("changes", "finding", "value", "limit"),
    [
        ({}, Finding.TRUE, 0.06, 0.05),
        ({"columns": 1}, Finding.TRUE_TIME_ONLY, 0.06, None),
        (
            {"deletion": Measured(value=0.02, low=0.01, high=0.03)},
            Finding.TRUE_WEAK,
            0.02,
            0.05,
        ),
        (
            {"deletion": Measured(value=0.02, low=-0.01, high=0.03)},
            Finding.NO_BETTER_THAN_RANDOM,
            -0.01,
            0,
        ),
        ({"deletion": Measured(value=0.02)}, Finding.TOO_FEW_DAYS, None, None),
        ({"planted": WRONG}, Finding.POINTS_AT_WRONG_CELL, 0.5, 0.95),
        ({"planted": WRONG, "columns": 1}, Finding.POINTS_AT_WRONG_BAR, 0.5, 0.95),
        ({"cascade": {"head": 0.6, "convolutions.0": 0.0}}, Finding.BLIND_TO_HEAD, 0.6, 0.3),
        ({"cascade": {"head": 0.1, "convolutions.0": 0.6}}, Finding.BLIND_TO_WEIGHTS, 0.6, 0.3),
        ({"shuffled": 0.6}, Finding.BLIND_TO_LABELS, 0.6, 0.3),
        ({"across_windows": 1.0}, Finding.SAME_FOR_EVERY_WINDOW, 1.0, 0.99),
        ({"same_twice": False, "shuffled": 0.6}, Finding.NOT_THE_SAME_TWICE, None, None),
    ],
)
def test_the_first_fault_is_named_with_the_number_that_decided(
    changes: dict[str, Any], finding: Finding, value: float | None, limit: float | None
) -> None:
    assert verdict(found(**changes), BEST) == Verdict(finding=finding, value=value, limit=limit)


def test_the_best_order_is_named() -> None:
    assert verdict(BEST, BEST) == Verdict(finding=Finding.TRUE_BEST, value=0.1, limit=0.05)


def test_too_few_days_are_no_fault() -> None:
    assert verdict(found(deletion=Measured(value=0.02)), BEST).finding.grade is Grade.UNKNOWN


def test_a_judged_method_keeps_what_was_measured() -> None:
    whole = judged(found(), BEST)
    assert whole.verdict == verdict(found(), BEST)
    assert msgspec.structs.asdict(found()).items() <= msgspec.structs.asdict(whole).items()
