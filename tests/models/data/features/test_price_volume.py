from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.data.bars import Rules, validate
from models.data.corrections import settled
from models.data.features.price_volume import PRICE_VOLUME
from models.training.dataset import clean
from shared.contract import Float64, Int64
from shared.limits import MAX_PRICE, MAX_VOLUME, MIN_PRICE

RULES = Rules(interval_s=86_400, jump_limit=0.31)
History = tuple[Int64, Float64]


def named(block: Float64) -> dict[str, float]:
    return dict(zip(PRICE_VOLUME.names, PRICE_VOLUME.newest(block).tolist(), strict=True))


def test_a_case_solved_by_hand() -> None:
    block = np.tile([100.0, 100.0, 100.0, 100.0, 50.0], (PRICE_VOLUME.lookback, 1))
    block[-1] = (101.0, 110.0, 99.0, 105.0, 250.0)
    got = named(block)
    assert got == pytest.approx(
        {
            "open_gap": np.log(1.01),
            "high": np.log(1.10),
            "low": np.log(0.99),
            "return": np.log(1.05),
            "volume": np.log(250 / 60),  # 19 x 50 and 250 have the mean 60
            "vs_ma5": 105 / 101 - 1,
            "vs_ma20": 105 / 100.25 - 1,
            "volatility": np.log(1.05) * 0.3,  # one of ten: sqrt(1/10 - 1/100)
        },
        rel=1e-12,
    )


def test_a_price_that_never_moves_has_features_of_0() -> None:
    block = np.tile([7.0, 7.0, 7.0, 7.0, 3.0], (PRICE_VOLUME.lookback, 1))
    np.testing.assert_allclose(PRICE_VOLUME.newest(block), np.zeros(8), rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("before", "newest", "expected"),
    [(0.0, 0.0, 0.0), (5.0, 0.0, -4.0), (1e6, 1.0, -4.0), (0.0, 9.0, np.log(20))],
)
def test_volume_where_nothing_or_little_was_traded(
    before: float, newest: float, expected: float
) -> None:
    block = np.tile([7.0, 7.0, 7.0, 7.0, before], (PRICE_VOLUME.lookback, 1))
    block[-1, 4] = newest
    assert named(block)["volume"] == pytest.approx(expected, rel=1e-12)


def test_every_leading_axis_is_a_batch() -> None:
    blocks = np.random.default_rng(0).uniform(1, 2, (2, 3, PRICE_VOLUME.lookback, 5))
    got = PRICE_VOLUME.newest(blocks)
    assert got.shape == (2, 3, 8)
    np.testing.assert_allclose(got[1, 2], PRICE_VOLUME.newest(blocks[1, 2]), rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [0, 1, PRICE_VOLUME.lookback - 1])
def test_a_short_series_has_no_features(n: int) -> None:
    assert PRICE_VOLUME.history(np.ones((n, 5))).shape == (0, 8)


def test_the_unit_of_the_price_and_of_the_volume_does_not_matter(
    walk: Callable[..., History],
) -> None:
    _, ohlcv = walk(60)
    scaled = ohlcv * [1e3, 1e3, 1e3, 1e3, 1e5]
    np.testing.assert_allclose(
        PRICE_VOLUME.history(scaled), PRICE_VOLUME.history(ohlcv), rtol=0, atol=1e-12
    )


@given(st.integers(PRICE_VOLUME.lookback, 59))
def test_a_feature_never_changes_when_later_bars_arrive(cut: int) -> None:
    ohlcv = np.random.default_rng(cut).uniform(90, 110, (60, 5))
    whole, early = PRICE_VOLUME.history(ohlcv), PRICE_VOLUME.history(ohlcv[:cut])
    np.testing.assert_array_equal(whole[: len(early)], early)


def test_a_feature_looks_back_no_further_than_said(walk: Callable[..., History]) -> None:
    _, ohlcv = walk(60)
    altered = ohlcv.copy()
    altered[: 60 - PRICE_VOLUME.lookback] *= 3
    np.testing.assert_array_equal(
        PRICE_VOLUME.history(altered)[-1], PRICE_VOLUME.history(ohlcv)[-1]
    )


PRICE = st.floats(MIN_PRICE, MAX_PRICE)
VOLUME = st.one_of(st.just(0.0), st.floats(0, MAX_VOLUME))


@given(
    arrays(np.float64, (PRICE_VOLUME.lookback, 4), elements=PRICE),
    arrays(np.float64, (PRICE_VOLUME.lookback, 1), elements=VOLUME),
)
def test_no_believable_bar_makes_a_feature_infinite(prices: Float64, volumes: Float64) -> None:
    got = PRICE_VOLUME.newest(np.concatenate([prices, volumes], axis=1))
    assert np.isfinite(got.astype(np.float32)).all()


def streamed(bar_ms: Int64, ohlcv: Float64) -> Float64:
    # What a server does: validate each bar as it comes, keep 20, begin afresh at a jump. What
    # corrects a bar is in its place already.
    history = settled(bar_ms, ohlcv)
    bar_ms, ohlcv = history.bar_ms, history.ohlcv
    past_ms, past_close = np.zeros(1, np.int64), np.zeros(1)
    kept: list[Float64] = []
    blocks = []
    for i in range(len(bar_ms)):
        step = slice(i, i + 1)
        verdict = validate(bar_ms[None, step], ohlcv[None, step], past_ms, past_close, RULES)
        if not verdict.accepted[0, 0]:
            continue
        past_ms, past_close = bar_ms[step], verdict.ohlcv[:, 0, 3]
        before = [] if verdict.jump[0, 0] else kept[1 - PRICE_VOLUME.lookback :]
        kept = [*before, verdict.ohlcv[0, 0]]
        if len(kept) == PRICE_VOLUME.lookback:
            blocks.append(kept)
    return PRICE_VOLUME.newest(np.array(blocks).reshape(-1, PRICE_VOLUME.lookback, 5))


def in_one_go(bar_ms: Int64, ohlcv: Float64) -> Float64:
    series, _ = clean(bar_ms, ohlcv, RULES)
    parts = np.split(series.ohlcv, np.flatnonzero(series.jump))
    return np.concatenate([PRICE_VOLUME.history(part) for part in parts])


@pytest.mark.parametrize("seed", range(20))
def test_streaming_equals_batch_on_a_dirty_series(
    seed: int, dirty: Callable[[int], History]
) -> None:
    bar_ms, ohlcv = dirty(seed)
    batch, stream = in_one_go(bar_ms, ohlcv), streamed(bar_ms, ohlcv)
    assert len(batch) > 50
    assert np.isfinite(batch).all()
    np.testing.assert_allclose(stream, batch, rtol=0, atol=1e-6)


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.1))
def test_streaming_equals_batch_on_random_bars(seed: int, share: float) -> None:
    random = np.random.default_rng(seed)
    ohlcv = random.uniform(90, 110, (80, 5)) + np.array([0, 25, -25, 0, 0])
    dirt = random.choice([0.0, np.nan, -1.0, 500.0, 1e300], (80, 5))
    ohlcv = np.where(random.random((80, 5)) < share, dirt, ohlcv)
    bar_ms = 86_400_000 * np.cumsum(random.choice([1, 1, 1, 0, -1, 20], 80))
    batch, stream = in_one_go(bar_ms, ohlcv), streamed(bar_ms, ohlcv)
    assert np.isfinite(batch).all()
    np.testing.assert_allclose(stream, batch, rtol=0, atol=1e-6)
