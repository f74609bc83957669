"""Joining a run of the server and staying whole: a state machine without socket and clock."""

import dataclasses
import itertools
import logging
from collections.abc import Iterable, Set
from typing import Any, Final

import numpy as np

from client.state.inbox import Inbox
from client.state.update import BuyEntry, RowChanges
from shared.answers import Answer, Bars, BuyLog, ModelCard, Refusal, Snapshot, Universe
from shared.contract import Int64
from shared.messages import Bar, Buy, Confidence, Heatmap, Published, Rows, Status
from shared.requests import (
    AnyRequest,
    GetBars,
    GetBuys,
    GetHeatmap,
    GetModel,
    GetSnapshot,
    GetUniverse,
)

log = logging.getLogger(__name__)

ASK_AGAIN_MS: Final = 2_000
NEVER: Final = -ASK_AGAIN_MS

_Kind = type[AnyRequest]


@dataclasses.dataclass
class _Question:
    request: AnyRequest
    sent_ms: int = NEVER
    again: bool = False  # came up once more while it was out: its answer may be too old


class Sync:
    """Decides what to ask, and what of the answers and publications goes into the inbox.

    Every row remembers the newest `confidence` or snapshot that wrote it, so that the two may
    arrive in any order. Whenever something may have been missed (a gap in a sequence, a new
    connection), a snapshot is asked for; `buy` is counted without a gap from 1. A question is
    asked again, under its id, until it is answered; at most one of a kind is out.

    Args:
        inbox: Where everything goes.
        watched: The tickers that are followed one by one; the caller keeps it up to date.
    """

    def __init__(self, inbox: Inbox, watched: Set[str]) -> None:
        self._inbox = inbox
        self._watched = watched
        self._ids = itertools.count(1)
        self._run_id: str
        self._start_over("")

    def due(self, now_ms: int) -> list[AnyRequest]:
        """Return the requests to send at `now_ms`, on a clock that only rises."""
        return [q.request for q in self._questions.values() if now_ms - q.sent_ms >= ASK_AGAIN_MS]

    def sent(self, request: AnyRequest, now_ms: int) -> None:
        """Note that `request` went out."""
        self._questions[request.request_id].sent_ms = now_ms

    def connected(self) -> None:
        """Note that the subscriptions were sent anew: what was said before may be missed."""
        self._certain = False
        self._heal()

    def watch(self, symbol: str) -> None:
        """Ask for what is known of a ticker."""
        if self._rows is not None:
            self._ask(GetBars, symbol)
            self._ask(GetHeatmap, symbol)

    def published(self, message: Published) -> None:
        """Take a message of the stream; another run id starts everything over."""
        if message.stamp.run_id != self._run_id:
            self._start_over(message.stamp.run_id)
        self._notice_loss(message)
        match message:
            case Status():
                self._inbox.put_status(message)
                self._catch_up(message)
            case Confidence():
                self._put_rows(message, message.stamp.sequence)
            case Buy():
                self._take_buy(message)
            case Bar() if message.symbol in self._watched:
                self._inbox.put_bar(message)
            case Heatmap() if message.symbol in self._watched:
                self._inbox.put_heatmap(message)

    def answered(self, request_id: int, answer: Answer) -> None:
        """Take an answer; one to no open question, or from another run, is too late."""
        question = self._questions.get(request_id)
        if question is None or answer.stamp.run_id != (self._run_id or answer.stamp.run_id):
            return
        if isinstance(answer, Refusal):
            self._take_refusal(question.request, answer)
            return
        del self._questions[request_id]
        self._run_id = answer.stamp.run_id
        self._take(answer)
        if question.again:
            self._ask(type(question.request), _symbol(question.request))

    def _start_over(self, run_id: str) -> None:
        # While the run id is empty, the first answer or message brings it.
        self._run_id = run_id
        self._questions: dict[int, _Question] = {}
        self._rows: dict[str, int] | None = None
        self._written = np.zeros(0, np.int64)  # (n,) the sequence number that wrote each row
        self._newest: dict[type[Published], int] = {}
        self._confidence = self._buy = 0
        self._certain = False
        self._ask(GetUniverse)

    def _ask(self, kind: _Kind, symbol: str = "") -> None:
        for question in self._questions.values():
            if isinstance(question.request, kind) and _symbol(question.request) == symbol:
                question.again = question.sent_ms != NEVER
                return
        request_id = next(self._ids)
        self._questions[request_id] = _Question(self._request(kind, symbol, request_id))

    def _request(self, kind: _Kind, symbol: str, request_id: int) -> AnyRequest:
        fields: dict[str, Any] = {"symbol": symbol} if symbol else {}
        if kind is GetBuys:
            fields["after"] = self._buy
        return kind(request_id=request_id, **fields)

    def _notice_loss(self, message: Published) -> None:
        # The first message after a connection proves that the subscriptions stand: only what is
        # asked from then on leaves no hole. Bars and heatmaps of other tickers are counted too.
        kind, sequence = type(message), message.stamp.sequence
        gap = kind in self._newest and sequence != self._newest[kind] + 1
        if not self._certain or (gap and isinstance(message, Status | Confidence)):
            self._heal()
        self._certain = True
        self._newest[kind] = sequence

    def _catch_up(self, status: Status) -> None:
        # A loss at the end of a stream shows in no later message of its kind. What is asked
        # already may cover it; if not, the next status says so again.
        if self._rows is None:
            return
        behind: dict[_Kind, bool] = {
            GetSnapshot: status.confidence_sequence > self._confidence,
            GetBuys: status.buy_sequence > self._buy,
        }
        asked = {type(question.request) for question in self._questions.values()}
        for kind in behind:
            if behind[kind] and kind not in asked:
                self._ask(kind)

    def _heal(self) -> None:
        if self._rows is None:
            return
        self._ask(GetSnapshot)
        for symbol in self._watched:
            self.watch(symbol)

    def _take(self, answer: Answer) -> None:
        match answer:
            case Universe():
                self._rows = {symbol: row for row, symbol in enumerate(answer.symbols)}
                self._written = np.zeros(len(answer.symbols), np.int64)
                self._inbox.put_universe(answer)
                self._ask(GetModel)
                self._heal()
            case ModelCard():
                self._inbox.put_card(answer.card_json, answer.stamp.model_id)
            case Snapshot():
                self._put_rows(answer, answer.confidence_sequence)
                if answer.buy_sequence > self._buy:
                    self._ask(GetBuys)
            case BuyLog():
                self._take_buys(answer)
            case Bars():
                self._inbox.put_bars(answer)
            case Heatmap():
                self._inbox.put_heatmap(answer)

    def _take_refusal(self, request: AnyRequest, refusal: Refusal) -> None:
        if isinstance(request, GetBars | GetHeatmap):
            del self._questions[request.request_id]
            self._inbox.put_refusal(request.symbol, refusal.sentence)
        else:
            # Without an answer there is nothing to show: it stays open, and is asked again.
            log.warning("the server refused %s: %s", type(request).__name__, refusal.sentence)

    def _put_rows(self, rows: Rows, sequence: int) -> None:
        if self._rows is None:
            return
        self._confidence = max(self._confidence, sequence)
        index = _look_up(self._rows, rows.symbols)
        new = (index >= 0) & (self._written[index] <= sequence)
        index = index[new]
        self._written[index] = sequence
        self._inbox.put_rows(
            RowChanges(
                index=index,
                probabilities=rows.probabilities[new],
                last=rows.last[new],
                change=rows.change[new],
                bar_ms=rows.bar_ms[new],
                changed_ms=np.full(len(index), rows.stamp.made_ms, np.int64),
                flags=rows.flags[new],
            )
        )

    def _take_buy(self, buy: Buy) -> None:
        sequence = buy.stamp.sequence
        if self._rows is None or sequence <= self._buy:
            return
        if sequence > self._buy + 1:
            self._ask(GetBuys)
            return
        self._buy = sequence
        made = np.full(len(buy.symbols), buy.stamp.made_ms)
        self._inbox.put_buys(_entries(buy.symbols, made, buy))

    def _take_buys(self, answer: BuyLog) -> None:
        entries = _entries(answer.symbols, answer.made_ms, answer)
        new = itertools.compress(entries, answer.sequence > self._buy)
        self._buy = max(self._buy, answer.buy_sequence)
        self._inbox.put_buys(list(new))


def _symbol(request: AnyRequest) -> str:
    return request.symbol if isinstance(request, GetBars | GetHeatmap) else ""


def _look_up(rows: dict[str, int], symbols: tuple[str, ...]) -> Int64:
    # (n,) int64, the row of each symbol; -1 for one that is not in the universe.
    return np.fromiter((rows.get(s, -1) for s in symbols), np.int64, len(symbols))


def _entries(symbols: tuple[str, ...], made_ms: Int64, source: Buy | BuyLog) -> Iterable[BuyEntry]:
    columns = (made_ms, source.confidence, source.last, source.bar_ms)
    for symbol, made, confidence, last, bar in zip(
        symbols, *(c.tolist() for c in columns), strict=True
    ):
        yield BuyEntry(symbol=symbol, made_ms=made, confidence=confidence, last=last, bar_ms=bar)
