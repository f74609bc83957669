import dataclasses
import threading
from collections.abc import Callable
from dataclasses import replace

import msgspec
import numpy as np
import pytest
import torch
from captum.attr import Saliency
from torch import nn

from models.bundles.bundle import Bundle, load_bundle
from models.calibration.adaptive import AdaptiveState, Recalibrator
from models.calibration.static import Calibration
from models.inference.engine import Engine, Inference
from models.inference.served import served_of
from models.networks.kinds import NETWORKS, build_network
from shared.contract import STEPS, Float32

Windows = Callable[..., Float32]


@pytest.fixture
def engine(bundle: Bundle) -> Engine:
    return Engine(served_of(bundle))


KINDS = (*NETWORKS, "cnn1d x 3")


class Linear(nn.Module):
    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self.head = nn.Linear(48, 3)
        self.head.load_state_dict({"weight": weight, "bias": torch.tensor([0.0, 0.0, 5.0])})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(x.flatten(1))
        return logits


def a_network(kind: str) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        name, _, members = kind.partition(" x ")
        return build_network(name, NETWORKS[name].sizes(), int(members or 1)).eval()


def calibrated(bundle: Bundle, static: Calibration) -> Bundle:
    calibration = msgspec.structs.replace(bundle.card.calibration, static=static)
    return replace(bundle, card=msgspec.structs.replace(bundle.card, calibration=calibration))


def taught(state: AdaptiveState, labels: int = 400) -> Recalibrator:
    """A recalibrator that has seen nothing but rises."""
    recalibrator = Recalibrator(state)
    for _ in range(40):
        recalibrator.learn(np.zeros((labels // 40, 3)), np.full(labels // 40, 2))
    return recalibrator


@pytest.mark.parametrize("kind", KINDS)
def test_deciding_first_and_explaining_later_is_explaining(
    bundle: Bundle, windows: Windows, kind: str
) -> None:
    engine = Engine(served_of(replace(bundle, network=a_network(kind))))
    recalibrator = taught(bundle.card.calibration.adaptive)
    whole, said = engine.explain(windows(9), recalibrator), engine.decide(windows(9), recalibrator)
    for field in dataclasses.fields(said):
        got, wanted = getattr(said, field.name), getattr(whole, field.name)
        np.testing.assert_allclose(got.astype(float), wanted.astype(float), rtol=0, atol=1e-6)
    saliency = engine.saliency(said.scaled, said.winner)
    np.testing.assert_allclose(saliency, whole.saliency, rtol=0, atol=1e-6)


def test_shapes_and_types(engine: Engine, windows: Windows) -> None:
    said = engine.explain(windows(7))
    assert said.winner.shape == (7,)
    assert said.saliency.shape == said.scaled.shape == (7, 6, 8)
    for array in (said.probabilities, said.logits, said.scores):
        assert array.shape == (7, 3)
        assert array.dtype == np.float32
    assert said.sets.shape == (7, 3)
    assert said.sets.dtype == np.bool_
    for array in (said.saliency, said.scaled):
        assert array.dtype == np.float32
    assert said.winner.dtype == np.int64
    np.testing.assert_allclose(said.probabilities.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(said.winner, said.probabilities.argmax(axis=1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("recalibrator", [None, Recalibrator(AdaptiveState())])
def test_no_windows_at_all(
    kind: str, recalibrator: Recalibrator | None, bundle: Bundle, windows: Windows
) -> None:
    engine = Engine(served_of(replace(bundle, network=a_network(kind))))
    said = engine.explain(windows(0), recalibrator)
    assert said.probabilities.shape == said.logits.shape == said.scores.shape == (0, 3)
    assert said.sets.shape == (0, 3)
    assert said.winner.shape == (0,)
    assert said.saliency.shape == said.scaled.shape == (0, 6, 8)


def test_the_saliency_of_a_linear_network_is_the_winners_weights(
    bundle: Bundle, windows: Windows
) -> None:
    weight = torch.linspace(-1, 1, 3 * 48).reshape(3, 48) / 100
    engine = Engine(served_of(replace(bundle, network=Linear(weight))))
    said = engine.explain(windows(4))
    assert said.winner.tolist() == [2, 2, 2, 2]  # by its bias
    expected = np.tile(weight[2].reshape(6, 8).numpy(), (4, 1, 1))
    np.testing.assert_allclose(said.saliency, expected, rtol=0, atol=1e-6)


def test_probabilities_are_the_softmax_of_the_scaled_windows(
    engine: Engine, bundle: Bundle, windows: Windows
) -> None:
    raw = windows(5)
    said = engine.explain(raw)
    np.testing.assert_array_equal(said.scaled, bundle.card.scaler.apply(raw))
    with torch.inference_mode():
        expected = bundle.network(torch.from_numpy(said.scaled)).softmax(dim=1).numpy()
    np.testing.assert_allclose(said.probabilities, expected, rtol=0, atol=1e-6)


def test_static_calibration_moves_what_is_published_and_no_saliency(
    bundle: Bundle, windows: Windows
) -> None:
    static = Calibration(scale=(0.5, 1.0, 2.0), bias=(0.1, 0.0, -0.1))
    plain = Engine(served_of(bundle)).explain(windows(9))
    said = Engine(served_of(calibrated(bundle, static))).explain(windows(9))
    np.testing.assert_array_equal(said.scores, plain.scores)
    np.testing.assert_allclose(said.logits, static.apply(plain.logits), rtol=0, atol=1e-6)
    shares = np.exp(said.logits.astype(np.float64))
    expected = shares / shares.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(said.probabilities, expected, rtol=0, atol=1e-6)
    alike = said.winner == plain.winner
    assert alike.any()
    np.testing.assert_array_equal(said.saliency[alike], plain.saliency[alike])


def test_the_winner_is_that_of_what_is_published(bundle: Bundle, windows: Windows) -> None:
    static = Calibration(bias=(9.0, 0.0, 0.0))  # down, whatever the network says
    said = Engine(served_of(calibrated(bundle, static))).explain(windows(9))
    assert set(said.winner.tolist()) == {0}
    assert 0 not in said.scores.argmax(axis=1)
    scaled = torch.from_numpy(said.scaled).clone().requires_grad_(True)
    (expected,) = torch.autograd.grad(bundle.network(scaled)[:, 0].sum(), scaled)
    np.testing.assert_allclose(said.saliency, expected.numpy(), rtol=0, atol=1e-6)


def test_a_recalibrator_forecasts_and_is_not_taught(bundle: Bundle, windows: Windows) -> None:
    recalibrator = taught(bundle.card.calibration.adaptive)
    before = recalibrator.state
    engine, raw = Engine(served_of(bundle)), windows(9)
    plain, said = engine.explain(raw), engine.explain(raw, recalibrator)
    assert recalibrator.state == before
    assert (said.probabilities[:, 2] > plain.probabilities[:, 2]).all()
    expected = recalibrator.forecast(said.logits.astype(np.float64))
    np.testing.assert_allclose(said.probabilities, expected.probabilities, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(said.sets, expected.sets)
    assert said.sets[np.arange(9), said.winner].all()
    assert not plain.sets.any()
    np.testing.assert_array_equal(said.logits, plain.logits)


@pytest.mark.parametrize("name", ["tiny", "krx-daily"])
def test_saliency_equals_captum(name: str, bundle: Bundle, windows: Windows) -> None:
    chosen = bundle if name == "tiny" else load_bundle(name)
    said = Engine(served_of(chosen)).explain(windows(64))
    scaled = torch.from_numpy(said.scaled).clone().requires_grad_(True)
    expected = Saliency(chosen.network).attribute(
        scaled, target=torch.from_numpy(said.winner), abs=False
    )
    np.testing.assert_allclose(said.saliency, expected.detach().numpy(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_saliency_equals_finite_differences(kind: str, bundle: Bundle, windows: Windows) -> None:
    network = a_network(kind)
    said = Engine(served_of(replace(bundle, network=network))).explain(windows(2, seed=3))
    network.double()
    step = 1e-7
    for i, winner in enumerate(said.winner):
        x = torch.from_numpy(said.scaled[i]).double()
        nudges = step * torch.eye(48, dtype=torch.float64).reshape(48, 6, 8)
        with torch.inference_mode():
            above, below = network(x + nudges)[:, winner], network(x - nudges)[:, winner]
        expected = ((above - below) / (2 * step)).reshape(6, 8).numpy()
        assert np.abs(expected).max() > 1e-3
        np.testing.assert_allclose(said.saliency[i], expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_of_one_equals_a_batch_of_many(kind: str, bundle: Bundle, windows: Windows) -> None:
    engine, raw = Engine(served_of(replace(bundle, network=a_network(kind)))), windows(33)
    together = engine.explain(raw)
    for i in range(len(raw)):
        alone = engine.explain(raw[i : i + 1])
        assert alone.winner[0] == together.winner[i]
        np.testing.assert_allclose(alone.saliency[0], together.saliency[i], rtol=0, atol=1e-6)
        np.testing.assert_allclose(
            alone.probabilities[0], together.probabilities[i], rtol=0, atol=1e-6
        )


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_windows_give_the_same_answer(kind: str, bundle: Bundle, windows: Windows) -> None:
    engine = Engine(
        served_of(replace(bundle, network=a_network(kind).train()))
    )  # it takes dropout away
    first, second = engine.explain(windows(16)), engine.explain(windows(16))
    np.testing.assert_array_equal(first.probabilities, second.probabilities)
    np.testing.assert_array_equal(first.saliency, second.saliency)


def test_the_callers_windows_and_network_stay_as_they_were(
    engine: Engine, bundle: Bundle, windows: Windows
) -> None:
    raw = windows(8)
    before = raw.copy()
    raw.flags.writeable = False
    said = engine.explain(raw)
    said.scaled[:] = 0
    np.testing.assert_array_equal(raw, before)
    assert all(p.grad is None and p.requires_grad for p in bundle.network.parameters())


def test_a_network_altered_later_does_not_alter_the_engine(
    engine: Engine, bundle: Bundle, windows: Windows
) -> None:
    before = engine.explain(windows(3))
    with torch.no_grad():
        for parameter in bundle.network.parameters():
            parameter.fill_(0.0)
    np.testing.assert_array_equal(engine.explain(windows(3)).saliency, before.saliency)


def test_equal_probabilities_go_to_the_first_class(bundle: Bundle, windows: Windows) -> None:
    network = Linear(torch.zeros(3, 48))
    network.head.bias.data.zero_()
    said = Engine(served_of(replace(bundle, network=network))).explain(windows(2))
    assert said.winner.tolist() == [0, 0]


def test_threads_do_not_disturb_each_other(engine: Engine, windows: Windows) -> None:
    expected = engine.explain(windows(50))
    answers: list[Inference] = []
    threads = [
        threading.Thread(target=lambda: answers.append(engine.explain(windows(50))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    for answer in answers:
        np.testing.assert_allclose(answer.saliency, expected.saliency, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((6, 8), np.float32),
        np.zeros((2, 8, STEPS), np.float32),
        np.zeros((), np.float32),
        np.zeros((2, 6, 8), np.float64),
        np.full((2, 6, 8), np.nan, np.float32),
        np.full((2, 6, 8), np.inf, np.float32),
    ],
)
def test_what_are_no_windows_is_refused(engine: Engine, wrong: Float32) -> None:
    with pytest.raises(ValueError, match="windows must be"):
        engine.explain(wrong)
