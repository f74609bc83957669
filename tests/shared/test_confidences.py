import msgspec
import numpy as np
import pytest

from shared.confidences import LEVELS, ConfidenceSpread
from tests.kit.spreads import a_spread


def test_strength_is_the_share_of_windows_below() -> None:
    spread = a_spread(0.2, 0.6)
    np.testing.assert_allclose(spread.strength([0.1, 0.2, 0.4, 0.598, 0.7]), [0, 0, 0.5, 0.995, 1])
    assert spread.strongest == pytest.approx(0.598)


def test_a_distribution_that_falls_or_has_holes_is_refused() -> None:
    plain = msgspec.to_builtins(a_spread(0.2, 0.6))
    for quantiles in (plain["quantiles"][::-1], plain["quantiles"][1:]):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(plain | {"quantiles": quantiles}, ConfidenceSpread)
    assert len(plain["quantiles"]) == len(LEVELS)
