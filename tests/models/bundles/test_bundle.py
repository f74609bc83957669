import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import safetensors.torch
import torch

from models.bundles.bundle import Bundle, encode_weights, load_bundle, save_bundle
from models.bundles.card import Card
from models.bundles.files import CARD_FILE, WEIGHTS_FILE
from models.data.features.price_volume import PRICE_VOLUME
from models.inference.engine import Engine
from models.inference.served import served_of
from models.networks.cnn1d import Cnn1d, Cnn1dSizes
from models.networks.ensemble import members_of
from models.networks.kinds import build_network
from shared.errors import BundleError, InputMissingError, PluginError

Weights = dict[str, torch.Tensor]


def alter_card(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    card = json.loads((folder / CARD_FILE).read_text())
    change(card)
    (folder / CARD_FILE).write_text(json.dumps(card))


def alter_weights(folder: Path, change: Callable[[Weights], object]) -> None:
    weights = safetensors.torch.load((folder / WEIGHTS_FILE).read_bytes())
    change(weights)
    replace_weights(folder, safetensors.torch.save(weights))


def replace_weights(folder: Path, content: bytes) -> None:
    # The card agrees, so that the hash is not what refuses.
    (folder / WEIGHTS_FILE).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    alter_card(folder, lambda card: card.update(weights_sha256=digest))


def test_what_was_saved_is_loaded(bundle: Bundle, network: Cnn1d, folder: Path) -> None:
    assert bundle.card_json == (folder / CARD_FILE).read_text()
    assert bundle.model_id == f"tiny@{bundle.card.weights_sha256[:8]}"
    assert not bundle.network.training
    x = torch.ones(2, 6, 8)
    torch.testing.assert_close(bundle.network(x), network(x), rtol=0, atol=0)


def test_members_are_loaded_as_one_network(
    tmp_path: Path, card: Card, windows: Callable[..., Any]
) -> None:
    torch.manual_seed(1)
    network = build_network("cnn1d", Cnn1dSizes(), 3)
    weights, digest = encode_weights(network)
    three = msgspec.structs.replace(card.network, members=3, parameters=3 * 2547)
    made = msgspec.structs.replace(card, network=three, weights_sha256=digest)
    save_bundle(tmp_path / "three", made, weights)
    bundle = load_bundle(str(tmp_path / "three"))
    assert len(members_of(bundle.network)) == 3
    x = torch.from_numpy(windows(4))
    torch.testing.assert_close(bundle.network(x), network.eval()(x), rtol=0, atol=0)


def test_weights_of_another_number_of_members_are_refused(folder: Path) -> None:
    alter_card(folder, lambda card: card["network"].update(members=2))
    with pytest.raises(BundleError, match=r"must hold \['members.0.convolutions.0.bias'"):
        load_bundle(str(folder))


def test_a_card_of_version_2_has_no_distribution(folder: Path) -> None:
    alter_card(folder, lambda card: (card.update(version=2), card.pop("confidence")))
    assert load_bundle(str(folder)).card.confidence is None


def test_the_card_can_be_read_by_people(folder: Path) -> None:
    text = (folder / CARD_FILE).read_text()
    assert text.startswith('{\n  "version": 3,\n  "name": "tiny",\n')
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"version": 1}, "version must be 3, was 1"),
        ({"color": "red"}, "unknown field `color`"),
        ({"name": "No Such/Name"}, "card.json: name must be 1 to 64 of a-z, 0-9"),
        ({"features": ["a"] * 8}, "features must be"),
        ({"window": [8, 6]}, r"window must be \(6, 8\), was \(8, 6\)"),
        ({"classes": ["up", "flat", "down"]}, "classes must be"),
        (
            {"network": {"kind": "rnn", "sizes": {}, "members": 1, "parameters": 1}},
            "gaf_cnn, was 'rnn'",
        ),
        (
            {"network": {"kind": "cnn1d", "sizes": {"kernel": 2}, "members": 1, "parameters": 1}},
            "network.sizes: Invalid enum value 2",
        ),
        (
            {"network": {"kind": "cnn1d", "sizes": {}, "members": 0, "parameters": 1}},
            r"\$.network.members",
        ),
        ({"label": {"kind": "hunch"}}, r"\$.label"),
        ({"trials": 0}, r"\$.trials"),
        ({"scaler": {"mean": [0.0] * 8, "sd": [0.0] * 8}}, "sd must be at least"),
        ({"scaler": {"mean": [0.0] * 8, "sd": [1.0] * 7}}, "scaler"),
        ({"weights_sha256": "0" * 64}, "SHA-256 must be 0000"),
        ({"weights_sha256": "0" * 63}, "weights_sha256 must be 64 digits of 0-9 and a-f"),
        ({"created": "2024-01-02T00:00:00"}, r"\$.created"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(
    folder: Path, change: dict[str, Any], sentence: str
) -> None:
    alter_card(folder, lambda card: card.update(change))
    with pytest.raises(BundleError, match=sentence):
        load_bundle(str(folder))


def test_features_in_another_order_are_refused(folder: Path) -> None:
    alter_card(folder, lambda card: card["features"].reverse())
    with pytest.raises(BundleError, match="features must be"):
        load_bundle(str(folder))


def test_a_feature_set_that_is_not_installed_is_named(folder: Path) -> None:
    alter_card(folder, lambda card: card.update(feature_set="moon_phase"))
    with pytest.raises(PluginError, match=r"card.json cannot be loaded: no package .*'moon_phase'"):
        load_bundle(str(folder))


@pytest.mark.parametrize("shipped", ["crypto-5min", "krx-daily", "us-5min", "us-daily"])
def test_a_shipped_card_names_its_feature_set(shipped: str) -> None:
    bundle = load_bundle(shipped)
    assert bundle.feature_set is PRICE_VOLUME
    assert bundle.card.features == PRICE_VOLUME.names


@pytest.mark.parametrize("field", ["scaler", "feature_set"])
def test_a_card_that_lacks_a_field_is_refused(folder: Path, field: str) -> None:
    alter_card(folder, lambda card: card.pop(field))
    with pytest.raises(BundleError, match=f"missing required field `{field}`"):
        load_bundle(str(folder))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"version": "1"}'])
def test_a_card_that_is_no_card_is_refused(folder: Path, content: bytes) -> None:
    (folder / CARD_FILE).write_bytes(content)
    with pytest.raises(BundleError, match=CARD_FILE):
        load_bundle(str(folder))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda w: w.pop("head.bias"), "must hold"),
        (lambda w: w.update(extra=torch.zeros(1)), "must hold"),
        (lambda w: w.update({"head.bias": torch.zeros(4)}), r"head.bias must be .* \(3,\), was"),
        (lambda w: w.update({"head.bias": torch.zeros(3).double()}), "was float64"),
        (lambda w: w["head.bias"].fill_(np.nan), "head.bias must be finite"),
        (lambda w: w["head.bias"].fill_(np.inf), "head.bias must be finite"),
    ],
)
def test_weights_that_do_not_fit_the_network_are_refused(
    folder: Path, change: Callable[[Weights], object], sentence: str
) -> None:
    alter_weights(folder, change)
    with pytest.raises(BundleError, match=sentence):
        load_bundle(str(folder))


@pytest.mark.parametrize("content", [b"", b"noise" * 9, b"\x80\x04}q\x00."])
def test_weights_that_are_no_safetensors_are_refused(folder: Path, content: bytes) -> None:
    replace_weights(folder, content)
    with pytest.raises(BundleError, match="is not a safetensors file"):
        load_bundle(str(folder))


def test_one_changed_byte_is_noticed(folder: Path) -> None:
    content = bytearray((folder / WEIGHTS_FILE).read_bytes())
    content[-1] ^= 1
    (folder / WEIGHTS_FILE).write_bytes(content)
    with pytest.raises(BundleError, match="SHA-256 must be"):
        load_bundle(str(folder))


@pytest.mark.parametrize("file", [CARD_FILE, WEIGHTS_FILE])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(BundleError, match=file):
        load_bundle(str(folder))


def test_an_absent_bundle_is_said_with_those_that_ship(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="krx-daily"):
        load_bundle(str(tmp_path / "absent"))


def test_the_shipped_bundle_answers(windows: Callable[..., Any]) -> None:
    bundle = load_bundle("krx-daily")
    assert bundle.card.name == "krx-daily"
    assert bundle.card.interval == "1d"
    said = Engine(served_of(bundle)).explain(windows(20))
    assert np.isfinite(said.saliency).all()


def test_the_shipped_card_is_honest() -> None:
    card = load_bundle("krx-daily").card
    spans = card.spans
    assert card.test is not None
    assert spans.train.last < spans.validation.first < spans.validation.last < spans.test.first
    assert card.test.model.mcc > card.test.majority.mcc == 0.0
    assert card.test.model.mcc < 0.15  # above it, suspect a leak
    sizes = msgspec.to_builtins(card.network.sizes)
    assert sizes == {"channels": [16, 32], "kernel": 3, "dropout": 0.3}
