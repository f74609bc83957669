"""Joining a run of the server and staying whole: a state machine without socket and clock."""

import logging
from collections.abc import Collection, Iterable
from typing import Any, Final

from client.net.buy_stream import BuyStream
from client.net.delivery import deliver, deliver_refusal
from client.net.pending_requests import (
    PendingRequest,
    PendingRequests,
    RequestType,
    is_answer,
    subject,
    wish_of,
)
from client.net.written_rows import WrittenRows
from client.state.inbox import Inbox
from client.state.trends import TREND_BARS
from client.state.update import LoggedBuy
from client.state.wish import Wish, Wished
from shared.protocol.answers import Answer, BuyLog, Refusal, Snapshot, Universe
from shared.protocol.messages import Bar, Buy, Confidence, Heatmap, Published, Status
from shared.protocol.requests import (
    AboutPast,
    AnyRequest,
    Cancel,
    GetBars,
    GetBuys,
    GetExplanation,
    GetHeatmap,
    GetMethods,
    GetModel,
    GetPastBuys,
    GetPastWindow,
    GetSnapshot,
    GetUniverse,
    Ping,
)
from shared.protocol.rows import Rows
from shared.throttle import Throttle

log = logging.getLogger(__name__)

# Of an older minor, or without a journal: it will never know, so the desk does without.
_FOR_GOOD: Final = ("unknown_request", "nothing_kept")


class Sync:
    """Decides what to ask, and what of the answers and publications goes into the inbox.

    Rows come first: nothing of single tickers is asked for before they are of now. Whenever
    something may have been missed (a gap in a sequence, a new connection), a snapshot is asked for;
    `buy` is counted without a gap from 1. A request is asked again, under its id, until it is
    answered; at most one of a kind is out.

    Args:
        inbox: Where everything goes.
        watched: The tickers that are followed one by one, and what is to be explained of each; the
            caller keeps it up to date.
        in_sight: The tickers whose maps alone are followed; the caller keeps it up to date.
    """

    def __init__(self, inbox: Inbox, watched: Wished, in_sight: Collection[str] = ()) -> None:
        self._inbox = inbox
        self._watched, self._in_sight = watched, in_sight
        self._pending = PendingRequests()
        self._throttle = Throttle()
        self._run_id: str
        self._start_over("")

    def due(self, now_ms: int) -> list[AnyRequest]:
        """Return the requests to send at `now_ms`, on a clock that only rises."""
        return self._pending.due(now_ms)

    def sent(self, request: AnyRequest, now_ms: int) -> None:
        """Note that `request` went out."""
        self._pending.sent(request, now_ms)

    def connected(self) -> None:
        """Note that the subscriptions were sent anew: what was said before may be missed."""
        # Rows first: before a server says that it is another run, what is asked is for nothing.
        self._certain = self._are_rows_whole = False
        # Their answers are lost, and each heatmap that comes now asks for them anew.
        for request in self._pending.explanations():
            self._pending.cancel(request)
        self.refresh()

    def disconnected(self) -> None:
        """Note that the requests under way are lost: all that is open is to be sent anew."""
        self._pending.hurry()

    def refresh(self) -> None:
        """Ask for all that is shown anew: some of it may be missed."""
        if self._rows.revision is None:
            return
        self._ask(GetSnapshot)
        if self._are_rows_whole:
            self._ask_for_tickers()

    def _ask_for_tickers(self) -> None:
        for symbol in self._watched:
            self.watch(symbol)
        self._recalled.clear()
        self.glance(self._in_sight)

    def ping(self) -> None:
        """Ask for a sign that requests are answered, unless one is asked for already."""
        if not self._pending.is_asked(Ping):
            self._ask(Ping)

    def watch(self, symbol: str) -> None:
        """Ask for what is known of a ticker."""
        if self._are_rows_whole:
            self._ask(GetBars, symbol=symbol)
            self._ask(GetHeatmap, symbol=symbol)
            self._ask(GetPastBuys, symbol=symbol)

    def recall(self, symbol: str, bar_ms: int | None) -> None:
        """Ask for the decision on one bar of the past, and for no other of that ticker any more."""
        self._pending.forget_past(symbol)
        if bar_ms is not None:
            self._ask(GetPastWindow, symbol=symbol, bar_ms=bar_ms)

    def glance(self, symbols: Iterable[str]) -> None:
        """Ask for the maps of tickers that came in sight, and once for what was said before."""
        if not self._are_rows_whole:
            return
        for symbol in symbols:
            self._ask(GetHeatmap, symbol=symbol)
            if symbol not in self._recalled:
                self._recalled.add(symbol)
                self._ask(GetBars, symbol=symbol, count=TREND_BARS)

    def explain(self, symbol: str, wishes: Iterable[Wish]) -> None:
        """Ask for explanations of a ticker; an answer that is wanted no more will be dropped."""
        wanted = self._watched.get(symbol, ())
        for request in self._pending.explanations(symbol):
            if wish_of(request) not in wanted:
                self._pending.cancel(request)
        if self._are_rows_whole:
            for wish in wishes:
                fields = {"symbol": symbol, "method": wish.method, "target": wish.target}
                self._pending.ask(GetExplanation, **fields)

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
            case Buy() if self._rows.revision is not None:
                self._put_buys(self._buys.published(message))
            case Bar() if message.symbol in self._watched:
                self._inbox.put_bar(message)
                if message.closed:  # by which it may be known what came of a buy
                    self._ask(GetPastBuys, symbol=message.symbol)
            case Heatmap() if message.symbol in self._watched or message.symbol in self._in_sight:
                self._take_heatmap(message)

    def answered(self, request_id: int | None, answer: Answer) -> None:
        """Take an answer; one to no open request, or from another run, is too late."""
        pending = self._pending.find(request_id)
        # A server that was started anew may still send what its predecessor was asked: its rows
        # are numbered otherwise, so what is not of this run is dropped, and asked for again.
        if pending is None or answer.stamp.run_id != (self._run_id or answer.stamp.run_id):
            return
        if isinstance(answer, Refusal):
            self._take_refusal(pending, answer)
            return
        if not is_answer(pending.request, answer):
            if self._throttle.lets("misfit"):
                log.warning("dropped an answer to something that was not asked")
            return
        # Closed first: what `_take` asks for may be of the same kind, and is a new request.
        self._pending.close(pending.request)
        self._run_id = answer.stamp.run_id
        self._take(answer, pending.request)
        self._ask_if_old(pending)

    def _ask_if_old(self, pending: PendingRequest) -> None:
        # Something was lost while this was under way. The server may have made the answer before
        # that, so that only one that is asked for from now on is sure to hold it.
        if pending.again:
            self._ask(type(pending.request), **subject(pending.request))

    def _start_over(self, run_id: str) -> None:
        # While the run id is empty, the first answer or message brings it.
        self._run_id = run_id
        self._pending.clear()
        self._rows = WrittenRows()
        self._newest: dict[type[Published], int] = {}
        self._buys = BuyStream()
        self._recalled: set[str] = set()  # of whom what was said before is asked for
        self._certain = self._starting = self._are_rows_whole = False
        self._ask(GetUniverse)

    def _ask(self, kind: RequestType, **fields: Any) -> None:
        if kind is GetBuys:
            fields["after"] = self._buys.newest
        self._pending.ask(kind, **fields)

    def _notice_loss(self, message: Published) -> None:
        # The first message after a connection proves that the subscriptions stand: only what is
        # asked from then on leaves no hole. Bars and heatmaps of other tickers are counted too.
        kind, sequence = type(message), message.stamp.sequence
        # A hole in the buys is no matter of a snapshot: `BuyStream` sees it, and asks for them.
        gap = kind in self._newest and sequence != self._newest[kind] + 1
        if not self._certain or (gap and isinstance(message, Status | Confidence)):
            self.refresh()
        self._certain = True
        self._newest[kind] = sequence

    def _catch_up(self, status: Status) -> None:
        # History is loaded without a word: what was asked before it was whole is too old.
        if self._starting and status.state != "starting":
            self.refresh()
        self._starting = status.state == "starting"
        # A loss at the end of a stream shows in no later message of its kind. What is asked
        # already may cover it; if not, the next status says so again.
        if self._rows.revision is None:
            return
        behind: dict[RequestType, bool] = {
            GetUniverse: status.universe_revision > self._rows.revision,
            GetSnapshot: status.confidence_sequence > self._rows.newest,
            GetBuys: self._are_rows_whole and status.buy_sequence > self._buys.newest,
        }
        for kind in behind:
            if behind[kind] and not self._pending.is_asked(kind):
                self._ask(kind)

    def _take(self, answer: Answer, request: AnyRequest) -> None:
        match answer:
            case Universe():
                self._take_universe(answer)
            case Snapshot():
                self._put_rows(answer, answer.confidence_sequence)
                self._follow_rows(answer.buy_sequence)
            case BuyLog() if isinstance(request, GetBuys):
                self._put_buys(self._buys.answered(answer, request.after))
            case Heatmap():
                self._take_heatmap(answer)
            case _:
                deliver(self._inbox, answer, request)

    def _take_universe(self, universe: Universe) -> None:
        if self._rows.revision is None:
            # Only now: without the universe's order nobody knows which row a ticker is.
            self._ask(GetModel)
            self._ask(GetMethods)
        self._rows.move(universe)
        self._inbox.put_universe(universe)
        self.refresh()

    def _follow_rows(self, buy_sequence: int) -> None:
        # Rows come first, and nothing waits for them that was asked while history was read: it
        # would be refused, or too old by the time that rows are of now.
        if self._starting:
            return
        if not self._are_rows_whole:
            self._are_rows_whole = True
            self._ask_for_tickers()
        if buy_sequence > self._buys.newest:
            self._ask(GetBuys)

    def _take_heatmap(self, heatmap: Heatmap) -> None:
        self._inbox.put_heatmap(heatmap)
        # What was explained before is of an older window.
        self.explain(heatmap.symbol, self._watched.get(heatmap.symbol, ()))

    def _take_refusal(self, pending: PendingRequest, refusal: Refusal) -> None:
        request = pending.request
        told = deliver_refusal(self._inbox, request, refusal.sentence)
        if refusal.code == "busy" and isinstance(request, GetExplanation | AboutPast):
            pending.slow = False  # nobody works on it, so it may be asked again soon
        elif refusal.code in _FOR_GOOD or isinstance(request, Ping | Cancel):
            self._pending.close(request)
        elif told:
            self._pending.close(request)
            self._ask_if_old(pending)
        else:
            # Without an answer there is nothing to show: it stays open, and is asked again.
            kind = type(request).__name__
            if self._throttle.lets(kind):
                log.warning("the server refused %s: %s", kind, refusal.sentence)

    def _put_rows(self, rows: Rows, sequence: int) -> None:
        if self._rows.revision is not None:
            self._inbox.put_rows(self._rows.take(rows, sequence))

    def _put_buys(self, found: list[LoggedBuy] | None) -> None:
        if found is None:
            self._ask(GetBuys)
        elif found:
            self._inbox.put_buys(found)
