from typing import Self

import numpy as np
import numpy.typing as npt

class LogisticRegression:
    classes_: npt.NDArray[np.int64]
    def __init__(self, *, solver: str = "lbfgs", tol: float = 1e-4) -> None: ...
    def fit(self, X: npt.NDArray[np.float64], y: npt.NDArray[np.int64]) -> Self: ...
    def predict_proba(self, X: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]: ...
