import numpy as np
import pytest

from models.data.volatility import CLOSES, volatility


def test_a_case_solved_by_hand() -> None:
    close = np.full(CLOSES, 100.0)
    close[-1] = 105.0
    assert volatility(close) == pytest.approx(np.log(1.05) * 0.3)  # sqrt(1/10 - 1/100)


def test_every_leading_axis_is_a_batch() -> None:
    close = np.random.default_rng(0).uniform(90, 110, (2, 3, CLOSES))
    got = volatility(close)
    assert got.shape == (2, 3)
    assert got[1, 2] == volatility(close[1, 2])
