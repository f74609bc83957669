"""The main loop of a server: one thread that takes news, publishes and answers."""

import time
from typing import Final

import numpy as np
import structlog
import zmq

from models.inference.served import Served
from server.alerts.base import ServerEvent
from server.alerts.dispatch import AlertDispatch, buy_events
from server.explain.explainer import Explainer
from server.feeds.base import BarBatch, FeedReport, Listing, ListingChange
from server.feeds.thread import FeedThread
from server.figures import Figures, TellFigures
from server.journal.journal import Journal
from server.journal.opening import health_of, new_cycle, new_run_id
from server.locks.guard import Guard
from server.market.cycle import Utterance
from server.market.judging import clock_of
from server.protocol.desk_service import DeskService
from server.protocol.handlers import Handlers
from server.protocol.publisher import Publisher
from server.protocol.sequencer import Sequencer
from server.saying import Saying
from server.stop import StopRequest
from server.swap.candidate import ReadyModel, compute_alone
from server.swap.model_swap import ModelSwap
from shared.columns import UP_WINS
from shared.contract import Int64
from shared.endpoints import Endpoints
from shared.errors import TickerlensError
from shared.protocol.messages import Buy, Phase
from shared.settings import ServerSettings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_STATUS_S: Final = 1.0
_NEWCOMER_S: Final = 0.05  # at most so soon again, however often somebody comes


class Server:
    """The main loop: one thread that takes news of the feed, publishes and answers.

    Attributes:
        publisher: What is said.
        service: What is asked.
        watchers: Who is told the figures with each status.
        swap: Has another model take over; None where none can.

    Args:
        xpub: Fresh socket; its owner closes it.
        router: Fresh socket; its owner closes it.
        endpoints: Where to bind the two.
        listing: Who is watched.
        bundle: The model.
        settings: `jump_limit` and `recalibrate` are used.
        explainer: Makes the explanations that desks ask for; its owner closes it.
        alerts: Who is told of buys beside the desks; its owner stops them.
        guard: Knows who may connect; its owner closes it.
        journal: Keeps what is found, and knows what earlier runs did; None keeps nothing.

    Raises:
        UnavailableError: An endpoint cannot be bound.
        SettingsError: The journal is of other bars.
    """

    def __init__(
        self,
        xpub: zmq.Socket[bytes],
        router: zmq.Socket[bytes],
        endpoints: Endpoints,
        listing: Listing,
        bundle: Served,
        settings: ServerSettings,
        explainer: Explainer,
        alerts: AlertDispatch,
        guard: Guard,
        *,
        journal: Journal | None = None,
    ) -> None:
        self._journal, self._settings = journal, settings
        self._cycle = new_cycle(journal, listing, bundle, settings)
        self._cycle.loading = True
        self._clock = clock_of(listing)
        answers = Handlers(self._cycle, bundle, explainer.offer)
        self.publisher = Publisher(xpub, endpoints.publish, self._cycle.roster.ever)
        self._past = None if journal is None else journal.past
        self.service = DeskService(
            router, endpoints.requests, answers, explainer, guard, self._past
        )
        self._xpub, self._router, self._explained = xpub, router, explainer.socket
        self._explainer, self._alerts, self._guard = explainer, alerts, guard
        self._phase: Phase = "starting"
        self._feed_error: TickerlensError | None = None
        self._saying = Saying(self.publisher, self._tell_alerts)
        self._status_due = 0.0
        self.watchers: tuple[TellFigures, ...] = ()
        self.swap: ModelSwap | None = None

    @property
    def known_ms(self) -> int:
        """Return the close of the newest bar that an earlier run left; 0 if there is none."""
        return self._cycle.state.windows.newest_closed_ms

    def run(self, feed: FeedThread, stop: StopRequest, *, exit_at_end: bool) -> None:
        """Serve until `stop` is asked or, with `exit_at_end`, the feed is over; say goodbye.

        A feed that fails ends nothing else: what is known is told on, and `status` says why no
        more comes.

        Raises:
            TickerlensError: The feed failed, with `exit_at_end`; goodbye is said all the same.
        """
        poller = zmq.Poller()
        sockets = (self._xpub, self._router, self._explained, self._guard.socket)
        self._cycle.heir = self.swap
        others = (one for one in (self._journal, self._past, self.swap) if one is not None)
        for source in (stop, feed, *others, *sockets):
            poller.register(source, zmq.POLLIN)
        if facts := self._cycle.roster.listing.facts:
            log.info("bars", **{name.replace(" ", "_"): "; ".join(f) for name, f in facts.items()})
        log.info("listening", publish=self.publisher.endpoint, requests=self.service.endpoint)
        try:
            while not (exit_at_end and self._phase in ("ended", "failed")):
                ready = dict(poller.poll(0 if self._saying.busy else self._until_status_ms()))
                if stop.fileno() in ready:
                    break
                self._turn(ready, feed)
        finally:
            if self._journal is not None:
                self._journal.save()
                self._journal.settle()
                self._say_kept(self._journal)
            self._say_status("goodbye")
            self._alerts.tell([self._event("goodbye")])
            log.info("stopped", refused_requests=self.service.refused, **self._counts())
        if exit_at_end and self._feed_error is not None:
            raise self._feed_error

    def _turn(self, ready: dict[object, int], feed: FeedThread) -> None:
        # Before anything is said: what is said from here on goes to nobody who was revoked.
        self._guard.renew()
        # A few requests, one explanation and some of a batch a turn: none can starve the others.
        if self._guard.socket in ready:
            self._guard.answer()
        if self._xpub in ready and self.publisher.read_subscriptions():
            # Who was on a link to the run before this one learns only now that there is another.
            self._status_due = min(self._status_due, time.monotonic() + _NEWCOMER_S)
        self._answer(ready)
        if self._saying.busy:
            self._saying.go_on()
        elif feed.fileno() in ready:
            self._hear(feed)
        if self._journal is not None:
            self._say_kept(self._journal)
        if self.swap is not None:
            self._look_at(self.swap)
        if self._until_status_ms() == 0:
            self._tend(feed)

    def _tend(self, feed: FeedThread) -> None:
        self._say_status(self._phase)
        self.service.give_up_lost(_now_ms())
        if not self._cycle.loading and self.service.sent["methods"]:
            # Who may ask would wait for torch; where nobody is it would lie there for nothing.
            self._explainer.warm()
        feed.attend(self._first())
        self._status_due = time.monotonic() + _STATUS_S

    def _look_at(self, swap: ModelSwap) -> None:
        # Between two batches, and once all that the model before has found is said.
        swap.calm(not self._saying.busy)
        found = None if self._saying.busy else swap.ready(self._cycle)
        if found is not None and not (self._journal is not None and self._journal.holds):
            self._take_over(found)
            swap.done()

    def _take_over(self, found: ReadyModel) -> None:
        one, run_id = found.candidate, new_run_id()
        before = self._cycle.stamps.answer(0, 0).model_id
        if one.model.model_id == before:  # it has only learned from the past
            wanted = self.publisher.subscriptions.wanted
            self._saying.begin(self._cycle.learn_past(found.state, _now_ms(), wanted))
            return
        compute_alone(one.model)
        self._cycle.take_over(found.state, Sequencer(run_id, one.model.model_id))
        if self._journal is not None:
            self._journal.take_over(one.model, one.files, self._settings, run_id)
        self._explainer.take_over(one.files, one.offer)
        self.service.answers = Handlers(self._cycle, one.model, one.offer)
        self._status_due = 0.0  # by which desks hear that there is another run
        log.info("took over", model=one.model.model_id, before=before, folder=str(one.folder))

    def _answer(self, ready: dict[object, int]) -> None:
        if self._router in ready:
            self.service.serve(_now_ms())
        if self._explained in ready:
            self.service.deliver()
        if self._past is not None and self._past.fileno() in ready:
            self.service.deliver_past(self._past)

    def _first(self) -> Int64:
        # Whom a feed asks for first that cannot ask for all at once.
        wanted, flags = self.publisher.subscriptions.wanted, self._cycle.state.flags
        is_buy = (flags[: len(wanted.bar)] & UP_WINS) != 0
        return np.flatnonzero(wanted.heatmap | wanted.bar | is_buy).astype(np.int64)

    def _hear(self, feed: FeedThread) -> None:
        try:
            news = feed.take()
        except TickerlensError as e:
            self._feed_error = e
            self._enter("failed")
            return
        match news:
            case BarBatch():
                wanted = self.publisher.subscriptions.wanted
                if self.swap is not None:
                    self.swap.calm(False)
                self._saying.begin(self._cycle.run(news, _now_ms(), wanted))
            case ListingChange():
                self._cycle.relist(news)
                self.publisher.subscriptions.follow(self._cycle.roster.ever)
                self._status_due = 0.0  # by which desks hear that there is another universe
            case FeedReport():
                self._cycle.report = news
            case "live" | "ended":
                self._enter(news)

    def _say_kept(self, journal: Journal) -> None:
        for found in journal.settled():
            said = [self._cycle.say_buys(found)]
            if not found.late:
                self.publisher.publish(said)
                self._tell_alerts(said)

    def _tell_alerts(self, said: Utterance) -> None:
        for message in said:
            if isinstance(message, Buy):
                news = ~self._clock.are_late(message.bar_ms, _now_ms())
                self._alerts.tell(buy_events(message, self._cycle.roster, news))

    def _event(self, phase: Phase) -> ServerEvent:
        return ServerEvent(
            phase=phase,
            feed=self._cycle.roster.listing.label,
            sentence=str(self._feed_error or ""),
            made_ms=_now_ms(),
        )

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self._cycle.end_history()
        if self._journal is not None:
            self._journal.save()
            self._journal.note("feed", f"{phase}: {self._feed_error or ''}")
        self._status_due = 0.0  # everybody waits for that word
        self._alerts.tell([self._event(phase)])
        if self._feed_error is None:
            log.info(phase, **self._counts())
        else:
            log.error(phase, reason=str(self._feed_error), **self._counts())

    def _say_status(self, phase: Phase) -> None:
        error = str(self._feed_error or "")
        now_ms, state = _now_ms(), self._cycle.state
        status = self._cycle.status(
            phase,
            now_ms,
            feed_error=error,
            model_note="" if self.swap is None else self.swap.said,
            cycle_ms=self._saying.cycle_ms,
            time=self._clock.read(now_ms, state.newest_bar_ms, state.windows.newest_closed_ms),
            journal=health_of(self._journal),
        )
        self.publisher.publish([status])
        figures = Figures(
            status=status,
            cycles=self._saying.cycles,
            cycle_s=self._saying.cycle_s,
            answers=dict(self.service.sent),
            refusals=dict(self.service.refusals),
            explanations=dict(self._explainer.counts),
            access=self._guard.access(),
        )
        for tell in self.watchers:
            tell(figures)

    def _counts(self) -> dict[str, object]:
        return {"accepted": self._cycle.state.windows.accepted, "reasons": self._cycle.reasons()}

    def _until_status_ms(self) -> int:
        return max(round((self._status_due - time.monotonic()) * 1000), 0)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
