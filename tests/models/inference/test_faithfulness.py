import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.bundles.bundle import Bundle
from models.bundles.card import Card
from models.calibration.adaptive import AdaptiveState, Recalibrator
from models.data.features.price_volume import PRICE_VOLUME
from models.explain.methods import METHODS
from models.inference.engine import Engine
from models.inference.faithfulness import Faithfulness, relevance_of
from models.inference.served import served_of
from models.networks.cnn1d import Cnn1d
from shared.contract import WINDOW_SHAPE, Class, Float32

UP = np.array([Class.UP])


class Adder(nn.Module):
    # The logit of up is the sum of the first five features of the newest bar; the others are 0.

    def forward(self, x: Tensor) -> Tensor:
        up = x[:, 5, :5].sum(dim=1)  # (N,)
        return torch.stack([torch.zeros_like(up), torch.zeros_like(up), up], dim=1)


@pytest.fixture
def adder(card: Card) -> Bundle:
    return Bundle(card=card, card_json="", feature_set=PRICE_VOLUME, network=Adder())


def map_of(*cells: tuple[int, int]) -> Float32:
    found = np.zeros((1, *WINDOW_SHAPE), np.float32)
    for nth, cell in enumerate(cells):
        found[0][cell] = nth + 1
    return found


def up_of(logit: float) -> float:
    return float(np.exp(logit) / (2 + np.exp(logit)))


def test_taking_the_cells_that_decide_takes_the_answer(adder: Bundle) -> None:
    window = np.ones((1, *WINDOW_SHAPE), np.float32)
    true = map_of(*((5, feature) for feature in range(5)))
    top, at_random = Faithfulness(served_of(adder)).drops(window, true, UP)
    assert top[0] == pytest.approx(up_of(5) - up_of(0))
    assert 0 < at_random[0] < top[0] / 4


def test_taking_others_takes_nothing(adder: Bundle) -> None:
    window = np.ones((1, *WINDOW_SHAPE), np.float32)
    wrong = map_of(*((0, feature) for feature in range(5)))
    top, at_random = Faithfulness(served_of(adder)).drops(window, wrong, UP)
    assert top[0] == 0
    assert at_random[0] > 0


def test_only_the_five_greatest_go(adder: Bundle) -> None:
    window = np.ones((1, *WINDOW_SHAPE), np.float32)
    six = map_of((5, 0), (0, 1), (0, 2), (0, 3), (0, 4), (0, 5))  # the least one decides
    assert Faithfulness(served_of(adder)).drops(window, six, UP)[0][0] == 0


def test_what_speaks_against_the_class_stays(adder: Bundle) -> None:
    window = np.ones((1, *WINDOW_SHAPE), np.float32)
    against = -map_of(*((5, feature) for feature in range(5)))
    assert Faithfulness(served_of(adder)).drops(window, against, UP)[0][0] == 0


def test_the_probability_of_another_class_rises(adder: Bundle) -> None:
    window = np.ones((1, *WINDOW_SHAPE), np.float32)
    true = map_of(*((5, feature) for feature in range(5)))
    top, _ = Faithfulness(served_of(adder)).drops(window, true, np.array([Class.DOWN]))
    assert top[0] == pytest.approx((up_of(5) - up_of(0)) / -2)


def test_random_cells_are_the_same_each_time_and_windows_do_not_touch(adder: Bundle) -> None:
    rng = np.random.default_rng(0)
    windows = rng.normal(size=(7, *WINDOW_SHAPE)).astype(np.float32)
    maps = rng.normal(size=windows.shape).astype(np.float32)
    target = rng.integers(0, 3, 7)
    together = Faithfulness(served_of(adder)).drops(windows, maps, target)
    for i in range(7):
        one = slice(i, i + 1)
        alone = Faithfulness(served_of(adder)).drops(windows[one], maps[one], target[one])
        np.testing.assert_allclose([t[i] for t in together], [t[0] for t in alone], atol=1e-7)
    assert [
        len(t) for t in Faithfulness(served_of(adder)).drops(windows[:0], maps[:0], target[:0])
    ] == [0, 0]


def test_the_probability_is_the_published_one(card: Card, network: Cnn1d) -> None:
    bundle = Bundle(card=card, card_json="", feature_set=PRICE_VOLUME, network=network)
    recalibrator = Recalibrator(AdaptiveState())
    rng = np.random.default_rng(1)
    raw = rng.normal(0, 0.02, (40, *WINDOW_SHAPE)).astype(np.float32)
    engine = Engine(served_of(bundle))
    for _ in range(30):
        recalibrator.learn(engine.explain(raw).logits.astype(np.float64), np.full(40, Class.UP))
    why = engine.explain(raw, recalibrator)
    empty = np.zeros_like(why.scaled)
    empty[:, 0, :5] = 1
    top, _ = Faithfulness(served_of(bundle)).drops(why.scaled, empty, why.winner, recalibrator)
    without = np.where(empty == 1, card.scaler.mean, raw).astype(np.float32)
    after = engine.explain(without, recalibrator).probabilities
    rows = np.arange(40)
    before = why.probabilities[rows, why.winner]
    np.testing.assert_allclose(top, before - after[rows, why.winner], atol=1e-5)
    static = engine.explain(raw).probabilities
    assert abs(static - why.probabilities).max() > 0.05, "the recalibrator changed nothing"


def test_what_counts_in_a_map_follows_from_its_meaning() -> None:
    scaled = np.full((1, *WINDOW_SHAPE), -2.0, np.float32)
    scaled[0, 3, 3] = 0
    grid, bars = np.full_like(scaled, 3.0), np.full((1, 6), 3.0, np.float32)
    for name in ("gradient_x_input", "abs_gradient"):
        assert (relevance_of(grid, scaled, METHODS[name]) == 3).all()
    for name, maps, expected in (("saliency", grid, -6), ("grad_cam", bars, 6)):
        found = relevance_of(maps, scaled, METHODS[name])
        assert found[0, 3, 3] == 0
        assert (np.delete(found.ravel(), 3 * 8 + 3) == expected).all(), name
