import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from models.__main__ import main
from models.bundles.bundle import load_bundle
from models.explain.offer import methods_for
from models.inference.engine import Engine
from models.inference.served import served_of
from models.networks.ensemble import traits_there
from models.networks.kinds import NETWORKS, build_network, network_kind, network_names
from shared.contract import Float32
from shared.errors import BundleError, PluginError
from tests.kit.plugin_install import on_the_path, unpack_example, write_plugin

NETWORK = """
import msgspec, torch
from torch import nn
from models.networks.base import Network, NetworkKind

class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    pass

class Made(Network):
    def __init__(self, sizes):
        super().__init__()
        self.head = nn.Linear(48, 3)

    def forward(self, x):
        return {forward}

OFFER = NetworkKind(name="{name}", sizes=Sizes, build={build})
"""


def write(folder: Path, forward: str, *, build: str = "Made", name: str = "made") -> Path:
    source = NETWORK.format(forward=forward, build=build, name=name)
    return write_plugin(folder, "tickerlens.networks", "made", source)


def test_the_example_is_trained_kept_and_explained_like_ours(
    csv_files: Callable[..., list[str]],
    windows: Callable[..., Float32],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, out = csv_files(tickers=2, bars=160), tmp_path / "made"
    (tmp_path / "plugin").mkdir()
    site = unpack_example("tickerlens_mlp", tmp_path / "plugin")
    with on_the_path(site, monkeypatch):
        command = ["train", *data, "--out", str(out), "--network", "mlp", "--epochs", "1"]
        assert main(command) == 0
        assert "mlp (hidden 32)" in capsys.readouterr().out
        bundle = load_bundle(str(out))
        assert bundle.card.network.kind == "mlp"
        assert Engine(served_of(bundle)).explain(windows(4)).saliency.shape == (4, 6, 8)
        offered = {m.name for m in methods_for(traits_there(bundle.network))}
    assert {"saliency", "guided_backprop"} <= offered
    assert not {"grad_cam", "attention_rollout"} & offered
    with pytest.raises(BundleError, match="was 'mlp', which no installed package offers"):
        load_bundle(str(out))
    assert main(["inspect", str(out)]) == 65
    assert json.loads((out / "card.json").read_text())["network"]["sizes"] == {"hidden": 32}


@pytest.mark.parametrize(
    ("forward", "build", "sentence"),
    [
        ("self.head(x.flatten(1))", "lambda sizes: 1 / 0", "failed: ZeroDivisionError"),
        ("self.head(x.flatten(1))", "lambda sizes: nn.Linear(48, 3)", "builds no Network"),
        ("self.head(x.nothing)", "Made", "failed: AttributeError"),
        ("x.flatten(1)", "Made", r"must make \(n, 3\) logits"),
        ("self.head(x.flatten(1)) / 0", "Made", "must make finite logits"),
        (
            "self.head(x.flatten(1)) - self.head(x.flatten(1)).mean(dim=0).square()",
            "Made",
            "must answer each window by itself",
        ),
    ],
)
def test_what_a_network_does_wrong_is_told_when_it_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forward: str, build: str, sentence: str
) -> None:
    site = write(tmp_path, forward, build=build)
    with on_the_path(site, monkeypatch):
        sizes = network_kind("made").sizes()
        with pytest.raises(PluginError, match=f"'made' .*{sentence}"):
            build_network("made", sizes, 1)


def test_a_network_is_built_by_the_callers_random_numbers_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = write(tmp_path, "self.head(x.flatten(1))")
    with on_the_path(site, monkeypatch), torch.random.fork_rng(devices=[]):
        kind = network_kind("made")
        torch.manual_seed(7)
        alone = kind.build(kind.sizes())
        following = torch.rand(1)
        torch.manual_seed(7)
        built = build_network("made", kind.sizes(), 1)
        assert torch.equal(torch.rand(1), following)
    assert built.training
    assert torch.equal(built.get_parameter("head.weight"), alone.get_parameter("head.weight"))


def test_help_offers_a_network_without_loading_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site = write_plugin(tmp_path, "tickerlens.networks", "made", "raise RuntimeError")
    with on_the_path(site, monkeypatch):
        with pytest.raises(SystemExit) as left:
            main(["train", "--help"])
        assert left.value.code == 0
        assert "plugin_made" not in sys.modules
        assert main(["train", "none.csv", "--out", str(tmp_path / "x"), "--network", "made"]) == 69
    said = capsys.readouterr()
    assert "made" in said.out
    assert "'made' (tickerlens.networks) failed: RuntimeError" in said.err


def test_a_name_of_ours_stays_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site = write_plugin(tmp_path, "tickerlens.networks", "cnn1d", "OFFER = 3")
    with on_the_path(site, monkeypatch), caplog.at_level(logging.WARNING):
        assert set(network_names()) == set(NETWORKS)
        assert network_kind("cnn1d") is NETWORKS["cnn1d"]
    (record,) = caplog.records
    assert "'cnn1d'" in record.getMessage()


def test_a_network_must_go_by_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = write(tmp_path, "x", name="another")
    with on_the_path(site, monkeypatch), pytest.raises(PluginError, match="calls itself 'another'"):
        network_kind("made")
