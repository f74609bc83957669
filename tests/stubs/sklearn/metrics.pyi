from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

_Classes = npt.NDArray[np.int64] | npt.NDArray[np.bool_]
_Scores = npt.NDArray[np.float64]

def accuracy_score(y_true: _Classes, y_pred: _Classes) -> float: ...
def f1_score(
    y_true: _Classes,
    y_pred: _Classes,
    *,
    labels: Sequence[int],
    average: Literal["macro"],
    zero_division: float,
) -> float: ...
def matthews_corrcoef(y_true: _Classes, y_pred: _Classes) -> float: ...
def roc_auc_score(y_true: _Classes, y_score: _Scores) -> float: ...
def brier_score_loss(y_true: _Classes, y_proba: _Scores) -> float: ...
