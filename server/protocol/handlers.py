"""Requests to answers; pure, without socket or clock."""

import numpy as np

from models.bundles.facts import BundleFacts
from server.explain.jobs import Job
from server.explain.offer import Offer
from server.market.cycle import Cycle
from server.market.finding import job_of
from server.market.state import MarketState
from shared.column_arrays import ColumnArrays
from shared.columns import DECIDED, FORMING, UP_WINS
from shared.contract import Class
from shared.limits import MAX_NAME
from shared.protocol.answers import (
    Answer,
    Bars,
    Canceled,
    ModelCard,
    Pong,
    Refusal,
    RefusalCode,
    Snapshot,
    Universe,
)
from shared.protocol.envelope import Stamp
from shared.protocol.requests import (
    GetBars,
    GetBuys,
    GetExplanation,
    GetHeatmap,
    GetMethods,
    GetModel,
    GetSnapshot,
    GetUniverse,
    Ping,
)

# All requests but `Cancel`: who asks is known to the socket alone.
Answerable = (
    GetUniverse
    | GetSnapshot
    | GetModel
    | GetBuys
    | GetBars
    | GetHeatmap
    | GetMethods
    | GetExplanation
    | Ping
)


class Handlers:
    """Knows the answer to every request.

    Args:
        cycle: Knows all that is asked; nothing of it is changed.
        bundle: What decides.
        offer: How the model can be explained.
    """

    def __init__(self, cycle: Cycle, bundle: BundleFacts, offer: Offer) -> None:
        self._cycle, self._stamps = cycle, cycle.stamps
        self._bundle = bundle
        self._offer = offer

    @property
    def _state(self) -> MarketState:
        return self._cycle.state

    def answer(self, request: Answerable, made_ms: int) -> Answer | Job:
        """Return the answer, a refusal that says why there is none, or the job that makes it."""
        if isinstance(request, GetBars | GetHeatmap | GetExplanation):
            return self._about_ticker(request, made_ms)
        newest_ms = self._state.newest_bar_ms
        match request:
            case GetUniverse():
                return self._universe(self._stamps.answer(0, made_ms))
            case GetSnapshot():
                return self._snapshot(self._stamps.answer(newest_ms, made_ms))
            case GetModel():
                stamp, card = self._stamps.answer(0, made_ms), self._bundle.card
                return ModelCard(
                    stamp=stamp,
                    card_json=self._bundle.card_json,
                    feature_set=self._bundle.feature_set.name,
                    features=self._bundle.feature_set.features,
                    up_means=card.label.up_means(card.interval),
                    confidence=card.confidence,
                    provenance=self._bundle.provenance,
                )
            case GetBuys():
                return self._cycle.buys.after(
                    request.after, self._stamps.answer(newest_ms, made_ms)
                )
            case GetMethods():
                return self._offer.message(self._stamps.answer(0, made_ms))
            case Ping():
                return Pong(stamp=self._stamps.answer(newest_ms, made_ms))

    def stamp(self, made_ms: int) -> Stamp:
        """Return the stamp of an answer that others make."""
        return self._stamps.answer(0, made_ms)

    def canceled(self, made_ms: int, *, was_open: bool) -> Canceled:
        """Return the answer to a request to cancel an explanation."""
        return Canceled(stamp=self._stamps.answer(0, made_ms), was_open=was_open)

    def refusal(self, code: RefusalCode, sentence: str, made_ms: int) -> Refusal:
        """Return the answer to what is not a request, or cannot be met now."""
        stamp = self._stamps.answer(0, made_ms)
        return Refusal(stamp=stamp, code=code, sentence=sentence[:MAX_NAME])

    def _about_ticker(
        self, request: GetBars | GetHeatmap | GetExplanation, made_ms: int
    ) -> Answer | Job:
        row = self._cycle.roster.row_of(request.symbol)
        if row is None:
            sentence = f"There is no ticker {request.symbol}."
            return self.refusal("unknown_ticker", sentence, made_ms)
        stamp = self._stamps.answer(int(self._state.bar_ms[row]), made_ms)
        if isinstance(request, GetBars):
            return self._bars(row, request, stamp)
        if self._cycle.loading:
            sentence = "History is still loading: there is no decision of now."
            return self.refusal("no_window", sentence, made_ms)
        if not self._state.decided(np.array([row]))[0]:
            sentence = f"{request.symbol} has not enough bars yet."
            return self.refusal("no_window", sentence, made_ms)
        if isinstance(request, GetExplanation):
            return self._explanation(row, request, stamp)
        return self._cycle.heatmap(row, stamp.made_ms)

    def _explanation(self, row: int, request: GetExplanation, stamp: Stamp) -> Refusal | Job:
        method = self._offer.methods.get(request.method)
        if method is None:
            sentence = f"This model cannot be explained by {request.method}."
            return self.refusal("unknown_method", sentence, stamp.made_ms)
        if request.target is not None and request.target not in set(Class):
            sentence = f"A class is 0 to {max(Class)}, was {request.target}."
            return self.refusal("unknown_class", sentence, stamp.made_ms)
        target = None if request.target is None else Class(request.target)
        return job_of(self._state, row, request.symbol, method, target, stamp)

    def _universe(self, stamp: Stamp) -> Universe:
        listing = self._cycle.roster.listing
        columns = self._cycle.roster.columns
        return Universe(
            stamp=stamp,
            revision=self._cycle.roster.revision,
            symbols=columns.symbols,
            names=columns.names,
            markets=columns.markets,
            names_en=columns.names_en,
            sectors=columns.sectors,
            timezone=listing.market.timezone,
            decimals=listing.market.decimals,
            interval=listing.interval,
            feed=listing.label[:MAX_NAME],
            simulated=listing.simulated,
        )

    def _snapshot(self, stamp: Stamp) -> Snapshot:
        state, rows = self._state, self._cycle.roster.rows
        columns = state.rows.take(rows)
        return Snapshot(
            stamp=stamp,
            symbols=self._cycle.roster.symbols(rows),
            columns=_undecided(columns) if self._cycle.forgetful else columns,
            coverage=state.coverage,
            confidence_sequence=self._stamps.newest("confidence"),
            buy_sequence=self._stamps.newest("buy"),
        )

    def _bars(self, row: int, request: GetBars, stamp: Stamp) -> Bars:
        state = self._state
        forming = bool(state.flags[row] & FORMING)
        records = state.windows.ring.newest(row, request.count - forming)
        bar_ms, ohlcv, decided = records.bar_ms, records.ohlcv, records.decided
        if forming:
            bar_ms = np.append(bar_ms, state.bar_ms[row])
            ohlcv = np.concatenate([ohlcv, state.forming[row][None]])
        return Bars(
            stamp=stamp,
            symbol=request.symbol,
            count=len(bar_ms),
            decisions=int(decided.sum()),
            forming=forming,
            bar_ms=bar_ms,
            ohlcv=ohlcv,
            decision_ms=records.bar_ms[decided],
            probabilities=records.probabilities[decided],
        )


def _undecided(columns: ColumnArrays) -> ColumnArrays:
    # What was decided in history, and every number beside it, must not pass for a decision of now.
    columns.column("probabilities")[:] = 0
    columns.column("sets")[:] = 0
    columns.column("flags")[:] &= ~np.uint8(DECIDED | UP_WINS)
    return columns
