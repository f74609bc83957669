"""What the desk is told of one made market, for the tests of its widgets."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from client.state.update import BuyEntry, RowChanges, Update
from shared.contract import STEPS, WINDOW_SHAPE, Class, Int64
from shared.explaining import OfferedMethod
from shared.protocol.answers import Bars, ModelCard, Universe
from shared.protocol.explanations import Explanation
from shared.protocol.messages import Bar, Heatmap, Status
from tests.kit.maker import Maker
from tests.kit.messages import a_message
from tests.kit.methods import CAM, GUIDED, INTEGRATED, LIVE
from tests.kit.updates import an_update, buy_entry, row_changes

DAY_MS = 86_400_000
NOON_MS = 1_763_000_000_000
NEWEST = 59  # of the days that bars are of
Shares = tuple[float, float, float]
SYMBOL = "AAPL"
METHODS = (LIVE, CAM, GUIDED, INTEGRATED)


@dataclasses.dataclass
class MadeMarket:
    """Makes updates of one universe; a test names only what it is about."""

    make: Maker

    def universe(self) -> Universe:
        return self.make.universe(names=("Daon Bio", "Samsung", "Apple"))

    def rows(self, shares: Mapping[int, Shares], newest: int = NEWEST) -> RowChanges:
        """Make rows of (down, flat, up) on a day; all zero is undecided."""
        return row_changes(
            list(shares),
            np.array(list(shares.values()), np.float32).reshape(-1, 3),
            last=np.array([1_000.0 * (i + 1) for i in shares]),
            change=np.array([0.01 * (i - 1) for i in shares], np.float32),
            bar_ms=np.full(len(shares), self.times(newest + 1)[-1]),
        )

    def update(
        self, shares: Mapping[int, Shares] | None = None, newest: int = NEWEST, **changes: Any
    ) -> Update:
        """Make an update of these rows and of what else is named."""
        card = a_message(ModelCard) if changes.get("universe") else None
        return an_update(**{"rows": self.rows(shares or {}, newest), "card": card} | changes)

    def start(self, *shares: Shares) -> Update:
        """Make the first update: the universe and its first rows."""
        return self.update(dict(enumerate(shares)), universe=self.universe())

    def status(self, **changes: Any) -> Status:
        """Make the word of a server whose market is live at the newest day."""
        now_ms = int(self.times(NEWEST + 1)[-1])
        return a_message(
            Status, **{"stamp": self.make.stamp(bar_ms=now_ms), "market_ms": now_ms} | changes
        )

    def buy(self, symbol: str, confidence: float = 0.8) -> BuyEntry:
        return buy_entry(
            symbol, made_ms=NOON_MS, confidence=confidence, last=48_900.0, bar_ms=NOON_MS
        )

    def times(self, count: int) -> Int64:
        return NOON_MS + DAY_MS * np.arange(count, dtype=np.int64)

    def bars(self, symbol: str, count: int = 60, *, forming: bool = False) -> Bars:
        close = 1_000 + 10.0 * np.arange(count)
        ohlcv = np.stack([close - 5, close + 9, close - 9, close, close], axis=1)
        return a_message(
            Bars,
            stamp=self.make.stamp(),
            symbol=symbol,
            count=count,
            decisions=2,
            forming=forming,
            bar_ms=self.times(count),
            ohlcv=ohlcv,
            decision_ms=self.times(count)[-2:],
            probabilities=np.array([[0.2, 0.3, 0.5]] * 2, np.float32),
        )

    def bar(self, symbol: str, place: int, *, closed: bool = True) -> Bar:
        return a_message(
            Bar,
            stamp=self.make.stamp(bar_ms=int(self.times(place + 1)[-1])),
            symbol=symbol,
            closed=closed,
            ohlcv=np.array([2_000.0, 2_100.0, 1_900.0, 2_050.0, 5.0]),
        )

    def heatmap(self, symbol: str, newest: int = NEWEST) -> Heatmap:
        """Make a heatmap whose saliency counts cells from -24 to 23."""
        grid = np.arange(-24, 24, dtype=np.float32).reshape(WINDOW_SHAPE)
        return a_message(
            Heatmap,
            stamp=self.make.stamp(),
            symbol=symbol,
            winner=2,
            top_drop=0.25,
            random_drop=0.05,
            scores=np.array([0.1, 0.1, 0.8], np.float32),
            probabilities=np.array([0.1, 0.2, 0.7], np.float32),
            saliency=grid,
            raw=grid / np.float32(1_000),
            scaled=grid / np.float32(10),
            bar_ms=self.times(newest + 1)[-STEPS:],
        )

    def explanation(
        self,
        method: OfferedMethod,
        *,
        target: Class = Class.UP,
        newest: int = NEWEST,
        drop: float = 0.31,
    ) -> Explanation:
        """Make an answer whose map counts from below 0, or from 0 where it has no signs."""
        heatmap = self.heatmap(SYMBOL, newest)
        grid = heatmap.saliency[:, : method.columns] + np.float32(0 if method.signed else 24)
        return a_message(
            Explanation,
            stamp=self.make.stamp(),
            symbol=SYMBOL,
            method=method,
            winner=2,
            target=target.value,
            gap=0.0012 if method is INTEGRATED else None,
            top_drop=drop,
            random_drop=0.06,
            map=grid,
            probabilities=heatmap.probabilities,
            raw=heatmap.raw,
            scaled=heatmap.scaled,
            bar_ms=heatmap.bar_ms,
        )
