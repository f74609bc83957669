"""What a model must beat: no skill, two rules of thumb, and two fitted models on the same window.

All are fitted on the train span, chosen on the validation span, and never see more than the bars
of the network's window: the rules of thumb their returns, the fitted ones its features.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import lightgbm as lgb
import numpy as np
from sklearn.linear_model import LogisticRegression

from models.data.scaler import Scaler
from models.evaluation.metrics.classification import confusion, matthews
from models.evaluation.metrics.forecasts import Forecasts
from models.training.dataset import Samples
from shared.contract import STEPS, Class, Float32, Float64, Int64
from shared.errors import DataError

MAJORITY: Final = "majority"
MOMENTUM: Final = "momentum"
REVERSION: Final = "mean reversion"
LOGISTIC: Final = "logistic regression"
LIGHTGBM: Final = "LightGBM"

_ROUNDS: Final = 600
_PATIENCE: Final = 30
_TREES: Final[dict[str, Any]] = {
    "objective": "multiclass",
    "num_class": len(Class),
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 200,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "feature_fraction": 0.5,
    # The same bars must give the same trees; and its threads starve those of torch beside it.
    "seed": 0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}

Forecaster = Callable[[Samples], Forecasts]


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """One way to forecast without the network.

    Attributes:
        name: What tables call it.
        fit: From train and validation samples to a function of n others, whose outcomes it ignores.
    """

    name: str
    fit: Callable[[Samples, Samples], Forecaster]


def fit_majority(train: Samples, validation: Samples) -> Forecaster:
    """Always forecast the shares of the classes in the train span; nothing is chosen."""
    shares = _shares(train.label)
    return lambda samples: Forecasts.most_probable(
        MAJORITY, np.tile(shares, (len(samples.label), 1))
    )


def fit_momentum(train: Samples, validation: Samples) -> Forecaster:
    """Forecast that the return of the last k bars goes on; k by the validation's MCC."""
    return _fit_rule(MOMENTUM, 1, train, validation)


def fit_reversion(train: Samples, validation: Samples) -> Forecaster:
    """Forecast that the return of the last k bars is taken back; k by the validation's MCC."""
    return _fit_rule(REVERSION, -1, train, validation)


def fit_logistic(train: Samples, validation: Samples) -> Forecaster:
    """Multinomial logistic regression on the 48 scaled numbers; nothing is chosen.

    Raises:
        DataError: The train span holds one class only.
    """
    _check_classes(train)
    scaler = Scaler.fit(train.windows)
    # Newton's method ends at the one optimum; the default stops short of it, elsewhere each time,
    # because highs, lows and returns almost say the same.
    model = LogisticRegression(solver="newton-cholesky", tol=1e-6)
    model.fit(_flat(scaler.apply(train.windows)), train.label)

    def forecast(samples: Samples) -> Forecasts:
        probabilities = np.zeros((len(samples.label), len(Class)))
        if len(samples.label):
            rows = _flat(scaler.apply(samples.windows))
            probabilities[:, model.classes_] = model.predict_proba(rows)
        return Forecasts.most_probable(LOGISTIC, probabilities)

    return forecast


def fit_lightgbm(train: Samples, validation: Samples) -> Forecaster:
    """Boosted trees on the 48 raw numbers; their count by the validation's log loss.

    Ke et al., "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 2017.

    Raises:
        DataError: The train span holds one class only.
    """
    _check_classes(train)
    known = lgb.Dataset(_flat(train.windows), train.label)
    chosen = lgb.Dataset(_flat(validation.windows), validation.label, reference=known)
    stop = lgb.early_stopping(_PATIENCE, verbose=False)
    trees = lgb.train(_TREES, known, _ROUNDS, valid_sets=[chosen], callbacks=[stop])

    def forecast(samples: Samples) -> Forecasts:
        if len(samples.label) == 0:
            return Forecasts.most_probable(LIGHTGBM, np.zeros((0, len(Class))))
        rows = np.asarray(trees.predict(_flat(samples.windows), num_threads=1), np.float64)
        return Forecasts.most_probable(LIGHTGBM, rows)

    return forecast


BASELINES: Final = (
    Baseline(name=MAJORITY, fit=fit_majority),
    Baseline(name=MOMENTUM, fit=fit_momentum),
    Baseline(name=REVERSION, fit=fit_reversion),
    Baseline(name=LOGISTIC, fit=fit_logistic),
    Baseline(name=LIGHTGBM, fit=fit_lightgbm),
)


def _fit_rule(name: str, sign: int, train: Samples, validation: Samples) -> Forecaster:
    # The rule calls as many windows up and down as the train span had, so it fits any label; its
    # probabilities are what became of the train windows that it calls the same.
    rules = [_Rule.fit(sign, bars, train) for bars in range(1, STEPS + 1)]

    def merit(rule: _Rule) -> float:
        return float(matthews(confusion(validation.label, rule.answer(validation.log_returns))))

    best = max(rules, key=merit)  # the fewest bars of equals
    answered = best.answer(train.log_returns)
    shares = np.stack([_shares(train.label[answered == c], train.label) for c in Class])

    def forecast(samples: Samples) -> Forecasts:
        answer = best.answer(samples.log_returns)
        return Forecasts(name=name, probabilities=shares[answer], answer=answer)

    return forecast


@dataclass(frozen=True, kw_only=True)
class _Rule:
    # Down up to `down_to` and up from `up_from`, of sign x the log return over `bars`.
    sign: int
    bars: int
    down_to: float
    up_from: float

    @classmethod
    def fit(cls, sign: int, bars: int, train: Samples) -> "_Rule":
        down, flat, _ = _shares(train.label)
        signal = sign * _return(train.log_returns, bars)
        down_to, up_from = np.quantile(signal, [down, min(down + flat, 1.0)])
        return cls(sign=sign, bars=bars, down_to=float(down_to), up_from=float(up_from))

    def answer(self, log_returns: Float32) -> Int64:
        signal = self.sign * _return(log_returns, self.bars)
        calls = [signal > self.up_from, signal < self.down_to]
        return np.select(calls, [Class.UP, Class.DOWN], Class.FLAT).astype(np.int64)


def _return(log_returns: Float32, bars: int) -> Float64:
    # (n,) log return over the newest bars of (n, 6).
    total: Float64 = log_returns[:, -bars:].astype(np.float64).sum(axis=1)
    return total


def _shares(label: Int64, otherwise: Int64 | None = None) -> Float64:
    # (3,) shares of the classes, those of `otherwise` where there is none.
    of = otherwise if otherwise is not None and len(label) == 0 else label
    shares: Float64 = np.bincount(of, minlength=len(Class)) / len(of)
    return shares


def _flat(windows: Float32) -> Float64:
    # (n, 6, 8) to (n, 48)
    rows: Float64 = windows.reshape(len(windows), -1).astype(np.float64)
    return rows


def _check_classes(train: Samples) -> None:
    if len(np.unique(train.label)) < 2:
        raise DataError("the train span holds one class only, so no baseline can be fitted")
