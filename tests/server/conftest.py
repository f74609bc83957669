import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
import torch

from models.bundles.bundle import Bundle, encode_weights, load_bundle, save_bundle
from models.data.features.price_volume import PRICE_VOLUME
from models.networks.cnn1d import Cnn1d, Cnn1dSizes
from tests.kit.cards import a_card
from tests.kit.contexts import ending_context
from tests.kit.house import Context, Follower, House


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle on disk with an untrained network, the same each time."""
    torch.manual_seed(7)
    weights, digest = encode_weights(Cnn1d(Cnn1dSizes(channels=(4,))))
    folder = tmp_path_factory.mktemp("bundles") / "made"
    save_bundle(folder, a_card(digest), weights)
    return folder


@pytest.fixture(scope="session")
def made_bundle(bundle_folder: Path) -> Bundle:
    return load_bundle(str(bundle_folder))


@pytest.fixture(scope="session")
def follower() -> Bundle:
    """A model that anybody can predict: what went up will go up."""
    return Bundle(
        card=a_card("ab" * 32),
        card_json='{"name": "made"}',
        feature_set=PRICE_VOLUME,
        network=Follower(),
    )


@pytest.fixture
def house(follower: Bundle) -> House:
    return House(follower)


@pytest.fixture
def context() -> Iterator[Context]:
    """A ZeroMQ context that a test must leave without open sockets."""
    with ending_context() as context:
        yield context


@pytest.fixture
def free_logs() -> Iterator[None]:
    """Put logging back to what it was before the test."""
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield
    root.handlers[:], logging.raiseExceptions = handlers, raising
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()
