import numpy as np
import pytest

from client.state.price_scale import PriceScale, ScaleKind, log_ticks


@pytest.mark.parametrize("kind", ScaleKind)
def test_what_an_axis_reads_leads_back_to_the_same_height(kind: ScaleKind) -> None:
    scale = PriceScale(kind, base=80.0)
    (height,) = scale.heights(np.array([100.0])).tolist()
    assert scale.price(height) == pytest.approx(100)
    assert scale.height(scale.read(height)) == pytest.approx(height)
    assert np.isfinite(scale.heights(np.zeros(1))).all()


def test_percent_are_of_the_base_and_prices_stay_prices() -> None:
    scale = PriceScale(ScaleKind.PERCENT, base=80.0)
    assert scale.label(100.0, 0) == "+25.00%"
    assert scale.tick(76.0, 0, spacing=5.0) == "\N{MINUS SIGN}5%"
    assert PriceScale(ScaleKind.LOG).label(np.log(1_234.0), 0) == "1,234"


def test_a_wide_axis_of_logarithms_has_round_prices_and_a_narrow_one_even_ones() -> None:
    assert log_ticks(90, 1_100) == [100, 200, 500, 1_000]
    assert log_ticks(0.004, 0.03) == pytest.approx([0.005, 0.01, 0.02])
    assert log_ticks(90, 110) == ()
