from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.bundles.bundle import build_bundle, encode_weights, load_bundle, save_bundle
from models.bundles.card import Card, NetworkCard
from models.bundles.files import BundleFiles, read_files
from models.inference.served import read_served, served_of
from models.inference.torch_scorer import TorchScorer
from models.networks.kinds import NETWORKS, build_network
from shared.contract import Float32
from shared.errors import BundleError
from tests.kit.broken_bundles import broken, good_files

Scaled = Callable[..., Float32]


def written(folder: Path, card: Card, kind: str, members: int) -> BundleFiles:
    network = build_network(kind, NETWORKS[kind].sizes(), members)
    weights, digest = encode_weights(network)
    told = NetworkCard(kind=kind, sizes={}, members=members, parameters=1)
    save_bundle(folder, replace_card(card, told, digest), weights)
    return read_files(folder)


def replace_card(card: Card, network: NetworkCard, digest: str) -> Card:
    fields = {f: getattr(card, f) for f in card.__struct_fields__}
    return Card(**{**fields, "network": network, "weights_sha256": digest})


@pytest.mark.parametrize(("kind", "members"), [("cnn1d", 1), ("cnn1d", 3), ("transformer", 2)])
def test_what_is_read_without_torch_is_what_torch_holds(
    kind: str, members: int, tmp_path: Path, card: Card, scaled: Scaled
) -> None:
    files = written(tmp_path / "made", card, kind, members)
    served, held = read_served(files, "made"), served_of(load_bundle(str(tmp_path / "made")))
    assert isinstance(served.scorer, TorchScorer) is (kind != "cnn1d")
    assert (served.model_id, served.traits) == (held.model_id, held.traits)
    assert served.why_torch == held.why_torch
    windows, classes = scaled(20), np.arange(20) % 3
    np.testing.assert_array_equal(served.scorer.logits(windows), held.scorer.logits(windows))
    slopes = [model.scorer.trace(windows)[1](classes) for model in (served, held)]
    np.testing.assert_array_equal(slopes[0], slopes[1])


def test_a_broken_bundle_is_refused_in_the_same_words_without_torch() -> None:
    told = 0
    for what, files in broken(good_files()):
        if not what.startswith(("sizes", "more", "weights", "logits", "slopes", "a card that")):
            continue
        with pytest.raises(BundleError) as wanted:
            build_bundle(files, "made")
        with pytest.raises(BundleError) as found:
            read_served(files, "made")
        assert str(found.value) == str(wanted.value), what
        told += 1
    assert told > 12
