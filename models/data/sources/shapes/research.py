"""Packages for research and back-tests, and sets that many people learn from."""

from typing import Final

from models.data.sources.shape import Shape

SHAPES: Final[tuple[Shape, ...]] = (
    Shape(
        name="backtrader",
        title="backtrader, sample bars",
        has=("Date", "Open", "High", "Low", "Close", "Volume", "OpenInterest"),
        source="https://github.com/mementum/backtrader/tree/master/datas",
    ),
    Shape(
        name="zipline",
        title="zipline, csvdir",
        has=("date", "open", "high", "low", "close", "volume", "dividend", "split"),
        zone="UTC",
        source="https://zipline.ml4trading.io/bundles.html",
    ),
    Shape(
        name="finrl",
        title="FinRL",
        has=("date", "tic", "open", "high", "low", "close", "volume", "day"),
        columns={"symbol": "tic", "time": "date"},
        source="https://github.com/AI4Finance-Foundation/FinRL",
    ),
    Shape(
        name="kaggle_sp500",
        title="Kaggle, S&P 500 over five years",
        has=("date", "open", "high", "low", "close", "volume", "Name"),
        cells={"Name": r"[A-Z]{1,5}(\.[A-Z])?"},
        columns={"symbol": "Name"},
        market="us",
        adjusted=True,
        source="https://www.kaggle.com/datasets/camnugent/sandp500",
    ),
    Shape(
        name="kaggle_us",
        title="Kaggle, all American stocks and funds",
        has=("Date", "Open", "High", "Low", "Close", "Volume", "OpenInt"),
        file_name=r"^[a-z0-9_.\-]+\.us\.txt",
        file_symbol=r"^(?P<symbol>[a-z0-9_.\-]+)\.us\.txt",
        market="us",
        adjusted=True,
        source="https://www.kaggle.com/datasets/borismarjanovic/price-volume-data-for-all-us-stocks-etfs",
    ),
)
