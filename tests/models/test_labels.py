import numpy as np
import pytest

from models.labels import LabelRule, next_returns
from shared.contract import Class


@pytest.mark.parametrize(
    ("following", "expected"),
    [
        (0.0055, Class.UP),
        (0.00549, Class.FLAT),
        (0.0, Class.FLAT),
        (-0.00499, Class.FLAT),
        (-0.005, Class.DOWN),
        (-0.3, Class.DOWN),
    ],
)
def test_the_limits_belong_to_the_moves(following: float, expected: Class) -> None:
    assert LabelRule().classify(np.array([following])).tolist() == [expected]


def test_a_return_belongs_to_the_close_before_it() -> None:
    np.testing.assert_allclose(next_returns(np.array([100.0, 110.0, 99.0])), [0.1, -0.1])
