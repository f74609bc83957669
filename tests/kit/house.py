"""The pure half of a server, its bars and a model that anybody can predict, for tests."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import zmq
from torch import Tensor, nn

from models.bundles.bundle import Bundle
from models.bundles.files import BundleFiles
from models.data.bars import Rules
from models.data.features.price_volume import PRICE_VOLUME
from models.inference.served import served_of
from models.networks.ensemble import traits_there
from server.explain.offer import Offer
from server.feeds.base import BarBatch, Listing
from server.feeds.roster import Roster
from server.market.buy_log import BuyMemory
from server.market.cycle import Cycle, Utterance
from server.market.state import MarketState
from server.market.subscribed import Subscribed
from server.protocol.handlers import Handlers
from server.protocol.sequencer import Sequencer
from shared.explaining import Finding, Verdict
from shared.markets import MARKETS
from shared.protocol.heatmaps import Heatmaps
from shared.protocol.messages import Published

Context = zmq.Context[zmq.Socket[bytes]]
NO_MODEL = BundleFiles(card=b"", weights=b"")  # where no process that explains gets ready
HOLDS = Verdict(finding=Finding.TRUE, value=0.09, limit=0.04)
SYMBOLS = ("000010", "005930", "BTC/USDT")
DAY_MS = 86_400_000
FULL = PRICE_VOLUME.window_bars  # bars that a full window needs
RULES = Rules(interval_s=86_400, jump_limit=0.31)


class Follower(nn.Module):
    # Says up after a rise of over half a percent, down after such a fall, else flat.

    def forward(self, x: Tensor) -> Tensor:
        newest = 100 * x[:, -1, PRICE_VOLUME.names.index("return")]  # (N,)
        return torch.stack([-newest, torch.full_like(newest, 0.5), newest], dim=1)


class House:
    """The pure half of a server for three tickers: no socket, no clock."""

    def __init__(
        self,
        bundle: Bundle,
        *,
        recalibrate: bool = True,
        state: type[MarketState] = MarketState,
        played: bool = True,
    ) -> None:
        self.listing = Listing(
            symbols=SYMBOLS,
            names=("Ten", "Samsung", "Bitcoin"),
            markets=("KOSPI", "KOSPI", ""),
            market=MARKETS["krx"],
            interval="1d",
            label="made",
            simulated=True,
            played=played,
        )
        self.bundle, self.model = bundle, served_of(bundle)
        self.stamps = Sequencer("run", bundle.model_id)
        self.state = state(len(SYMBOLS), self.model, RULES, recalibrate=recalibrate)
        self.buys = BuyMemory()
        self.roster = Roster(self.listing)
        self.cycle = Cycle(self.roster, self.state, self.stamps, self.buys)
        self.offer = Offer(traits_there(bundle.network), {"occlusion": HOLDS})
        self.answers = Handlers(self.cycle, bundle, self.offer)

    def run(self, batch: BarBatch, *watched: int) -> list[Published]:
        said = itertools.chain.from_iterable(self.parts(batch, *watched))
        each = ([*m.each()] if isinstance(m, Heatmaps) else [m] for m in said)
        return list(itertools.chain.from_iterable(each))

    def parts(self, batch: BarBatch, *watched: int) -> Iterator[Utterance]:
        """Give a batch as the server does, which says its messages part by part."""
        looked_at = np.isin(np.arange(len(self.roster)), watched)
        return self.cycle.run(batch, 1_000, Subscribed(heatmap=looked_at, bar=looked_at))

    def fill(self, closes: tuple[float, ...] = (100.0, 100.0, 100.0), days: int = FULL) -> None:
        """Give every ticker flat bars up to and including day `days`, as history."""
        for day in range(1, days + 1):
            self.run(bars(day, closes, history=True))


def bars(
    day: int, closes: tuple[float, ...], rows: tuple[int, ...] = (), **changes: Any
) -> BarBatch:
    """Make flat bars of a day; without `rows` one of each ticker from the first on."""
    close = np.array(closes, dtype=np.float64)
    fields: dict[str, Any] = {
        "rows": np.array(rows or range(len(closes)), dtype=np.int64),
        "bar_ms": np.full(len(closes), day * DAY_MS, dtype=np.int64),
        "ohlcv": np.stack([close, close, close, close, np.full(len(closes), 500.0)], axis=1),
    }
    return BarBatch(**(fields | changes))
