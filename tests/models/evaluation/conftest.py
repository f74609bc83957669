from collections.abc import Callable

import numpy as np
import pytest

from models.data.features.price_volume import PRICE_VOLUME
from models.training.dataset import Samples
from shared.contract import WINDOW_SHAPE

DAY_MS = 86_400_000
START_MS = 1_577_950_200_000  # 2020-01-02 15:30 in Seoul
RETURN = PRICE_VOLUME.names.index("return")


@pytest.fixture(scope="session")
def planted() -> Callable[..., Samples]:
    """Daily samples of some tickers whose class follows the return of the newest bar.

    With `strength` 0 it follows nothing, below 0 it follows the opposite.
    """

    def make(days: int = 60, tickers: int = 5, strength: float = 1.5, seed: int = 0) -> Samples:
        random = np.random.default_rng(seed)
        n = days * tickers
        windows = random.normal(0, 0.02, (n, *WINDOW_SHAPE)).astype(np.float32)
        windows[:, :, -1] = np.abs(windows[:, :, -1]) + 0.001
        drift = strength * windows[:, -1, RETURN].astype(np.float64)
        returns = drift + random.normal(0, 0.02, n)
        day = np.repeat(np.arange(days), tickers)
        return Samples(
            windows=windows,
            label=np.select([returns > 0.01, returns < -0.01], [2, 0], 1).astype(np.int64),
            decided_ms=START_MS + DAY_MS * day,
            target_ms=START_MS + DAY_MS * (day + 1),
            ticker=np.tile(np.arange(tickers, dtype=np.int32), days),
            ordinal=day + 30,
            volatility=windows[:, -1, -1],
            log_returns=windows[:, :, RETURN],
            returns=returns,
            delayed=np.where(day < days - 1, random.normal(0, 0.02, n) + drift / 2, np.nan),
        )

    return make
