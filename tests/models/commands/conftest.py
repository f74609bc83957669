from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from models.table import BarTable


@pytest.fixture
def data(table: Callable[..., BarTable], tmp_path: Path) -> Callable[..., list[str]]:
    """CSV files of daily bars, one for each ticker."""

    def make(tickers: int = 3, bars: int = 160) -> list[str]:
        made = table(tickers=tickers, bars=bars)
        paths = []
        for row, symbol in enumerate(made.symbols):
            chosen = made.row == row
            columns = ["open", "high", "low", "close", "volume"]
            frame = pd.DataFrame(made.ohlcv[chosen], columns=columns)
            frame.insert(0, "date", pd.to_datetime(made.bar_ms[chosen], unit="ms").date)
            paths.append(str(tmp_path / f"{symbol}.csv"))
            frame.to_csv(paths[-1], index=False)
        return paths

    return make
