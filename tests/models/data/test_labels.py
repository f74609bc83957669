import msgspec
import numpy as np
import pytest

from models.data.labels import FixedReturn, LabelRule, ScaledReturn, TripleBarrier
from shared.contract import Class, Float64
from tests.kit.for_each import for_each

RULES: tuple[LabelRule, ...] = (FixedReturn(), ScaledReturn(), TripleBarrier())


def closes(*rows: list[float]) -> Float64:
    """Bars whose open, high and low are their close."""
    close = np.array(rows)[..., None]  # (n, h + 1, 1)
    return np.concatenate([np.repeat(close, 4, axis=-1), np.ones_like(close)], axis=-1)


def ranges(start: float, *bars: tuple[float, float]) -> Float64:
    """One path: a close, then bars of (low, high) that close where they began."""
    path = closes([start] * (len(bars) + 1))
    for i, (low, high) in enumerate(bars, start=1):
        path[0, i, 1:3] = high, low
    return path


def answer(rule: LabelRule, path: Float64, volatility: float = 0.01) -> list[int]:
    return list(rule.classify(path, np.full(len(path), volatility)))


@pytest.mark.parametrize(
    ("following", "expected"),
    [
        (1.0056, Class.UP),
        (1.0054, Class.FLAT),
        (1.0, Class.FLAT),
        (0.9951, Class.FLAT),
        (0.9949, Class.DOWN),
        (0.7, Class.DOWN),
    ],
)
def test_a_fixed_rule_has_one_limit_for_every_bar(following: float, expected: Class) -> None:
    assert answer(FixedReturn(), closes([1.0, following])) == [expected]


def test_the_limits_belong_to_the_moves() -> None:
    rule = FixedReturn(up_from=0.5, down_to=-0.5)
    assert answer(rule, closes([100.0, 150.0], [100.0, 50.0])) == [2, 0]
    scaled = ScaledReturn(width=50)
    assert answer(scaled, closes([100.0, 150.0], [100.0, 50.0])) == [2, 0]


def test_only_the_last_bar_of_the_horizon_counts() -> None:
    assert answer(FixedReturn(horizon=3), closes([1.0, 2.0, 2.0, 1.0])) == [Class.FLAT]


def test_a_scaled_rule_asks_more_of_a_wild_ticker() -> None:
    rule, path = ScaledReturn(width=1.0), closes([1.0, 1.02])
    assert answer(rule, path, volatility=0.019) == [Class.UP]
    assert answer(rule, path, volatility=0.021) == [Class.FLAT]
    assert answer(rule, closes([1.0, 0.98]), volatility=0.019) == [Class.DOWN]


def test_the_threshold_grows_with_the_root_of_the_horizon() -> None:
    rule = ScaledReturn(horizon=4, width=1.0)  # 2 x volatility
    path = closes([1.0, 1.0, 1.0, 1.0, 1.02])
    assert answer(rule, path, volatility=0.0099) == [Class.UP]
    assert answer(rule, path, volatility=0.0101) == [Class.FLAT]


@pytest.mark.parametrize("rule", [ScaledReturn(least=0.01), TripleBarrier(horizon=1, least=0.01)])
def test_a_ticker_that_never_moved_needs_the_least_move(rule: LabelRule) -> None:
    moves = closes([1.0, 1.0], [1.0, 1.009], [1.0, 1.011], [1.0, 0.989])
    assert answer(rule, moves, volatility=0.0) == [1, 1, 2, 0]


@pytest.mark.parametrize(
    ("bars", "expected"),
    [
        ([(0.995, 1.005)] * 4, Class.FLAT),  # neither: time is the third barrier
        ([(0.995, 1.005), (0.995, 1.03), (0.9, 1.0), (0.9, 1.0)], Class.UP),
        ([(0.995, 1.005), (0.97, 1.005), (1.0, 1.5), (1.0, 1.5)], Class.DOWN),
        ([(0.97, 1.03), (1.0, 1.5), (1.0, 1.5), (1.0, 1.5)], Class.FLAT),  # both in one bar
        ([(0.995, 1.005)] * 3 + [(0.97, 1.0)], Class.DOWN),
    ],
)
def test_the_barrier_that_is_touched_first_wins(
    bars: list[tuple[float, float]], expected: Class
) -> None:
    rule = TripleBarrier(horizon=4, width=1.0)  # barriers at +-2%
    assert answer(rule, ranges(1.0, *bars)) == [expected]


def test_the_range_of_the_decided_bar_touches_nothing() -> None:
    path = ranges(1.0, (0.999, 1.001))
    path[0, 0, 1:3] = 2.0, 0.5
    assert answer(TripleBarrier(horizon=1), path) == [Class.FLAT]


@pytest.mark.parametrize("rule", RULES)
def test_no_path_at_all(rule: LabelRule) -> None:
    assert answer(rule, np.empty((0, rule.horizon + 1, 5))) == []


def test_what_up_means_is_said_in_short() -> None:
    said = [
        FixedReturn().up_means("1d"),
        FixedReturn(horizon=3, up_from=0.01).up_means("1d"),
        ScaledReturn(width=0.45).up_means("5m"),
        ScaledReturn(width=0.45, horizon=12).up_means("5m"),
        TripleBarrier().up_means("1d"),
    ]
    assert said == [
        "up ≥ 0.55% in 1 day",
        "up ≥ 1% in 3 days",
        "up ≥ 0.45 σ in 5 min",
        "up ≥ 0.45 σ in 1 h",
        "touches +1 σ first, within 5 days",
    ]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_survives_a_card(rule: LabelRule) -> None:
    content = msgspec.json.encode(rule)
    assert msgspec.json.decode(content, type=LabelRule) == rule


@for_each(
    "values",
    [
        {"kind": "fixed_return", "horizon": 0},
        {"kind": "fixed_return", "horizon": 20},
        {"kind": "fixed_return", "up_from": 0.0},
        {"kind": "fixed_return", "width": 1.0},
        {"kind": "scaled_return", "least": 0.0},
        {"kind": "triple_barrier", "width": -1.0},
        {"kind": "lucky"},
        {"horizon": 1},
    ],
)
def test_a_rule_that_cannot_be_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(values, LabelRule)


def test_each_rule_says_itself_in_words() -> None:
    assert FixedReturn().sentence() == ("return over the next bar: up from +0.55%, down to -0.50%")
    assert ScaledReturn(horizon=2).sentence() == (
        "return over the next 2 bars: up or down from 0.4 standard deviations, at least 0.05%"
    )
    assert TripleBarrier().sentence() == (
        "first barrier touched within the next 5 bars: 1 standard deviations up or down, "
        "at least 0.05%"
    )
