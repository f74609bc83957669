from client.state.tint_scale import ABSOLUTE, UNKNOWN, tint_scale
from tests.kit.spreads import a_spread


def test_color_begins_at_the_base_rate_and_is_full_for_the_strongest_1_in_200() -> None:
    spread = a_spread(0.30, 0.40, base_rate=0.34)
    scale = tint_scale(spread, absolute=False)
    assert (scale.low, scale.high) == (0.34, spread.strongest)
    assert [scale.percent(c) for c in (0.1, 0.34, spread.strongest, 0.9)] == [0, 0, 100, 100]
    assert 0 < scale.percent(0.36) < scale.percent(0.38) < 100
    assert scale.sentence == "34% to 40%: the strongest 1 in 200 of this model"


def test_without_a_distribution_or_by_choice_all_models_share_a_scale() -> None:
    assert tint_scale(None, absolute=False) is UNKNOWN
    assert tint_scale(a_spread(0.3, 0.4), absolute=True) is ABSOLUTE
    assert "does not say" in UNKNOWN.words
    assert [UNKNOWN.percent(c) for c in (1 / 3, 0.95)] == [0, 100]


def test_a_model_that_always_says_the_same_has_a_scale() -> None:
    scale = tint_scale(a_spread(0.3, 0.3, base_rate=0.3), absolute=False)
    assert scale.percent(0.3) == 0
