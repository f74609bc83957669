import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.data.features.price_volume import PRICE_VOLUME
from shared.contract import WINDOW_SHAPE, Float32
from shared.features import Feature, Reading
from shared.reasons import AGAINST, FOR, Reason, reasons
from tests.kit.for_each import for_each

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=32)
SIGNED = ("open_gap", "high", "low", "return", "vs_ma5", "vs_ma20")


def grids(elements: st.SearchStrategy[float]) -> st.SearchStrategy[Float32]:
    return arrays(np.float32, WINDOW_SHAPE, elements=elements)


def only(name: str, raw: float, *, scaled: float = 1.0, step: int = 3) -> Reason:
    """Return the reason of a map in which one cell alone counts."""
    grid, cell = np.zeros((3, *WINDOW_SHAPE), np.float32), (step, PRICE_VOLUME.names.index(name))
    for layer, value in zip(grid, (raw, scaled, 1.0), strict=True):
        layer[cell] = value
    (found,) = reasons(PRICE_VOLUME.features, *grid)
    return found


def test_a_brief_reason_names_the_feature_the_bar_and_the_side() -> None:
    assert only("open_gap", 0.01).brief == "open gap 2 bars ago ↑"
    assert only("volume", -0.5, step=5).brief == "volume now ↓"
    assert only("return", 0.0, step=4).brief == "return 1 bar ago →"
    assert only("volatility", 0.02, scaled=-1.0).brief == "volatility 2 bars ago ↓"


@for_each(
    ("name", "raw", "said"),
    [
        ("open_gap", 0.01, "open 2 bars ago is 1.0% above the previous close"),
        ("high", 0.0, "high 2 bars ago is level with the previous close"),
        ("low", -0.02, "low 2 bars ago is 2.0% below the previous close"),
        ("return", -0.1, "close 2 bars ago is 9.5% below the previous close"),
        ("volume", np.log(2.31), "volume 2 bars ago is 2.3 × its 20-bar mean"),
        ("volume", np.log(0.25), "volume 2 bars ago is 0.25 × its 20-bar mean"),
        ("volume", np.log(17.6), "volume 2 bars ago is 18 × its 20-bar mean"),
        ("volume", -4.0, "volume 2 bars ago is at most 0.02 × its 20-bar mean"),
        ("vs_ma5", -0.011, "close 2 bars ago is 1.1% below its 5-bar mean"),
        ("vs_ma20", 0.031, "close 2 bars ago is 3.1% above its 20-bar mean"),
        ("volatility", 0.019, "volatility 2 bars ago is high, 1.9% a bar"),
    ],
)
def test_each_feature_is_said_in_its_own_unit(name: str, raw: float, said: str) -> None:
    assert only(name, raw).sentence == said


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        (Feature(name="x", label="close in range", unit="of it"), "close in range is 0.812 of it"),
        (Feature(name="x", label="age"), "age is 0.812"),
        (Feature(name="x", label="age", reading=Reading(form="of_a_later_minor")), "age is 0.812"),
        (
            Feature(name="x", label="x", reading=Reading(form="log_times", reference="its mean")),
            "x is 2.3 × its mean",
        ),
    ],
)
def test_a_feature_of_another_set_is_said_as_it_declares(feature: Feature, said: str) -> None:
    one = np.zeros(WINDOW_SHAPE, np.float32)
    one[5, 2] = 0.812
    (found,) = reasons([feature] * 8, one, one, one)
    assert found.sentence == f"{said} now"


def test_volatility_is_high_or_low_against_the_training_mean() -> None:
    assert only("volatility", 0.005, scaled=-0.4).sentence.endswith("is low, 0.5% a bar")


def test_the_newest_bar_is_now_and_the_one_before_one_bar_ago() -> None:
    assert only("vs_ma20", 0.031, step=5).sentence == "close is 3.1% above its 20-bar mean now"
    assert only("volume", 0.0, step=4).sentence == "volume 1 bar ago is 1.0 × its 20-bar mean"


def test_the_strongest_come_first_two_for_and_one_against() -> None:
    raw = np.full(WINDOW_SHAPE, 0.01, np.float32)
    relevance = np.zeros(WINDOW_SHAPE, np.float32)
    relevance[5, 4], relevance[2, 0], relevance[0, 3] = 2, 3, 1
    relevance[1, 1], relevance[1, 2] = -5, -4
    found = reasons(PRICE_VOLUME.features, raw, raw, relevance)
    assert [(r.step, r.feature, r.supports) for r in found] == [
        (2, 0, True),
        (5, 4, True),
        (1, 1, False),
    ]


def test_a_map_of_nothing_has_no_reasons() -> None:
    nothing = np.zeros(WINDOW_SHAPE, np.float32)
    assert reasons(PRICE_VOLUME.features, nothing, nothing, nothing) == ()


@given(raw=grids(FINITE), scaled=grids(FINITE), relevance=grids(FINITE))
def test_any_numbers_have_reasons(raw: Float32, scaled: Float32, relevance: Float32) -> None:
    found = reasons(PRICE_VOLUME.features, raw, scaled, relevance)
    assert len([r for r in found if r.supports]) == min(FOR, int((relevance > 0).sum()))
    assert len([r for r in found if not r.supports]) == min(AGAINST, int((relevance < 0).sum()))
    assert all(r.sentence.isprintable() for r in found)


@given(name=st.sampled_from(SIGNED), raw=st.floats(-0.5, 0.5, width=32), step=st.integers(0, 5))
def test_what_is_above_is_above_and_by_as_much(name: str, raw: float, step: int) -> None:
    found = only(name, raw, step=step)
    truth = raw if name.startswith("vs") else np.expm1(raw)
    said = re.search(r"([\d.]+)% (above|below)", found.sentence)
    if said is None:
        assert "level with" in found.sentence
        assert abs(truth) < 0.0005
    else:
        value = float(said[1]) / 100 * (1 if said[2] == "above" else -1)
        assert abs(value - truth) <= 0.00051
        assert value * truth > 0


@given(raw=st.floats(-4, 3, width=32))
def test_the_times_of_a_volume_are_true_to_the_digits_said(raw: float) -> None:
    said = re.search(r"([\d.]+) ×", only("volume", raw).sentence)
    assert said is not None
    digits = len(said[1].partition(".")[2])
    assert abs(float(said[1]) - np.exp(raw)) <= 0.51 * 10.0**-digits
