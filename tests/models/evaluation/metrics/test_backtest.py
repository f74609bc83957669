import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pytest

from models.evaluation.metrics.backtest import (
    Account,
    Terms,
    account,
    days_a_year,
    deflated_sharpe_ratio,
    sharpe_ratio,
)
from models.evaluation.metrics.bootstrap import Days
from models.evaluation.metrics.forecasts import Forecasts, Realized
from models.training.dataset import Samples
from shared.contract import Int64
from shared.markets import MARKETS

Planted = Callable[..., Samples]


def _terms(cost_bps: float = 10.0, horizon: int = 1, trials: int = 1) -> Terms:
    return Terms(cost_bps=cost_bps, horizon=horizon, days_a_year=252, trials=trials)


def _answers(answer: list[int]) -> Forecasts:
    return Forecasts(
        name="made", probabilities=np.full((len(answer), 3), 1 / 3), answer=np.array(answer)
    )


def _outcomes(delayed: list[float], decided: list[int]) -> Realized:
    n, moment = len(delayed), np.array(decided, np.int64)
    return Realized(
        label=np.where(np.array(delayed) > 0, 2, 0).astype(np.int64),
        decided_ms=moment,
        target_ms=moment + 1,
        ticker=np.zeros(n, np.int32),
        returns=np.full(n, 0.5),
        delayed=np.array(delayed),
        volatility=np.full(n, 0.01),
    )


def _account(
    answer: list[int], delayed: list[float], block: list[int], terms: Terms | None = None
) -> Account:
    count = max(block) + 1
    days = Days(block=np.array(block), count=count, draws=None)
    return account(_answers(answer), _outcomes(delayed, block), days, terms or _terms())


def test_the_buys_of_a_day_share_the_capital_and_pay_twice() -> None:
    made = _account([2, 2, 0, 2, 1], [0.03, 0.01, 0.9, -0.02, 0.9], [0, 0, 0, 1, 2])
    assert made.daily.tolist() == pytest.approx([0.02 - 0.002, -0.02 - 0.002, 0.0])
    assert made.equity.tolist() == pytest.approx([1.018, 1.018 * 0.978, 1.018 * 0.978])
    trades = made.trades
    assert (trades.buys, trades.share) == (3, 0.6)
    assert trades.hit_rate == pytest.approx(2 / 3)
    assert trades.base_rate == pytest.approx(4 / 5)
    assert trades.delayed.value == pytest.approx(0.02 / 3)
    assert trades.net.value == pytest.approx(0.02 / 3 - 0.002)
    assert trades.at_once == 0.5
    assert trades.drawdown == pytest.approx(0.022)


def test_the_excess_is_over_all_rows_of_the_same_moment() -> None:
    made = _account([2, 0, 2, 0], [0.03, 0.01, 0.02, 0.04], [0, 0, 1, 1])
    assert made.trades.excess.value == pytest.approx((0.01 - 0.01) / 2)


def test_a_longer_horizon_leaves_each_moment_a_part_of_the_capital() -> None:
    made = _account([2, 2], [0.03, 0.05], [0, 1], _terms(cost_bps=0, horizon=5))
    assert made.daily.tolist() == pytest.approx([0.006, 0.01])


def test_a_day_of_many_moments_adds_them_up() -> None:
    outcomes = _outcomes([0.01, 0.03, 0.02], [0, 0, 1])
    days = Days(block=np.zeros(3, np.int64), count=1, draws=None)
    made = account(_answers([2, 2, 2]), outcomes, days, _terms(cost_bps=0))
    assert made.daily.tolist() == pytest.approx([0.04])


def test_what_cannot_be_bought_a_bar_later_earns_nothing() -> None:
    made = _account([2, 2], [math.nan, 0.01], [0, 1], _terms(cost_bps=0))
    assert made.daily.tolist() == [0.0, 0.01]
    assert made.trades.delayed.value == pytest.approx(0.01)


def test_no_buys_earn_nothing_and_pay_nothing() -> None:
    made = _account([0, 1], [0.1, 0.1], [0, 1])
    assert made.daily.tolist() == [0.0, 0.0]
    assert (made.trades.net.value, made.trades.sharpe, made.trades.hit_rate) == (0.0, 0.0, None)
    assert made.trades.deflated_sharpe is None


def test_what_is_planted_earns_more_than_all_rows(planted: Planted) -> None:
    samples = planted(days=200)
    outcomes = Realized.of(samples)
    block: Int64 = np.repeat(np.arange(200), 5)
    days = Days.draw(block, 200, np.ones((len(block), 1)))
    answer = np.where(samples.windows[:, -1, 3] > 0.02, 2, 1).tolist()
    trades = account(_answers(answer), outcomes, days, _terms()).trades
    assert trades.excess.above_zero
    assert trades.delayed.low is not None
    assert trades.net.low == pytest.approx(trades.delayed.low - 0.002)


def test_sharpe_ratio_by_hand() -> None:
    assert sharpe_ratio(np.array([0.01, 0.03])) == pytest.approx(2.0)
    assert sharpe_ratio(np.array([0.01, 0.01])) == 0.0


def test_deflated_sharpe_ratio_follows_the_paper() -> None:
    daily = np.random.default_rng(0).normal(0.001, 0.01, 500)
    ratio = sharpe_ratio(daily)
    z = (daily - daily.mean()) / daily.std()
    spread = 1 - (z**3).mean() * ratio + ((z**4).mean() - 1) / 4 * ratio**2
    once = deflated_sharpe_ratio(daily, 1)
    assert once == pytest.approx(NormalDist().cdf(ratio * math.sqrt(499 / spread)))
    # The paper's approximation of the expected greatest of 100 standard normal numbers: 2.5306,
    # as in its example, where it makes a yearly threshold of 0.1132 sqrt(250) from V = 1/2.
    many = deflated_sharpe_ratio(daily, 100)
    luck = 2.5306 / math.sqrt(499)
    assert many == pytest.approx(NormalDist().cdf((ratio - luck) * math.sqrt(499 / spread)), 1e-3)


def test_more_trials_leave_less_of_a_sharpe_ratio() -> None:
    daily = np.random.default_rng(0).normal(0.001, 0.01, 500)
    left = [deflated_sharpe_ratio(daily, trials) or 0.0 for trials in (1, 10, 1000)]
    assert left[0] > left[1] > left[2]


@pytest.mark.parametrize("daily", [np.full(100, 0.01), np.linspace(-1, 1, 5)])
def test_deflated_sharpe_ratio_is_undefined_without_days_or_spread(daily: np.ndarray) -> None:
    assert deflated_sharpe_ratio(daily, 3) is None


def test_a_market_that_never_closes_has_365_days() -> None:
    assert [days_a_year(MARKETS[m]) for m in ("krx", "us", "crypto")] == [252, 252, 365]
