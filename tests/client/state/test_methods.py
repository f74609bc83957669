import dataclasses

import pytest

from client.state.methods import LIVE, methods_of
from tests.kit.maker import Maker


def test_an_answer_is_a_list_of_methods_with_all_that_is_known(make: Maker) -> None:
    saliency, cam = methods_of(make.methods())
    assert saliency == dataclasses.replace(LIVE, note="The slope of the logit.")
    assert (cam.name, cam.title, cam.note) == ("grad_cam", "Grad-CAM", "Features are summed away.")
    assert (cam.time_only, cam.signed, cam.verdict) == (True, False, "fails")


@pytest.mark.parametrize(
    ("verdict", "remark", "doubtful"),
    [
        ("", "", False),
        ("true here, the best order of all", "true here, the best order of all", False),
        ("true here, but weak: not the cells that made the answer", "true here, but weak", False),
        ("blind to the weights: fails the sanity check", "fails the sanity check", True),
        ("no better than random order", "no better than random order", True),
        ("better, but points at the wrong bar where it is known", "points at the wrong bar", True),
    ],
)
def test_a_list_says_a_verdict_without_its_reason(
    verdict: str, remark: str, doubtful: bool
) -> None:
    method = dataclasses.replace(LIVE, verdict=verdict)
    assert method.remark == remark
    assert method.is_doubtful == doubtful


def test_time_alone_is_said_once() -> None:
    method = dataclasses.replace(LIVE, time_only=True, verdict="true here, but knows time only")
    assert method.remark == "time only · true here"
