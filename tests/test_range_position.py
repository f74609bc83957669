"""The example of a feature set, as its readers install it: trained, audited, served and named."""

import datetime as dt
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from client.net.link import Link
from client.state import captions
from client.state.attribution_map import AttributionMap
from client.state.explained import Explained
from client.state.inbox import Inbox
from models.__main__ import main
from models.bundles.bundle import Bundle, load_bundle
from models.data.features import registry
from models.data.sources.reader import read_bars
from models.evaluation.dated import samples_for
from models.evaluation.lookahead.audit import Extent, audit
from shared.endpoints import Endpoints
from shared.errors import PluginError
from tests.kit.live_server import StartServer
from tests.kit.plugin_install import on_the_path, unpack_example

NAME = "range_position"
LABELS = (
    *("close in bar", "open in bar", "body"),
    *("close in 5", "close in 10", "close in 20", "range", "volume in 20"),
)
SYMBOLS = ("AAA", "BBB", "CCC")
LIMIT_S = 60.0


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bars")
    for seed, symbol in enumerate(SYMBOLS):
        random = np.random.default_rng(seed)
        lines = ["date,open,high,low,close,volume"]
        for nth, close in enumerate(100 * np.exp(np.cumsum(random.normal(0, 0.02, 160)))):
            first, low, high = close * np.sort(random.normal(1, 0.01, 3))[[1, 0, 2]]
            row = f"{first:.3f},{max(high, close):.3f},{min(low, close):.3f},{close:.3f}"
            day = dt.date(2024, 1, 1) + dt.timedelta(days=nth)
            lines.append(f"{day},{row},{random.integers(1, 10**6)}")
        (folder / f"{symbol}.csv").write_text("\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    site = unpack_example("tickerlens_range_position", tmp_path_factory.mktemp("example"))
    with pytest.MonkeyPatch.context() as patch, on_the_path(site, patch):
        yield


@pytest.fixture(scope="module")
def folder(installed: None, bars: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model that was trained on windows of the example's set."""
    folder = tmp_path_factory.mktemp("bundles") / "ranges"
    plan = folder.parent / "plan.toml"
    plan.write_text(f'features = "{NAME}"')
    command = ["train", str(bars), "--out", str(folder), "--config", str(plan), "--epochs", "1"]
    assert main(command) == 0
    return folder


@pytest.fixture(scope="module")
def bundle(folder: Path) -> Bundle:
    return load_bundle(str(folder))


def test_the_card_names_the_set_and_its_features(bundle: Bundle) -> None:
    assert bundle.card.feature_set == bundle.feature_set.name == NAME
    assert bundle.card.features == bundle.feature_set.names
    assert bundle.feature_set.labels == LABELS


def test_positions_lie_within_their_ranges(bundle: Bundle, bars: Path) -> None:
    windows = samples_for(bundle, read_bars(bars).table).windows
    positions = windows[..., [0, 1, 3, 4, 5, 7]]
    assert positions.min() >= 0
    assert positions.max() <= 1
    assert windows[..., 2].min() >= -1
    assert positions.std(axis=(0, 1)).min() > 0.1


def test_a_bar_that_never_moved_lies_in_the_middle(installed: None) -> None:
    made = registry.feature_set(NAME)
    block = np.tile([7.0, 7.0, 7.0, 7.0, 0.0], (made.lookback, 1))
    assert made.newest(block).tolist() == [0.5, 0.5, 0, 0.5, 0.5, 0.5, 0, 0.5]


def test_an_audit_of_the_set_is_clean_and_finds_what_is_planted(bundle: Bundle, bars: Path) -> None:
    extent = Extent(tickers=3, moments=4, poisonings=1, streamed=40)
    found = audit(bundle, read_bars(bars).table, extent, lambda: None)
    assert (found.leaks, found.blind_to) == ((), ())
    assert {check.name for check in found.checks if check.part == "features"} == {
        *bundle.feature_set.names
    }


def test_the_desk_names_the_features_of_a_set_that_it_does_not_know(
    folder: Path, bars: Path, start_server: StartServer
) -> None:
    server = start_server("--bundle", str(folder), "--feed", f"replay:{bars}", "--speed", "max")
    inbox = Inbox()
    link = Link(Endpoints(publish=server.publish, requests=server.requests), inbox)
    link.watch(SYMBOLS[1])
    link.start()
    try:
        shown = first_map(inbox, SYMBOLS[1])
    finally:
        assert link.stop()
    assert tuple(feature.label for feature in shown.features) == LABELS
    said = " | ".join(reason.sentence for reason in captions.reasons_of(shown))
    assert any(word in said for word in ("of the bar's range", "its 20-bar", "-bar range"))


def first_map(inbox: Inbox, symbol: str) -> AttributionMap:
    """Return the first map that comes after the card of the model."""
    explained, told = Explained(symbol), False
    give_up = time.monotonic() + LIMIT_S
    arrived = threading.Event()
    inbox.on_arrival(arrived.set)
    while time.monotonic() < give_up:
        arrived.wait(1.0)
        arrived.clear()
        update = inbox.drain()
        explained.apply(update)
        told = told or update.card is not None
        shown = explained.attribution()
        if told and isinstance(shown, AttributionMap):
            return shown
    raise AssertionError("no map came")


def test_without_the_package_the_bundle_is_refused_by_the_name_of_the_set(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [place for place in sys.path if "example" not in place])
    with pytest.raises(PluginError, match=f"no package offers '{NAME}' as tickerlens.features"):
        load_bundle(str(folder))
