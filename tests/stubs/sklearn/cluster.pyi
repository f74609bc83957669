# What we use of scikit-learn, which ships no types.
import numpy as np
import numpy.typing as npt

class KMeans:
    cluster_centers_: npt.NDArray[np.float64]
    def __init__(self, n_clusters: int, *, n_init: int, random_state: int) -> None: ...
    def fit(self, X: npt.NDArray[np.float64]) -> KMeans: ...
