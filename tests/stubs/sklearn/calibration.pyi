import numpy as np
import numpy.typing as npt

def calibration_curve(
    y_true: npt.NDArray[np.bool_], y_prob: npt.NDArray[np.float64], *, n_bins: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]: ...
