import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from torch import nn

from models.explain.attribution import attribute
from models.explain.methods import METHODS, all_methods, plugin_methods
from models.explain.offer import methods_for
from models.networks.ensemble import traits_there
from shared.contract import Float32
from shared.errors import DataError, PluginError
from tests.kit.plugin_install import on_the_path, unpack_example, write_plugin

Build = Callable[..., nn.Module]
Scaled = Callable[..., Float32]
ASKED = np.array([0, 1, 2])
METHOD = """
import torch
from models.explain.method import Method
from shared.explaining import MapKind

def compute(network, x, target, options):
    {body}

OFFER = Method(
    name="{name}", title="Bad", columns=8, signed=False, kind=MapKind.SCORE, formula="", note="",
    paper="", compute=compute,
)
"""


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    plugin_methods.cache_clear()
    yield
    plugin_methods.cache_clear()


def test_the_example_is_a_method_like_ours(
    build: Build, scaled: Scaled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, x = build("cnn1d"), scaled(3)
    site = unpack_example("tickerlens_mean_difference", tmp_path)
    with on_the_path(site, monkeypatch):
        assert "mean_difference" in {m.name for m in methods_for(traits_there(network))}
        assert all_methods()["mean_difference"].kind is METHODS["integrated_gradients_flat"].kind
        maps = attribute(network, "mean_difference", x, ASKED)
    slope = attribute(network, "saliency", x, ASKED)
    np.testing.assert_allclose(maps, slope * (x - x.mean(axis=1, keepdims=True)), atol=1e-6)
    plugin_methods.cache_clear()
    with pytest.raises(DataError, match="was 'mean_difference'"):
        attribute(network, "mean_difference", x, ASKED)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("raise KeyError('no')", r"'bad' \(tickerlens.explanations\) failed: KeyError"),
        ("return x[:, :, 0]", r"'bad' .* must make float32 \(3, 6, 8\)"),
        ("return x.double().abs()", "'bad' .* was torch.float64"),
        ("return None", "'bad' .* was <class 'NoneType'>"),
        ("return x / 0 * 0", "'bad' .* must make finite maps"),
        ("return -x.abs()", "'bad' .* made numbers below 0"),
    ],
)
def test_what_a_method_does_wrong_is_a_sentence_that_names_it(
    build: Build,
    scaled: Scaled,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    sentence: str,
) -> None:
    source = METHOD.format(name="bad", body=body)
    site = write_plugin(tmp_path, "tickerlens.explanations", "bad", source)
    with on_the_path(site, monkeypatch), pytest.raises(PluginError, match=sentence):
        attribute(build("cnn1d"), "bad", scaled(3), ASKED)


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        ("broken", "import no_such_module", "failed: ModuleNotFoundError"),
        ("other", "OFFER = 3", "must be a Method, was int"),
        ("misnamed", METHOD.format(name="someone_else", body="pass"), "calls itself"),
        ("saliency", METHOD.format(name="saliency", body="pass"), "has the name of one of ours"),
        (
            "contradictory",
            METHOD.format(name="contradictory", body="pass").replace("SCORE", "SLOPE"),
            "a slope has signs",
        ),
    ],
)
def test_what_cannot_be_loaded_is_left_out_with_a_warning(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
    source: str,
    told: str,
) -> None:
    site = write_plugin(tmp_path, "tickerlens.explanations", name, source)
    with on_the_path(site, monkeypatch), caplog.at_level(logging.WARNING):
        assert all_methods() == METHODS
    (record,) = caplog.records
    assert told in record.getMessage()
    assert f"'{name}'" in record.getMessage()
