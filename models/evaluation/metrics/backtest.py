"""What the buys would have earned: after costs, one bar late, and after the luck of many tries.

A forecast that is worth something need not earn anything; this says how far apart the two are.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import msgspec
import numpy as np

from models.evaluation.metrics.bootstrap import Days, Measured, mean_of
from models.evaluation.metrics.forecasts import Forecasts, Realized
from shared.contract import Bool, Class, Float64
from shared.markets import Market

COST_BPS: Final = 10.0
_EULER_MASCHERONI: Final = 0.5772156649015329
_LEAST_DAYS: Final = 20  # fewer have no skewness to speak of


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What trading is assumed to cost.

    Attributes:
        cost_bps: Of one side, in hundredths of a percent of its value; a buy pays twice.
        horizon: Bars that a buy is held; a new one each bar gets that part of the capital.
        days_a_year: Sessions, to scale a day's figures to a year.
        trials: Configurations that were tried before this one was shown.
    """

    cost_bps: float
    horizon: int
    days_a_year: int
    trials: int


class Trades(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of the buys of one forecaster.

    Attributes:
        name: The forecaster's.
        buys: Rows that it called up.
        share: Of all rows.
        hit_rate: Share of the buys that came true; None without buys.
        base_rate: Share of all rows that went up.
        at_once: Mean return of a buy at the close that decided it, before costs; nobody gets it.
        delayed: Mean return of a buy one bar later, before costs.
        net: The same after costs.
        excess: The same before costs, over all rows decided at the same moment.
        yearly: Mean return of a year, all capital in the buys, equally, each held to the horizon.
        sharpe: Mean over standard deviation of the daily returns, scaled to a year.
        drawdown: The deepest fall of the equity from its peak, as a share.
        trials: Configurations that were tried.
        deflated_sharpe: Chance that the true Sharpe ratio is above what the best of that many
            tries without skill would show; None where it is undefined.
    """

    name: str
    buys: int
    share: float
    hit_rate: float | None
    base_rate: float
    at_once: float
    delayed: Measured
    net: Measured
    excess: Measured
    yearly: float
    sharpe: float
    drawdown: float
    trials: int
    deflated_sharpe: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Account:
    """The trades of one forecaster, and the daily returns of their portfolio.

    Attributes:
        trades: What came of them.
        daily: (days,) float64, return of each date, as a share.
    """

    trades: Trades
    daily: Float64

    @property
    def equity(self) -> Float64:
        """Return (days,) float64, what one unit of capital became by the end of each date."""
        return np.cumprod(1 + self.daily).astype(np.float64)


def days_a_year(market: Market) -> int:
    """Return the sessions of a year; a market that never closes has 365."""
    return 365 if market.session_close == "24:00" else 252


def account(forecasts: Forecasts, realized: Realized, days: Days, terms: Terms) -> Account:
    """Return what the rows that are called up would have earned.

    Args:
        forecasts: What was forecast.
        realized: What came of it; rows whose delayed return is unknown cannot be bought.
        days: The dates of the same rows.
        terms: What trading costs.
    """
    cost = 2 * terms.cost_bps / 10_000
    up = forecasts.answer == Class.UP
    bought = up & np.isfinite(realized.delayed)
    gained = np.where(bought, realized.delayed, 0.0)
    delayed = mean_of(gained, days, bought)
    daily = _portfolio(gained - cost * bought, bought, realized, days) / terms.horizon
    equity = np.cumprod(1 + daily)
    trades = Trades(
        name=forecasts.name,
        buys=int(up.sum()),
        share=float(up.mean()),
        hit_rate=float((realized.label[up] == Class.UP).mean()) if up.any() else None,
        base_rate=float((realized.label == Class.UP).mean()),
        at_once=float(realized.returns[up].mean()) if up.any() else 0.0,
        delayed=delayed,
        net=_shifted(delayed, -cost if bought.any() else 0.0),
        excess=mean_of(np.where(bought, _over_others(realized), 0.0), days, bought),
        yearly=float(daily.mean() * terms.days_a_year),
        sharpe=sharpe_ratio(daily) * math.sqrt(terms.days_a_year),
        drawdown=float((1 - equity / np.maximum.accumulate(np.maximum(equity, 1.0))).max()),
        trials=terms.trials,
        deflated_sharpe=deflated_sharpe_ratio(daily, terms.trials),
    )
    return Account(trades=trades, daily=daily)


def sharpe_ratio(daily: Float64) -> float:
    """Return the mean over the standard deviation of (n,) daily returns; 0 where none varies.

    Sharpe, "The Sharpe ratio", Journal of Portfolio Management 21 (1994), against no return at all.
    """
    spread = float(daily.std())
    return float(daily.mean()) / spread if spread > 1e-12 else 0.0


def deflated_sharpe_ratio(daily: Float64, trials: int) -> float | None:
    """Return the chance that the true Sharpe ratio beats the luck of that many tries.

    Bailey and Lopez de Prado, "The deflated Sharpe ratio", Journal of Portfolio Management 40
    (2014): Phi((SR - SR0) sqrt(T - 1) / sqrt(1 - skew SR + (kurtosis - 1) / 4 SR^2)) with
    SR0 = sqrt(V) ((1 - gamma) Phi^-1(1 - 1/N) + gamma Phi^-1(1 - 1/(N e))). The variance V of the
    tries is taken as 1 / (T - 1), that of a Sharpe ratio without skill, as the others were not
    kept.

    Args:
        daily: (n,) float64 returns, not scaled to a year.
        trials: Configurations that were tried, this one included, at least 1.

    Returns:
        Within 0 and 1; None for fewer than 20 days or returns that never vary.
    """
    count, ratio = len(daily), sharpe_ratio(daily)
    if count < _LEAST_DAYS or ratio == 0.0:
        return None
    deviation = (daily - daily.mean()) / daily.std()
    skewness, kurtosis = float((deviation**3).mean()), float((deviation**4).mean())
    spread = 1 - skewness * ratio + (kurtosis - 1) / 4 * ratio**2
    if spread <= 0:
        return None
    luck = _luckiest(trials) / math.sqrt(count - 1)
    return NormalDist().cdf((ratio - luck) * math.sqrt((count - 1) / spread))


def _luckiest(trials: int) -> float:
    # The expected greatest of that many standard normal numbers, as in the same paper.
    if trials < 2:
        return 0.0
    normal = NormalDist()
    return (1 - _EULER_MASCHERONI) * normal.inv_cdf(
        1 - 1 / trials
    ) + _EULER_MASCHERONI * normal.inv_cdf(1 - 1 / (trials * math.e))


def _shifted(mean: Measured, by: float) -> Measured:
    if mean.low is None or mean.high is None:
        return Measured(value=mean.value + by)
    return Measured(value=mean.value + by, low=mean.low + by, high=mean.high + by)


def _portfolio(net: Float64, bought: Bool, realized: Realized, days: Days) -> Float64:
    # (days,) sums over the moments of a day of the mean over the moment's buys.
    moments, place = np.unique(realized.decided_ms, return_inverse=True)
    total = np.bincount(place, weights=net, minlength=len(moments))
    count = np.bincount(place, weights=bought, minlength=len(moments))
    day = np.zeros(len(moments), np.int64)
    day[place] = days.block  # a moment whose targets lie on several dates counts on one of them
    mean = total / np.maximum(count, 1)
    return np.bincount(day, weights=mean, minlength=days.count).astype(np.float64)


def _over_others(realized: Realized) -> Float64:
    # (n,) delayed return less the mean of all rows of the same moment.
    known = np.isfinite(realized.delayed)
    moments, place = np.unique(realized.decided_ms, return_inverse=True)
    values = np.where(known, realized.delayed, 0.0)
    total = np.bincount(place, weights=values, minlength=len(moments))
    count = np.bincount(place, weights=known, minlength=len(moments))
    surplus: Float64 = values - (total / np.maximum(count, 1))[place]
    return surplus
