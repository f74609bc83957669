from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from models.explain.attribution import attribute
from models.explain.methods import METHODS
from models.explain.offer import methods_for
from models.explain.options import Options
from models.networks.ensemble import Ensemble, traits_there
from models.networks.kinds import NETWORKS
from shared.contract import Float32, Int64
from shared.errors import DataError

Build = Callable[..., nn.Module]
Scaled = Callable[..., Float32]


@pytest.mark.parametrize("kind", NETWORKS)
def test_every_method_has_its_shape_and_sign(kind: str, build: Build, scaled: Scaled) -> None:
    network, x, asked = build(kind), scaled(3), np.array([0, 1, 2])
    for method in methods_for(traits_there(network)):
        maps = attribute(network, method.name, x, asked)
        assert maps.shape == ((3, 6) if method.columns == 1 else (3, 6, 8)), method.name
        assert maps.dtype == np.float32
        assert np.isfinite(maps).all()
        assert np.abs(maps).max() > 0, method.name
        assert method.signed or maps.min() >= 0, method.name


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_batch_of_one_equals_a_batch_of_many(kind: str, build: Build, scaled: Scaled) -> None:
    network, x, asked = build(kind), scaled(4), np.array([0, 1, 2, 2])
    for method in methods_for(traits_there(network)):
        together = attribute(network, method.name, x, asked)
        alone = [attribute(network, method.name, x[i : i + 1], asked[i : i + 1]) for i in range(4)]
        np.testing.assert_allclose(
            np.concatenate(alone), together, rtol=0, atol=2e-6, err_msg=method.name
        )


def test_no_windows_at_all(build: Build, scaled: Scaled) -> None:
    network = build("cnn1d")
    none: Int64 = np.empty(0, np.int64)
    assert attribute(network, "saliency", scaled(0), none).shape == (0, 6, 8)
    assert attribute(network, "grad_cam", scaled(0), none).shape == (0, 6)


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_callers_network_and_windows_stay_as_they_were(
    kind: str, build: Build, scaled: Scaled
) -> None:
    network, x, asked = build(kind).train(), scaled(2), np.array([0, 2])
    x.flags.writeable = asked.flags.writeable = False
    before = {name: value.clone() for name, value in network.state_dict().items()}
    for method in methods_for(traits_there(network)):
        attribute(network, method.name, x, asked)
    assert network.training
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
    assert all(p.grad is None and p.requires_grad for p in network.parameters())
    for module in network.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
        assert not module._backward_hooks


def test_the_same_question_has_the_same_answer(build: Build, scaled: Scaled) -> None:
    network, x, asked = build("cnn1d"), scaled(5), np.array([0, 1, 2, 0, 1])
    state = torch.random.get_rng_state()
    for method in methods_for(traits_there(network)):
        first = attribute(network, method.name, x, asked)
        np.testing.assert_array_equal(attribute(network, method.name, x, asked), first)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_bars_of_an_image_are_the_sums_of_its_features(build: Build, scaled: Scaled) -> None:
    network, x, asked = build("gaf_cnn"), scaled(4), np.array([0, 1, 2, 2])
    by_feature = attribute(network, "gaf_grad_cam", x, asked)
    bars = attribute(network, "grad_cam", x, asked)
    np.testing.assert_allclose(by_feature.sum(axis=2), bars, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", ["cnn1d", "gaf_cnn"])
def test_cam_and_the_bias_of_the_head_make_up_the_logit(
    kind: str, build: Build, scaled: Scaled
) -> None:
    network, x, asked = build(kind), scaled(3), np.array([0, 1, 2])
    with torch.inference_mode():
        logit = network(torch.from_numpy(x)).numpy()[np.arange(3), asked]
    bias = network.get_parameter("head.bias").detach().numpy()[asked]
    total = attribute(network, "cam", x, asked).sum(axis=1) + bias
    np.testing.assert_allclose(total, logit, rtol=0, atol=1e-5)


def test_another_class_has_another_map(build: Build, scaled: Scaled) -> None:
    network, x = build("cnn1d"), scaled(2)
    up = attribute(network, "saliency", x, np.array([2, 2]))
    down = attribute(network, "saliency", x, np.array([0, 0]))
    assert np.abs(up - down).max() > 0.01


def test_the_map_of_an_ensemble_is_the_mean_of_its_members(build: Build, scaled: Scaled) -> None:
    members = [build("cnn1d", seed) for seed in (1, 2)]
    x, asked = scaled(3), np.array([0, 1, 2])
    ensemble = Ensemble(members)
    assert methods_for(traits_there(ensemble)) == methods_for(traits_there(members[0]))
    for name in ("saliency", "guided_backprop", "grad_cam"):
        mean = np.mean([attribute(member, name, x, asked) for member in members], axis=0)
        np.testing.assert_allclose(attribute(ensemble, name, x, asked), mean, rtol=0, atol=1e-6)
    gradient = torch.from_numpy(x).requires_grad_(True)
    ensemble(gradient).gather(1, torch.from_numpy(asked)[:, None]).sum().backward()
    assert gradient.grad is not None
    np.testing.assert_allclose(
        attribute(ensemble, "saliency", x, asked), gradient.grad.numpy(), rtol=0, atol=1e-6
    )


def test_an_ensemble_reacts_as_a_whole(build: Build, scaled: Scaled) -> None:
    # Members that pull in opposite directions cancel; the mean of their sizes would not.
    members = [build("cnn1d", seed) for seed in (1, 2)]
    x, asked = scaled(3), np.array([0, 1, 2])
    signed = attribute(Ensemble(members), "saliency", x, asked)
    size = attribute(Ensemble(members), "abs_gradient", x, asked)
    np.testing.assert_allclose(size, np.abs(signed), rtol=0, atol=1e-6)


def test_an_earlier_convolution_can_be_asked(build: Build, scaled: Scaled) -> None:
    network, x, asked = build("cnn1d"), scaled(2), np.array([2, 2])
    last = attribute(network, "grad_cam", x, asked)
    first = attribute(network, "grad_cam", x, asked, options=Options(layer=0))
    np.testing.assert_array_equal(
        attribute(network, "grad_cam", x, asked, options=Options(layer=1)), last
    )
    assert np.abs(first - last).max() > 0
    with pytest.raises(DataError, match="2 convolutions, was asked for 2"):
        attribute(network, "grad_cam", x, asked, options=Options(layer=2))


def test_a_network_without_convolutions_offers_no_cam(linear: nn.Module, scaled: Scaled) -> None:
    offered = {method.name for method in methods_for(traits_there(linear))}
    assert offered == {
        "saliency",
        "abs_gradient",
        "gradient_x_input",
        "smoothgrad",
        "integrated_gradients",
        "integrated_gradients_flat",
        "occlusion",
    }
    with pytest.raises(DataError, match="grad_cam needs a network with convolutions, which Linear"):
        attribute(linear, "grad_cam", scaled(1), np.array([2]))


def test_every_method_is_told_in_words() -> None:
    for name, method in METHODS.items():
        assert method.name == name
        for text in (method.title, method.formula, method.note, method.paper):
            assert text.strip()
        assert method.note.endswith(".")


ONE = np.zeros((1, 6, 8), np.float32)
ASKED = np.array([2])


@pytest.mark.parametrize(
    ("method", "windows", "asked", "sentence"),
    [
        ("magic", ONE, ASKED, "a method is one of saliency, .*, was 'magic'"),
        ("saliency", ONE, np.array([3]), "a class is 0 to 2, was 3 to 3"),
        ("saliency", ONE, np.array([-1]), "a class is 0 to 2, was -1 to -1"),
        ("saliency", ONE, np.array([0, 1]), r"classes must be int64 \(1,\), was int64 \(2,\)"),
        ("saliency", ONE, np.array([1.0]), r"classes must be int64 \(1,\), was float64"),
        ("saliency", ONE[0], ASKED, "windows must be float32"),
        ("saliency", ONE.transpose(0, 2, 1), ASKED, "windows must be float32"),
        ("saliency", ONE.astype(np.float64), ASKED, "windows must be float32"),
        ("saliency", np.full_like(ONE, np.nan), ASKED, "windows must be finite"),
    ],
)
def test_what_cannot_be_explained_is_refused(
    linear: nn.Module, method: str, windows: Float32, asked: Int64, sentence: str
) -> None:
    with pytest.raises(DataError, match=sentence):
        attribute(linear, method, windows, asked)
