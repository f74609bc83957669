"""What the reports on explanations say, also where there is nothing to find."""

import datetime
import html
from typing import Any

import msgspec
import pytest

from models.evaluation.explanations.page import check_html, check_text, meaning
from models.evaluation.explanations.record import ExplanationCheck, Flips, MethodMeasures
from models.evaluation.explanations.verdict import judged
from models.evaluation.metrics.bootstrap import Measured

NOTHING = Measured(value=0.0, low=0.0, high=0.0)
MUCH = Measured(value=0.1, low=0.05, high=0.15)
HALF = Measured(value=0.05, low=0.02, high=0.08)
UNSURE = Measured(value=0.1, low=-0.05, high=0.25)
FEW = Measured(value=0.1)


def measured(name: str, deletion: Measured, **changes: Any) -> MethodMeasures:
    plain = MethodMeasures(
        name=name,
        title=name.title(),
        columns=8,
        deletion=deletion,
        insertion=deletion,
        curve=(0.5,) * 49,
        infidelity=0.0,
        sensitivity=0.0,
        same_twice=True,
        across_windows=0.0,
        cascade={"head": 0.0},
        shuffled=0.0,
        shift=0.0,
        gives_away=0.5,
        planted={},
        microseconds=1.0,
    )
    return msgspec.structs.replace(plain, **changes)


def a_check(best: Measured, rest: Measured) -> ExplanationCheck:
    """A check of three methods, of which occlusion has the first figures and two the others."""
    of = {"occlusion": best, "gradient_x_input": rest, "saliency": rest}
    found = [measured(name, deletion) for name, deletion in of.items()]
    moment = datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC)
    return ExplanationCheck(
        model_id="tiny@00000000",
        weights_sha256="0" * 64,
        created=moment,
        data=("a.csv",),
        first=moment,
        last=moment,
        windows=20,
        days=20,
        random_cells=(0.5,) * 49,
        random_bars=(0.5,) * 7,
        flips=(Flips(radius=0.1, noise=0.0, fgsm=0.0, pgd=0.0),),
        cases=(),
        methods=tuple(judged(measures, found[0]) for measures in found),
    )


def test_what_others_reach_is_a_share_of_the_best() -> None:
    said = " ".join(meaning(a_check(MUCH, HALF)))
    assert "Occlusion finds the cells that made the answer best" in said
    assert said.count("50%") == 2


@pytest.mark.parametrize("best", [NOTHING, UNSURE, FEW, Measured(value=-0.1, low=-0.2, high=-0.1)])
def test_where_no_order_matters_nothing_is_a_share_of_it(best: Measured) -> None:
    check = a_check(best, best)
    said = list(meaning(check))
    assert said[0].startswith("No method is shown")
    assert not any("of that" in sentence for sentence in said)
    assert check_text(check).startswith("tiny@00000000: 20 windows on 20 days")
    assert said[0] in html.unescape(check_html(check))
