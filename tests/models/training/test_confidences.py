import numpy as np
import pytest

from models.training.confidences import ToldSpan, confidences_of
from shared.confidences import LEVELS
from shared.contract import Class


def a_span(up: np.ndarray, hit: np.ndarray) -> ToldSpan:
    rest = (1 - up) / 2
    label = np.where(hit, Class.UP, Class.DOWN).astype(np.int64)
    return ToldSpan(probabilities=np.stack([rest, rest, up], axis=1), label=label)


@pytest.fixture
def spans() -> tuple[ToldSpan, ToldSpan]:
    random = np.random.default_rng(0)
    made = []
    for _ in range(2):
        up = random.uniform(0.34, 0.74, 4_000)
        # Strong ones come true half as often again, but the strongest are too few to be sure of.
        made.append(a_span(up, random.uniform(size=4_000) < np.where(up > 0.7, 0.75, 0.4)))
    return made[0], made[1]


def test_the_distribution_is_that_of_both_spans(spans: tuple[ToldSpan, ToldSpan]) -> None:
    found = confidences_of(*spans)
    up = np.concatenate([span.probabilities[:, Class.UP] for span in spans])
    label = np.concatenate([span.label for span in spans])
    np.testing.assert_allclose(found.quantiles, np.quantile(up, LEVELS))
    assert (found.windows, found.base_rate) == (8_000, (label == Class.UP).mean())


def test_the_operating_point_is_chosen_on_the_validation_span_alone(
    spans: tuple[ToldSpan, ToldSpan],
) -> None:
    found = confidences_of(*spans)
    assert found.buy_from == 0.9  # where those above 0.7 begin
    chosen = next(point for point in found.points if point.strength == 0.9)
    assert chosen.chosen_hits / chosen.chosen_buys == pytest.approx(0.75, abs=0.05)
    assert chosen.hits / chosen.buys == pytest.approx(0.75, abs=0.05)
    none = ToldSpan(probabilities=spans[1].probabilities, label=np.zeros_like(spans[1].label))
    assert confidences_of(spans[0], none).buy_from == 0.9
    assert sum(point.buys for point in confidences_of(spans[0], None).points) == 0


def test_a_model_that_never_buys_has_points_without_buys() -> None:
    found = confidences_of(a_span(np.full(50, 0.1), np.zeros(50, np.bool_)), None)
    assert [point.chosen_buys for point in found.points] == [0] * len(found.points)
    assert found.buy_from == found.points[0].strength
