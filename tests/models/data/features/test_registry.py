from pathlib import Path

import numpy as np
import pytest

from models.data.features import registry
from models.data.features.price_volume import PRICE_VOLUME
from shared.errors import PluginError
from tests.kit.feature_sets import a_set
from tests.kit.plugin_install import on_the_path, write_plugin

OF_THE_KIT = "from dataclasses import replace\nfrom tests.kit.feature_sets import a_set, ages\n"


def test_ours_is_the_default() -> None:
    assert registry.DEFAULT in registry.names()
    assert registry.feature_set(registry.DEFAULT) is PRICE_VOLUME


def test_a_set_of_another_package_is_found_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = write_plugin(tmp_path, "tickerlens.features", "ages", f"{OF_THE_KIT}OFFER = a_set()\n")
    with on_the_path(site, monkeypatch):
        assert registry.names() == ("price_volume", "ages")
        made = registry.feature_set("ages")
        block = np.random.default_rng(0).uniform(90, 110, (3, 9, 5))
        np.testing.assert_array_equal(made.newest(block), a_set().newest(block))
    with pytest.raises(PluginError, match="no package offers 'ages'"):
        registry.feature_set("ages")


@pytest.mark.parametrize(
    ("offer", "sentence"),
    [
        ("8", "must be a FeatureSet, was int"),
        ("a_set(name='other')", "calls itself 'other'"),
        ("a_set(lookback=1)", "failed: ValueError: the look-back of ages"),
        ("a_set(newest=lambda block: 1 / 0)", "failed: ZeroDivisionError"),
        ("a_set(newest=lambda block: ages(block)[..., :7])", "must give 8 numbers a bar, was"),
        ("a_set(newest=lambda block: ages(block) * float('nan'))", "must give finite numbers"),
        ("a_set(newest=lambda block: ages(block) / 0)", "failed|finite"),
        ("a_set(newest=lambda block: block.sort())", "failed: ValueError"),
        ("a_set(whole=lambda ohlcv: ages(ohlcv)[None])", "something else of a history"),
        ("a_set(whole=lambda ohlcv: a_set().history(ohlcv) + 1)", "something else of a history"),
    ],
)
@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value)")
def test_what_a_set_does_wrong_is_a_sentence_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offer: str, sentence: str
) -> None:
    source = f"{OF_THE_KIT}OFFER = {offer}\n"
    site = write_plugin(tmp_path, "tickerlens.features", "ages", source)
    with (
        on_the_path(site, monkeypatch),
        pytest.raises(PluginError, match=f"'ages'.*({sentence})"),
    ):
        registry.feature_set("ages")


def test_a_set_cannot_write_into_the_bars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (
        "def newest(block):",
        "    if block.ndim == 3:",  # unlike what a set is tried on
        "        block[:] = 1",
        "    return ages(block)",
        "OFFER = a_set(newest=newest, whole=a_set().history)",
    )
    source = OF_THE_KIT + "\n".join(lines) + "\n"
    site = write_plugin(tmp_path, "tickerlens.features", "ages", source)
    with on_the_path(site, monkeypatch):
        made = registry.feature_set("ages")
        with pytest.raises(PluginError, match="read-only"):
            made.newest(np.ones((2, 9, 5)))


def test_a_name_of_ours_is_refused_and_ours_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    source = f"{OF_THE_KIT}OFFER = a_set(name='price_volume')\n"
    site = write_plugin(tmp_path, "tickerlens.features", "price_volume", source)
    with on_the_path(site, monkeypatch):
        assert registry.names() == ("price_volume",)
        assert "'price_volume' (tickerlens.features)" in caplog.text
        assert registry.feature_set("price_volume") is PRICE_VOLUME
    caplog.clear()
