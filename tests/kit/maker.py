"""Valid messages of one run, for tests."""

import dataclasses
import json
from typing import Literal, cast

import numpy as np

from client.state.update import RowChanges
from shared.contract import WINDOW_SHAPE, Float32, UInt8
from shared.protocol.answers import (
    Bars,
    BuyLog,
    Canceled,
    ModelCard,
    Pong,
    Refusal,
    RefusalCode,
    Snapshot,
    Universe,
)
from shared.protocol.envelope import Stamp
from shared.protocol.explanations import Explanation, Methods
from shared.protocol.messages import Bar, Buy, Confidence, Heatmap, Status
from shared.protocol.past import PastBuys, PastWindow
from shared.protocol.requests import AboutPast, GetPastBuys
from shared.protocol.rows import Rows
from tests.kit.messages import a_message, row_columns
from tests.kit.methods import KNOWN, a_method
from tests.kit.updates import row_changes

State = Literal["starting", "live", "ended", "goodbye"]


@dataclasses.dataclass
class Maker:
    """Makes valid messages of one run; a test names only what it is about."""

    run_id: str = "run-1"
    symbols: tuple[str, ...] = ("000020", "005930", "AAPL")

    def stamp(self, sequence: int = 0, made_ms: int = 1_000, bar_ms: int = 0) -> Stamp:
        return Stamp(
            run_id=self.run_id,
            sequence=sequence,
            model_id="net@01234567",
            newest_bar_ms=bar_ms,
            made_ms=made_ms,
        )

    def universe(self, *, names: tuple[str, ...] = (), simulated: bool = True) -> Universe:
        return a_message(
            Universe,
            stamp=self.stamp(),
            symbols=self.symbols,
            names=names or tuple(f"Name of {s}" for s in self.symbols),
            markets=("KOSPI",) * len(self.symbols),
            feed="made bars",
            simulated=simulated,
        )

    def snapshot(
        self,
        up: dict[str, float],
        *,
        sequence: int = 0,
        buy_sequence: int = 0,
        made_ms: int = 1_000,
    ) -> Snapshot:
        rows = self.confidence(dict.fromkeys(self.symbols) | up, sequence, made_ms=made_ms)
        return a_message(
            Snapshot,
            stamp=self.stamp(made_ms=made_ms),
            confidence_sequence=sequence,
            buy_sequence=buy_sequence,
            symbols=rows.symbols,
            coverage=rows.coverage,
            **{name: rows.array(name) for name in Rows.ARRAYS},
        )

    def row_changes(self, up: dict[str, float]) -> RowChanges:
        rows = self.snapshot(up)
        return row_changes(
            range(len(rows.symbols)),
            coverage=rows.coverage,
            **{name: rows.array(name) for name in Rows.ARRAYS},
        )

    def confidence(
        self, up: dict[str, float | None], sequence: int, *, made_ms: int = 1_000
    ) -> Confidence:
        """Make rows of these up confidences; None is not decided."""
        probabilities = np.array([_distribution(u) for u in up.values()], np.float32)
        columns = row_columns(probabilities.reshape(len(up), 3))
        flags: UInt8 = columns["flags"]
        columns |= {
            "change": np.zeros(len(up), np.float32),
            "sets": np.where(flags, 7, 0).astype(np.uint8),
        }
        return a_message(
            Confidence, stamp=self.stamp(sequence, made_ms), symbols=tuple(up), **columns
        )

    def buy(self, symbol: str, sequence: int, *, made_ms: int = 1_000) -> Buy:
        return a_message(
            Buy,
            stamp=self.stamp(sequence, made_ms),
            symbols=(symbol,),
            confidence=np.array([0.75], np.float32),
            last=np.array([100.0]),
            bar_ms=np.array([5]),
        )

    def buy_log(self, first: int, newest: int, *, complete: bool = True) -> BuyLog:
        """Make the entries `first` to `newest`, all of the first ticker."""
        n = newest + 1 - first
        return a_message(
            BuyLog,
            stamp=self.stamp(),
            symbols=(self.symbols[0],) * n,
            complete=complete,
            buy_sequence=newest,
            sequence=np.arange(first, newest + 1),
            made_ms=1_000 * np.arange(first, newest + 1),
            confidence=np.full(n, 0.75, np.float32),
            last=np.full(n, 100.0),
            bar_ms=np.full(n, 5),
        )

    def status(
        self, sequence: int, state: State = "live", *, confidence: int = 0, buy: int = 0
    ) -> Status:
        return a_message(
            Status,
            stamp=self.stamp(sequence),
            state=state,
            feed="made bars",
            tickers=len(self.symbols),
            confidence_sequence=confidence,
            buy_sequence=buy,
            cycle_ms=4.0,
        )

    def bar(self, symbol: str, bar_ms: int, *, close: float = 100.0, made_ms: int = 1_000) -> Bar:
        return a_message(
            Bar,
            stamp=self.stamp(1, made_ms, bar_ms),
            symbol=symbol,
            closed=True,
            ohlcv=np.array([100.0, max(close, 100.0), min(close, 100.0), close, 1.0]),
        )

    def bars(self, symbol: str, *, made_ms: int = 1_000) -> Bars:
        return a_message(
            Bars,
            stamp=self.stamp(made_ms=made_ms),
            symbol=symbol,
            count=1,
            decisions=0,
            forming=False,
            bar_ms=np.array([5]),
            ohlcv=np.full((1, 5), 100.0),
            decision_ms=np.zeros(0, np.int64),
            probabilities=np.zeros((0, 3), np.float32),
        )

    def heatmap(self, symbol: str, *, made_ms: int = 1_000, newest_ms: int = 5) -> Heatmap:
        grid: Float32 = np.zeros(WINDOW_SHAPE, np.float32)
        return a_message(
            Heatmap,
            stamp=self.stamp(made_ms=made_ms),
            symbol=symbol,
            top_drop=0.25,
            random_drop=0.05,
            scores=np.array(_distribution(0.8), np.float32),
            probabilities=np.array(_distribution(0.75), np.float32),
            saliency=grid,
            raw=grid,
            scaled=grid,
            bar_ms=np.arange(newest_ms - 5, newest_ms + 1),
        )

    def past(self, request: AboutPast) -> PastBuys | PastWindow:
        if isinstance(request, GetPastBuys):
            return self.past_buys(request.symbol)
        return self.past_window(request.symbol, request.bar_ms)

    def past_buys(self, symbol: str) -> PastBuys:
        return a_message(PastBuys, stamp=self.stamp(), symbol=symbol)

    def past_window(self, symbol: str, newest_ms: int = 5) -> PastWindow:
        return a_message(
            PastWindow,
            stamp=self.stamp(),
            symbol=symbol,
            bar_ms=np.arange(newest_ms - 5, newest_ms + 1),
        )

    def methods(self) -> Methods:
        return a_message(Methods, stamp=self.stamp())

    def explanation(
        self, symbol: str, method: str = "saliency", *, target: int = 2, newest_ms: int = 5
    ) -> Explanation:
        grid: Float32 = np.zeros(WINDOW_SHAPE, np.float32)
        made_by = KNOWN.get(method) or a_method(method, method.title())
        return a_message(
            Explanation,
            stamp=self.stamp(),
            symbol=symbol,
            method=made_by,
            target=cast(Literal[0, 1, 2], target),
            top_drop=0.25,
            random_drop=0.05,
            map=grid[:, : made_by.columns],
            probabilities=np.array(_distribution(0.75), np.float32),
            raw=grid,
            scaled=grid,
            bar_ms=np.arange(newest_ms - 5, newest_ms + 1),
        )

    def card(self) -> ModelCard:
        return a_message(ModelCard, stamp=self.stamp(), card_json=json.dumps({"name": "net"}))

    def pong(self) -> Pong:
        return a_message(Pong, stamp=self.stamp())

    def canceled(self) -> Canceled:
        return a_message(Canceled, stamp=self.stamp())

    def refusal(self, sentence: str = "no", code: RefusalCode = "no_window") -> Refusal:
        return a_message(Refusal, stamp=self.stamp(), code=code, sentence=sentence)


def _distribution(up: float | None) -> tuple[float, float, float]:
    return (0.0, 0.0, 0.0) if up is None else ((1 - up) / 2, (1 - up) / 2, up)
