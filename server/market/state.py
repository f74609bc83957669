"""What the server knows of every ticker now; pure, without socket or clock."""

import dataclasses
from collections import Counter
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt

from models.calibration.adaptive import AdaptiveState, Recalibrator
from models.data.accepted import Accepted
from models.data.bars import DropReason, Rules
from models.data.growth import PerTicker, put_rows
from models.data.windows import Windows
from models.inference.engine import Engine, Inference, tellable
from models.inference.faithfulness import Faithfulness
from models.inference.served import Served
from server.feeds.base import KEPT, BarBatch
from server.market.changes import Changes, SavedState
from server.market.pending import PendingDecisions
from server.market.previous_closes import PreviousCloses
from shared.column_arrays import ColumnArrays, CoreColumns
from shared.columns import COLUMNS, DECIDED, FORMING, UP_WINS
from shared.contract import STEPS, WINDOW_SHAPE, Bool, Class, Float64, Int64
from shared.protocol.rows import pack_sets

Label = Literal[0, 1, 2]


class MarketState(CoreColumns, PerTicker):
    """The newest price, decision and explanation of each ticker, and what led there.

    Attributes:
        windows: The windows, the newest closed bars with the decisions on them, and the counts of
            bars.
        rows: n rows of `shared.columns.COLUMNS`, what `confidence` says of each ticker.
        coverage: Share of outcomes that the sets are made to hold; 0 when there are no sets.
        forming: (n, 5) float64, the forming bar where the flag says that there is one.
        scores: (n, 3) float32, of down, flat, up, as the network says before any calibration.
        saliency: (n, 6, 8) float32, gradient of the winner's logit with respect to `scaled`.
        scaled: (n, 6, 8) float32, features as the network saw them, in standard deviations.
        raw: (n, 6, 8) float32, the same in their own units.
        decided_ms: (n, 6) int64, close of each bar of the window that was decided on, ms since 1970
            UTC. These five stay as they were when the decision was said; a bar that is corrected
            changes `windows` alone.

    Args:
        tickers: n, their number.
        model: What decides.
        rules: What is a jump and what is a gap.
        recalibrate: Whether to learn from what came true; if not, probabilities are statically
            calibrated, and there are no sets.
    """

    PER_TICKER = ("forming", "scores", "saliency", "scaled", "raw", "decided_ms", "_owed")

    def __init__(
        self, tickers: int, model: Served, rules: Rules, *, recalibrate: bool = True
    ) -> None:
        adaptive = model.card.calibration.adaptive
        self.windows = Windows(tickers, rules, model.feature_set, KEPT)
        self._closes = PreviousCloses(tickers, rules)
        self.rows = ColumnArrays.zeros(tickers)
        self.coverage = adaptive.settings.coverage if recalibrate else 0.0
        self.forming = np.zeros((tickers, 5))
        self._engine = Engine(model)
        self._faithfulness = Faithfulness(model)
        self._outcomes = PendingDecisions(tickers, model.card.label)
        self._recalibrator = Recalibrator(adaptive) if recalibrate else None
        self.scores = np.zeros((tickers, len(Class)), dtype=np.float32)
        self.saliency = np.zeros((tickers, *WINDOW_SHAPE), dtype=np.float32)
        self.scaled = np.zeros((tickers, *WINDOW_SHAPE), dtype=np.float32)
        self.raw = np.zeros((tickers, *WINDOW_SHAPE), dtype=np.float32)
        self.decided_ms = np.zeros((tickers, STEPS), dtype=np.int64)
        self._owed = np.zeros(tickers, dtype=np.bool_)  # decided on, and not yet explained

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return the (n, ...) array of one row column itself, to be read and written.

        Raises:
            KeyError: There is no column of that name.
        """
        return self.rows.column(name)

    @property
    def adaptive(self) -> AdaptiveState | None:
        """Return what the recalibrator knows; None without one."""
        return None if self._recalibrator is None else self._recalibrator.state

    @property
    def newest_bar_ms(self) -> int:
        """Return the close of the newest bar of all, ms since 1970 UTC; 0 before the first."""
        return int(self.bar_ms.max(initial=0))

    def grow(self, tickers: int) -> None:
        """Make room for at least as many tickers; rows that nobody has yet are all 0.

        Room doubles, so that tickers that come one by one cost little each.
        """
        room = len(self.last)
        if tickers <= room:
            return
        origin = np.full(max(tickers, 2 * room), -1)
        origin[:room] = np.arange(room)
        room = len(origin)
        self.rows = self.rows.moved(origin)
        self.windows.grow(room)
        self._outcomes.grow(room)
        self._closes.grow(room)
        super().grow(room)

    def save(self) -> SavedState:
        """Return copies of all that is known, which nothing of what follows changes."""
        arrays = {f"rows.{c.name}": self.column(c.name).copy() for c in COLUMNS}
        for part, keeper in self._keepers().items():
            arrays |= {f"{part}.{name}": array for name, array in keeper.saved().items()}
        arrays |= {f"state.{name}": array for name, array in self.saved().items()}
        return SavedState(
            arrays=arrays,
            adaptive=self.adaptive,
            accepted=self.windows.accepted,
            reasons={str(reason): n for reason, n in self.windows.reasons.items()},
        )

    def go_on_from(self, saved: SavedState, origin: Int64) -> None:
        """Go on from what another state knew, as if it had never ended.

        Args:
            saved: What is overwritten here, of tickers that were there.
            origin: (k,) int64, the row there of each of the first k tickers here; -1 for none.

        Raises:
            ValueError: It does not fit; a part of it may have been taken over.
            KeyError: It lacks an array.
        """
        for column in COLUMNS:
            put_rows(self.column(column.name), saved.arrays[f"rows.{column.name}"], origin)
        for part, keeper in self._keepers().items():
            keeper.put_back(saved.part(part), origin)
        self.put_back(saved.part("state"), origin)
        if self._recalibrator is not None and saved.adaptive is not None:
            self._recalibrator = Recalibrator(saved.adaptive)
        self.windows.accepted = saved.accepted
        self.windows.reasons = Counter({DropReason(r): n for r, n in saved.reasons.items()})

    def take(self, batch: BarBatch, *, explain: bool = True) -> Changes:
        """Take a batch in which no ticker stands twice; new closed bars are decided on.

        A bar that corrects one is not: what was said of it stays said.

        Args:
            batch: The bars.
            explain: Whether to find the saliency now; else it is owed, to `explain_owed`.
        """
        bars = self.windows.push(batch.rows, batch.bar_ms, batch.ohlcv, closed=batch.closed)
        if not batch.closed:
            return self._form(bars)
        if not bars.corrects.any():
            return self._close(bars, bars, explain=explain)
        return self._close(bars, bars.take(~bars.corrects), explain=explain)

    def fill(self, rows: Int64, bar_ms: Int64, ohlcv: Float64) -> Bool:
        """Take many closed bars of some tickers and decide on none, as `Windows.fill` says.

        Decisions that wait for an outcome are forgotten: what became of them lies in between.
        """
        taken, verdict = self.windows.fill(rows, bar_ms, ohlcv)
        self._closes.fill(rows[taken], bar_ms[taken], verdict)
        self._outcomes.forget(rows[taken])
        return taken

    def decide_newest(self, rows: Int64) -> None:
        """Decide on the newest closed bars of `rows` (k,), and owe their saliency."""
        rows = rows[self.windows.ring.newest_times(rows, 1)[:, 0] > 0]
        self._price(self.windows.newest(rows))
        self._decide_anew(rows, explain=False)

    def explain_owed(self) -> None:
        """Find the saliency of each newest decision that was made without it.

        A year of history decides on each ticker some hundred times, and only the last one is ever
        looked at.
        """
        rows = np.flatnonzero(self._owed & self.decided(np.arange(len(self._owed))))
        winner = self.probabilities[rows].argmax(axis=1)
        self.saliency[rows] = self._engine.saliency(self.scaled[rows], winner)
        self._owed[:] = False
        lost = rows[~tellable(self.saliency[rows])]
        self.flags[lost] &= ~np.uint8(DECIDED | UP_WINS)
        self.probabilities[lost] = self.sets[lost] = 0

    def drops(self, rows: Int64) -> Float64:
        """Return (k, 2) float64 `Heatmap.top_drop` and `random_drop` of tickers with a window.

        For all of them at once, as somebody may look at the whole market.
        """
        scaled, saliency = self.scaled[rows], self.saliency[rows]
        winner = self.probabilities[rows].argmax(axis=1)
        drops = self._faithfulness.drops(scaled, saliency * scaled, winner, self._recalibrator)
        return np.stack(drops, axis=1)

    def decided(self, rows: Int64) -> Bool:
        """Return (k,) bool, whether each of `rows`, (k,) int64, is decided on."""
        decided: Bool = (self.flags[rows] & DECIDED) != 0
        return decided

    def winner(self, row: int) -> Label:
        """Return the class with the highest probability of a ticker that is decided on."""
        return cast(Label, int(self.probabilities[row].argmax()))

    def _keepers(self) -> dict[str, PerTicker]:
        windows, others = self.windows, {"outcomes": self._outcomes, "closes": self._closes}
        return {"windows": windows, "ring": windows.ring, **others}

    def winners(self, rows: Int64) -> Int64:
        """Return (k,) int64, the class that wins of each of `rows`, -1 where none does."""
        return np.where(self.decided(rows), self.probabilities[rows].argmax(axis=1), -1)

    def _form(self, bars: Accepted) -> Changes:
        rows = bars.rows
        before = self.rows.take(rows)
        self._price(bars, closed=False)
        self.forming[rows] = bars.ohlcv
        self.flags[rows] |= FORMING
        changed = self.rows.differ(rows, before)
        return dataclasses.replace(Changes.of_none(), bars=bars, rows=rows[changed])

    def _close(self, bars: Accepted, new: Accepted, *, explain: bool) -> Changes:
        rows = new.rows
        self._price(new)
        was = self.winners(rows)
        self._learn(new)
        explained = self._decide_anew(rows, explain=explain)
        wins = self.winners(rows)
        turned = was != wins
        corrected = bars.rows[bars.corrects]
        if len(corrected):
            self._closes.correct(bars.take(bars.corrects))
        changed = np.append(rows, self._follow(corrected)) if len(corrected) else rows
        return Changes(
            bars=bars,
            rows=changed,
            explained=explained,
            entered=rows[turned & (wins == Class.UP)],
            turned=rows[turned],
            was=was[turned],
        )

    def _follow(self, rows: Int64) -> Int64:
        # Of tickers with a corrected bar: price and change, whichever bar is the newest; returns
        # the tickers for which that is news.
        before = self.rows.take(rows)
        forms = (self.flags[rows] & FORMING) != 0
        self._price(self.windows.newest(rows[~forms]))
        forming = rows[forms]
        ms = self.bar_ms[forming]
        now = self.windows.push(forming, ms, self.forming[forming], closed=False)
        self._price(now, closed=False)
        return rows[self.rows.differ(rows, before)]

    def _price(self, bars: Accepted, *, closed: bool = True) -> None:
        self.last[bars.rows] = bars.ohlcv[:, 3]
        self.previous_close[bars.rows] = self._closes.take(bars, closed=closed)
        self.change[bars.rows] = bars.change
        self.bar_ms[bars.rows] = bars.bar_ms

    def _learn(self, bars: Accepted) -> None:
        # Before the batch is decided on: what came true until now is known now.
        path = self.windows.ring.newest_bars(bars.rows, self._outcomes.path_length)
        since = self.windows.since_interrupt[bars.rows]
        logits, label = self._outcomes.arrive(bars.rows, since, path)
        if self._recalibrator is not None:
            self._recalibrator.learn(logits, label)

    def _decide_anew(self, rows: Int64, *, explain: bool) -> Int64:
        # What was decided on the bars before ends with these.
        self.flags[rows] = self.sets[rows] = 0
        self.probabilities[rows] = 0
        decided = self._decide(rows[self.windows.full[rows]], explain=explain)
        self.windows.ring.decide(decided, self.probabilities[decided])
        return decided

    def _decide(self, rows: Int64, *, explain: bool) -> Int64:
        # Decide on tickers with a full window, and return those of them that are decided on: of a
        # model that fails at a window, only that window is lost.
        windows = self.windows.features(rows)
        ask = self._engine.explain if explain else self._engine.decide
        why = ask(windows, self._recalibrator)
        sound = why.sound
        rows, why, windows = rows[sound], why.take(sound), windows[sound]
        self._outcomes.decide(rows, why.logits)
        self.probabilities[rows], self.scores[rows] = why.probabilities, why.scores
        self.sets[rows], self.scaled[rows] = pack_sets(why.sets), why.scaled
        self.raw[rows], self.decided_ms[rows] = windows, self.windows.bar_ms[rows]
        self.flags[rows] = np.where(why.winner == Class.UP, DECIDED | UP_WINS, DECIDED)
        self._owed[rows] = not isinstance(why, Inference)
        if isinstance(why, Inference):
            self.saliency[rows] = why.saliency
        return rows
