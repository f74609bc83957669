from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.data.bars import DROP_CODES, DROPPED, DropReason, Rules, Validated, validate
from shared.contract import Float64, Int64
from shared.limits import LAST_MS
from tests.kit.for_each import for_each

DAY_MS = 86_400_000
RULES = Rules(interval_s=86_400, jump_limit=0.31)
GOOD = (10.0, 12.0, 9.0, 11.0, 100.0)
NOTHING = (np.zeros(1, np.int64), np.zeros(1))


def validated(
    *bars: tuple[float, ...], days: list[int] | None = None, rules: Rules = RULES
) -> Validated:
    bar_ms = DAY_MS * np.array(days or range(1, len(bars) + 1), dtype=np.int64)
    return validate(bar_ms[None], np.array([bars], dtype=np.float64), *NOTHING, rules)


def reason_of(verdict: Validated, position: int) -> DropReason | None:
    code = int(verdict.code[0, position])
    return DROP_CODES[code - 1] if code else None


@for_each(
    ("bar", "reason"),
    [
        (GOOD, None),
        ((10, 12, 9, 11, 0), None),
        ((np.nan, 12, 9, 11, 100), DropReason.NOT_A_NUMBER),
        ((10, np.inf, 9, 11, 100), DropReason.NOT_A_NUMBER),
        ((10, 12, 9, 11, np.nan), DropReason.NOT_A_NUMBER),
        ((0, 0, 0, 11, 0), DropReason.HALT),
        ((0, 0, 0, 0, 0), DropReason.ZERO_PRICE),
        ((10, 12, 0, 11, 100), DropReason.ZERO_PRICE),
        ((10, 12, 9, 11, -1), DropReason.NEGATIVE_VOLUME),
        ((-10, 12, 9, 11, 100), DropReason.OUT_OF_RANGE),
        ((10, 2e12, 9, 11, 100), DropReason.OUT_OF_RANGE),
        ((10, 12, 9, 11, 2e18), DropReason.OUT_OF_RANGE),
        ((10, 8, 9, 9, 100), DropReason.HIGH_BELOW_LOW),
    ],
)
def test_each_kind_of_dirt_has_its_reason(
    bar: tuple[float, ...], reason: DropReason | None
) -> None:
    assert reason_of(validated(bar), 0) is reason


@pytest.mark.parametrize("day", [-1, LAST_MS // DAY_MS + 1])
def test_a_bar_of_no_time_that_can_be_shown_is_out_of_range(day: int) -> None:
    assert reason_of(validated(GOOD, days=[day]), 0) is DropReason.OUT_OF_RANGE


def test_times_are_compared_with_the_last_accepted_bar() -> None:
    zero = (0.0,) * 5
    verdict = validated(GOOD, zero, GOOD, GOOD, GOOD, days=[5, 9, 5, 4, 6])
    assert [reason_of(verdict, i) for i in range(5)] == [
        None,
        DropReason.ZERO_PRICE,
        DropReason.DUPLICATE,
        DropReason.OUT_OF_ORDER,
        None,
    ]


def test_what_came_before_the_batch_counts() -> None:
    past_ms, past_close = np.array([5 * DAY_MS]), np.array([55.0])
    bars = np.array([[GOOD, GOOD]])
    verdict = validate(DAY_MS * np.array([[5, 6]]), bars, past_ms, past_close, RULES)
    assert reason_of(verdict, 0) is DropReason.DUPLICATE
    assert verdict.jump.tolist() == [[False, True]]


def test_a_price_outside_the_range_widens_it_and_is_counted() -> None:
    verdict = validated((10, 10.5, 9.8, 11, 100), (8, 12, 9, 11, 100))
    assert verdict.widened.tolist() == [[True, True]]
    assert verdict.ohlcv[0, :, :4].tolist() == [[10, 11, 9.8, 11], [8, 12, 8, 11]]
    assert verdict.counts() == {DropReason.RANGE_WIDENED: 2}


def test_the_callers_bars_are_not_mended_in_place() -> None:
    bars = np.array([[(10, 10.5, 9.8, 11, 100.0)]])
    before = bars.copy()
    validate(np.array([[DAY_MS]]), bars, *NOTHING, RULES)
    np.testing.assert_array_equal(bars, before)


@pytest.mark.parametrize(("close", "jump"), [(130, False), (132, True), (70, False), (68, True)])
def test_a_close_beyond_the_limit_is_a_jump(close: float, jump: bool) -> None:
    verdict = validated((100,) * 5, (close, close, close, close, 5))
    assert verdict.jump.tolist() == [[False, jump]]
    assert verdict.accepted.all()


@pytest.mark.parametrize(("close", "jump"), [(150.0, False), (50.0, False), (150.1, True)])
def test_a_close_at_the_very_limit_is_no_jump(close: float, jump: bool) -> None:
    rules = Rules(interval_s=86_400, jump_limit=0.5)  # of which floats have the very product
    verdict = validated((100,) * 5, (close, close, close, close, 5), rules=rules)
    assert verdict.jump.tolist() == [[False, jump]]


@pytest.mark.parametrize(("price", "reason"), [(1e-12, None), (9e-13, DropReason.OUT_OF_RANGE)])
def test_the_least_price_is_one_and_nothing_below(price: float, reason: DropReason | None) -> None:
    assert reason_of(validated((price, price, price, price, 5)), 0) is reason


def test_a_dropped_bar_hides_no_jump() -> None:
    verdict = validated((100,) * 5, (0,) * 5, (20, 20, 20, 20, 5), (20, 20, 20, 20, 5))
    assert verdict.jump.tolist() == [[False, False, True, False]]


@pytest.mark.parametrize(
    ("interval_s", "gap_s"),
    [
        (60, 2 * 3600),
        (300, 2 * 3600),
        (4 * 3600, 8 * 3600),
        (86_400, 15 * 86_400),
        (7 * 86_400, 15 * 86_400),
        (30 * 86_400, 60 * 86_400),
    ],
)
def test_a_gap_is_more_than_a_pause_of_the_market(interval_s: int, gap_s: int) -> None:
    rules = Rules(interval_s=interval_s, jump_limit=0.31)
    times = 1000 * np.cumsum([[DAY_MS, gap_s, gap_s + 1]], axis=1)
    verdict = validate(times, np.array([[GOOD] * 3]), *NOTHING, rules)
    assert verdict.gap.tolist() == [[False, False, True]]


def test_no_bars_at_all() -> None:
    verdict = validate(
        np.empty((3, 0), np.int64), np.empty((3, 0, 5)), np.zeros(3, np.int64), np.zeros(3), RULES
    )
    assert verdict.code.shape == (3, 0)
    assert not verdict.counts()


def test_dropped_names_every_reason_that_loses_a_bar() -> None:
    by_readers = {DropReason.NO_TIME, DropReason.UNFINISHED, DropReason.OUTSIDE_SESSION}
    assert {*DROP_CODES, *by_readers} == DROPPED


ANY_BARS = st.integers(1, 12).flatmap(
    lambda t: st.tuples(
        arrays(np.int64, (1, t), elements=st.integers(-2, 40)),
        arrays(
            np.float64,
            (1, t, 5),
            elements=st.one_of(st.floats(), st.sampled_from([0.0, 1.0, 2.0, 1e12, 1e-12])),
        ),
    )
)


def streamed(bar_ms: Int64, ohlcv: Float64) -> list[Validated]:
    past_ms, past_close = NOTHING
    verdicts = []
    for i in range(bar_ms.shape[1]):
        step = slice(i, i + 1)
        verdict = validate(bar_ms[:, step], ohlcv[:, step], past_ms, past_close, RULES)
        if verdict.accepted[0, 0]:
            past_ms, past_close = bar_ms[:, i], ohlcv[:, i, 3]
        verdicts.append(verdict)
    return verdicts


def assert_same(whole: Validated, steps: list[Validated]) -> None:
    for field in ("code", "widened", "jump", "gap", "ohlcv"):
        parts = np.concatenate([getattr(step, field) for step in steps], axis=1)
        np.testing.assert_array_equal(getattr(whole, field), parts)


@given(ANY_BARS)
def test_one_bar_at_a_time_is_judged_as_the_whole_history(bars: tuple[Int64, Float64]) -> None:
    bar_ms, ohlcv = bars[0] * DAY_MS, bars[1]
    assert_same(validate(bar_ms, ohlcv, *NOTHING, RULES), streamed(bar_ms, ohlcv))


@pytest.mark.parametrize("seed", range(5))
def test_real_dirt_is_judged_alike_bar_by_bar(
    seed: int, dirty: Callable[[int], tuple[Int64, Float64]]
) -> None:
    bar_ms, ohlcv = dirty(seed)
    whole = validate(bar_ms[None], ohlcv[None], *NOTHING, RULES)
    assert_same(whole, streamed(bar_ms[None], ohlcv[None]))
    counts = whole.counts()
    assert {
        DropReason.ZERO_PRICE,
        DropReason.HALT,
        DropReason.JUMP,
        DropReason.GAP,
    } <= counts.keys()
    assert sum(counts[r] for r in DROP_CODES) + int(whole.accepted.sum()) == len(bar_ms)


@given(ANY_BARS)
def test_accepted_bars_can_be_believed(bars: tuple[Int64, Float64]) -> None:
    bar_ms, ohlcv = bars[0] * DAY_MS, bars[1]
    verdict = validate(bar_ms, ohlcv, *NOTHING, RULES)
    kept = verdict.ohlcv[verdict.accepted]
    assert np.isfinite(kept).all()
    assert (kept[:, :4] > 0).all()
    assert (kept[:, 4] >= 0).all()
    assert (kept[:, [1]] >= kept[:, :4]).all()
    assert (kept[:, [2]] <= kept[:, :4]).all()
    assert (np.diff(bar_ms[verdict.accepted]) > 0).all()
