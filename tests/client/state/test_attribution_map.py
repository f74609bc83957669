import msgspec
import numpy as np
import pytest

from client.state.attribution_map import (
    AttributionMap,
    View,
    answered_map,
    live_map,
    live_relevance,
    relevance,
    values,
    view_for,
    views_of,
)
from client.state.methods import live_method
from models.data.features.price_volume import PRICE_VOLUME
from shared.contract import Class, Float32
from shared.explaining import MapKind, OfferedMethod
from tests.kit.made_market import MadeMarket
from tests.kit.maker import Maker
from tests.kit.methods import CAM, INTEGRATED, LIVE, UNSIGNED, a_method


def made(method: OfferedMethod, columns: int = 8) -> AttributionMap:
    grid: Float32 = np.arange(-24, 24, dtype=np.float32).reshape(6, 8)
    return AttributionMap(
        method=method,
        features=PRICE_VOLUME.features,
        winner=Class.UP,
        target=Class.UP,
        map=grid[:, :columns],
        raw=grid,
        scaled=np.full((6, 8), -2, np.float32),
        bar_ms=np.arange(6),
        top_drop=0.25,
        random_drop=0.05,
    )


def test_the_views_are_functions_of_map_and_input() -> None:
    slope = made(LIVE)
    np.testing.assert_array_equal(values(slope, View.SIGNED), slope.map)
    np.testing.assert_array_equal(values(slope, View.ABSOLUTE), np.abs(slope.map))
    np.testing.assert_array_equal(values(slope, View.TIMES_INPUT), -2 * slope.map)


def test_times_input_is_for_slopes_and_signs_are_for_what_has_them() -> None:
    assert views_of(LIVE) == (View.SIGNED, View.ABSOLUTE, View.TIMES_INPUT)
    assert views_of(INTEGRATED) == (View.SIGNED, View.ABSOLUTE)
    assert views_of(CAM) == (View.ABSOLUTE,)
    assert view_for(INTEGRATED, View.TIMES_INPUT) == View.SIGNED
    assert view_for(LIVE, View.TIMES_INPUT) == View.TIMES_INPUT


def test_a_slope_gives_reasons_times_its_input_and_a_contribution_as_it_is() -> None:
    np.testing.assert_array_equal(relevance(made(LIVE)), -2 * made(LIVE).map)
    np.testing.assert_array_equal(relevance(made(INTEGRATED)), made(INTEGRATED).map)


def test_a_map_without_signs_or_features_gives_no_reasons() -> None:
    assert relevance(made(UNSIGNED)) is None
    assert relevance(made(CAM, columns=1)) is None


def test_what_was_published_explains_the_winner(make: Maker) -> None:
    heatmap = make.heatmap("AAPL", newest_ms=9)
    live = live_map(heatmap, LIVE, PRICE_VOLUME.features)
    assert (live.method, live.winner, live.target) == (LIVE, Class.UP, Class.UP)
    assert (live.top_drop, live.random_drop, live.gap) == (0.25, 0.05, None)
    assert live.map is heatmap.saliency
    assert not live.time_only


def test_what_was_answered_says_itself_what_it_is(make: Maker) -> None:
    asked = answered_map(make.explanation("AAPL", "grad_cam", target=0), PRICE_VOLUME.features)
    assert (asked.winner, asked.target) == (Class.UP, Class.DOWN)
    assert asked.method.columns == 1
    assert asked.time_only
    assert asked.map.shape == (6, 1)


def test_a_slope_that_nobody_heard_of_has_the_views_and_reasons_of_a_slope() -> None:
    slope = a_method("unheard_of", "Unheard of", kind=MapKind.SLOPE)
    assert views_of(slope) == views_of(LIVE)
    np.testing.assert_array_equal(relevance(made(slope)), -2 * made(slope).map)
    bars = a_method("unheard_of_bars", "Unheard of", kind=MapKind.SLOPE, columns=1)
    assert views_of(bars) == (View.SIGNED, View.ABSOLUTE)
    assert relevance(made(bars, columns=1)) is None


@pytest.mark.parametrize("kind", list(MapKind))
def test_the_short_way_to_what_a_published_map_adds_is_the_same(make: Maker, kind: MapKind) -> None:
    heatmap = msgspec.structs.replace(MadeMarket(make).heatmap("AAPL"), kind=kind)
    long_way = relevance(live_map(heatmap, live_method(heatmap), PRICE_VOLUME.features))
    assert long_way is not None
    np.testing.assert_array_equal(live_relevance(heatmap), long_way)
