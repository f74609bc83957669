import functools
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from models.bundles.bundle import Bundle, encode_weights, load_bundle, save_bundle
from models.bundles.card import Card, NetworkCard, Scores
from models.bundles.metrics import Metrics
from models.data.scaler import Scaler
from models.data.sources.columnar import in_order, time_order
from models.data.table import BarTable
from models.networks.cnn1d import Cnn1d, Cnn1dSizes
from models.networks.kinds import NETWORKS
from shared.contract import WINDOW_SHAPE, Float32, Float64, Int64
from shared.markets import MARKETS
from tests.kit.cards import a_card

DAY_MS = 86_400_000
START_MS = 1_600_000_000_000

History = tuple[Int64, Float64]
CsvFiles = Callable[..., list[str]]


@pytest.fixture(scope="session")
def walk() -> Callable[..., History]:
    """Clean daily bars of a random walk: (n,) closes in ms and (n, 5) ohlcv."""

    def make(n: int, seed: int = 0) -> History:
        random = np.random.default_rng(seed)
        close = 1000 * np.exp(np.cumsum(random.normal(0, 0.02, n)))
        open_ = close * np.exp(random.normal(0, 0.01, n))
        high = np.maximum(open_, close) * np.exp(random.exponential(0.005, n))
        low = np.minimum(open_, close) * np.exp(-random.exponential(0.005, n))
        volume = random.lognormal(10, 1, n).round()
        bar_ms = START_MS + DAY_MS * np.arange(n, dtype=np.int64)
        return bar_ms, np.stack([open_, high, low, close, volume], axis=1)

    return make


@pytest.fixture(scope="session")
def dirty(walk: Callable[..., History]) -> Callable[[int], History]:
    """The dirt of real Korean files: zero rows, halts, a split, text, doubles, disorder, gaps."""

    def make(seed: int) -> History:
        bar_ms, ohlcv = walk(240, seed)
        random = np.random.default_rng(seed)
        ohlcv[:30] = 0  # before the listing
        ohlcv[random.choice(np.arange(30, 240), 20, replace=False)] = 0  # holidays
        ohlcv[random.choice(np.arange(30, 240), 8, replace=False), :3] = 0  # halts
        ohlcv[random.choice(np.arange(30, 240), 3, replace=False), 4] = np.nan
        ohlcv[random.choice(np.arange(30, 240), 3, replace=False), 4] = -5
        ohlcv[random.choice(np.arange(30, 240), 6, replace=False), 4] = 0
        ohlcv[random.choice(np.arange(30, 240), 3, replace=False), 1] *= 0.9
        ohlcv[random.integers(100, 140) :, :4] /= 5  # a split
        bar_ms[random.integers(180, 220) :] += 40 * DAY_MS
        order = np.arange(240)
        moved = random.choice(np.arange(30, 239), 5, replace=False)
        order[moved] += 1  # the row itself is lost, the next one stands twice
        order[[50, 51]] = order[[51, 50]]
        return bar_ms[order], ohlcv[order]

    return make


@pytest.fixture(scope="session")
def table(walk: Callable[..., History]) -> Callable[..., BarTable]:
    """A table of clean daily bars."""

    def make(tickers: int = 3, bars: int = 120) -> BarTable:
        histories = [walk(bars, seed) for seed in range(tickers)]
        made = BarTable(
            symbols=tuple(f"{i:06d}" for i in range(tickers)),
            row=np.repeat(np.arange(tickers, dtype=np.int32), bars),
            bar_ms=np.concatenate([bar_ms for bar_ms, _ in histories]),
            ohlcv=np.concatenate([ohlcv for _, ohlcv in histories]),
            interval="1d",
            market=MARKETS["krx"],
            repaired={},
        )
        return in_order(made, time_order(made))

    return make


@pytest.fixture(scope="session")
def csv_files_in(table: Callable[..., BarTable]) -> CsvFiles:
    """CSV files of daily bars in a folder, one for each ticker."""

    def make(folder: Path, tickers: int = 3, bars: int = 160) -> list[str]:
        made = table(tickers=tickers, bars=bars)
        paths = []
        for row, symbol in enumerate(made.symbols):
            chosen = made.row == row
            columns = ["open", "high", "low", "close", "volume"]
            frame = pd.DataFrame(made.ohlcv[chosen], columns=columns)
            frame.insert(0, "date", pd.to_datetime(made.bar_ms[chosen], unit="ms").date)
            paths.append(str(folder / f"{symbol}.csv"))
            frame.to_csv(paths[-1], index=False)
        return paths

    return make


@pytest.fixture
def csv_files(csv_files_in: CsvFiles, tmp_path: Path) -> CsvFiles:
    """The same, in the folder of one test."""
    return functools.partial(csv_files_in, tmp_path)


@pytest.fixture(scope="session")
def windows() -> Callable[..., Float32]:
    """Raw windows (n, 6, 8) of about the size that real ones have."""

    def make(n: int, seed: int = 0) -> Float32:
        drawn = np.random.default_rng(seed).normal(0, 0.02, (n, *WINDOW_SHAPE))
        return drawn.astype(np.float32)

    return make


@pytest.fixture
def network() -> Cnn1d:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        return Cnn1d(Cnn1dSizes()).eval()


@pytest.fixture
def card(network: Cnn1d) -> Card:
    metrics = Metrics(
        accuracy=0.5,
        macro_f1=0.4,
        mcc=0.1,
        direction_mcc=0.1,
        up_auc=0.6,
        up_brier=0.2,
        up_brier_skill=0.01,
        up_ece=0.02,
    )
    sizes = msgspec.to_builtins(Cnn1dSizes())
    return a_card(
        encode_weights(network)[1],
        name="tiny",
        network=NetworkCard(kind="cnn1d", sizes=sizes, members=1, parameters=2547),
        scaler=Scaler(mean=(0.001,) * 8, sd=(0.02,) * 8),
        test=Scores(model=metrics, adaptive=metrics, majority=metrics),
    )


@pytest.fixture
def folder(tmp_path: Path, card: Card, network: Cnn1d) -> Path:
    """A valid bundle on disk."""
    save_bundle(tmp_path / "tiny", card, encode_weights(network)[0])
    return tmp_path / "tiny"


@pytest.fixture
def bundle(folder: Path) -> Bundle:
    return load_bundle(str(folder))


Build = Callable[..., nn.Module]


@pytest.fixture(scope="session")
def build() -> Build:
    """A fresh network of a kind, in eval mode, with the seed's weights."""

    def make(kind: str, seed: int = 3) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return NETWORKS[kind].build(NETWORKS[kind].sizes()).eval()

    return make


@pytest.fixture(scope="session")
def scaled() -> Callable[..., Float32]:
    """Scaled windows (n, 6, 8)."""

    def make(n: int, seed: int = 0) -> Float32:
        return np.random.default_rng(seed).normal(0, 1, (n, *WINDOW_SHAPE)).astype(np.float32)

    return make


class Linear(nn.Module):
    """Logits that are weighted sums of the window."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        super().__init__()
        self.head = nn.Linear(48, 3)
        self.head.load_state_dict(
            {"weight": weight, "bias": torch.zeros(3) if bias is None else bias}
        )

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(x.flatten(1))
        return logits


@pytest.fixture
def linear() -> Linear:
    weight = torch.linspace(-1, 1, 3 * 48).reshape(3, 48)
    return Linear(weight, torch.tensor([1.0, 2.0, 3.0])).eval()
