"""Wires feed, model and sockets together, and runs them until asked to stop."""

import time
import uuid
from typing import Final

import structlog
import torch
import zmq

from models.bundles.bundle import Bundle, build_bundle
from models.bundles.files import find_bundle, read_files
from models.bundles.verdicts import read_verdicts
from server.alerts.base import ServerEvent
from server.alerts.dispatch import AlertDispatch, buy_events
from server.choices import ChosenPlugins
from server.explain.explainer import Explainer
from server.explain.offer import Offer
from server.feeds.base import BarBatch, FeedReport, Listing, ListingChange
from server.feeds.roster import Roster
from server.feeds.thread import FeedThread
from server.figures import Figures, TellFigures
from server.locks.guard import Guard
from server.locks.key_folder import Lock, handed_lock, lock_of
from server.market.buy_log import BuyMemory
from server.market.cycle import Cycle
from server.market.judging import check_interval, clock_of, rules_of
from server.market.state import MarketState
from server.protocol.desk_service import DeskService
from server.protocol.endpoints import announce, endpoints_of, new_context
from server.protocol.handlers import Handlers
from server.protocol.publisher import Publisher
from server.protocol.sequencer import Sequencer
from server.stop import StopRequest
from server.watching import watchers
from shared.endpoints import Endpoints
from shared.errors import TickerlensError
from shared.protocol.messages import Buy, Phase, Published
from shared.settings import ServerSettings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_STATUS_S: Final = 1.0


def run(
    settings: ServerSettings,
    choices: ChosenPlugins,
    *,
    stop_with_parent: bool,
    keys_from_parent: bool = False,
) -> None:
    """Serve until a signal, the parent's end or, if so set, the feed's end. Main thread only.

    As soon as it listens it says where, as one line of JSON on stdout.

    Args:
        settings: What can be set of the server itself.
        choices: The feed and the alerts.
        stop_with_parent: Whether the end of stdin stops the server.
        keys_from_parent: Whether the first line of stdin says what the server is locked with.

    Raises:
        TickerlensError: The server cannot start, or the feed failed.
    """
    endpoints = endpoints_of(settings)
    lock = handed_lock() if keys_from_parent else lock_of(settings, endpoints)
    # A batch is too small to share: threads that wait for a busy core make it 20 times slower.
    torch.set_num_threads(1)
    with (
        FeedThread(choices.feed.name, choices.open_feed()) as feed,
        AlertDispatch(choices.open_alerts()) as alerts,
    ):
        _serve(feed, alerts, settings, endpoints, lock, stop_with_parent=stop_with_parent)


def _serve(
    feed: FeedThread,
    alerts: AlertDispatch,
    settings: ServerSettings,
    endpoints: Endpoints,
    lock: Lock | None,
    *,
    stop_with_parent: bool,
) -> None:
    folder = find_bundle(settings.bundle).resolve()
    files = read_files(folder)
    bundle = build_bundle(files, str(folder))
    offer = Offer(bundle.network, read_verdicts(folder))
    check_interval(feed.listing, bundle, settings)
    with (
        StopRequest() as stop,
        new_context() as context,
        Guard(context, lock) as guard,
        context.socket(zmq.XPUB) as xpub,
        context.socket(zmq.ROUTER) as router,
        Explainer(context, files, offer) as explainer,
        watchers(settings) as watching,
    ):
        guard.lock(xpub, router)
        server = Server(
            *(xpub, router, endpoints, feed.listing, bundle, settings, explainer, alerts, guard)
        )
        stop.on_signals()
        if stop_with_parent:
            stop.on_end_of_stdin()
        announce(Endpoints(publish=server.publisher.endpoint, requests=server.service.endpoint))
        feed.start()
        server.watchers = watching
        server.run(feed, stop, exit_at_end=settings.exit_at_end)


class Server:
    """The main loop: one thread that takes news of the feed, publishes and answers.

    Attributes:
        publisher: What is said.
        service: What is asked.
        watchers: Who is told the figures with each status.

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

    Raises:
        UnavailableError: An endpoint cannot be bound.
    """

    def __init__(
        self,
        xpub: zmq.Socket[bytes],
        router: zmq.Socket[bytes],
        endpoints: Endpoints,
        listing: Listing,
        bundle: Bundle,
        settings: ServerSettings,
        explainer: Explainer,
        alerts: AlertDispatch,
        guard: Guard,
    ) -> None:
        rules = rules_of(listing, settings.jump_limit)
        roster = Roster(listing)
        state = MarketState(len(roster), bundle, rules, recalibrate=settings.recalibrate)
        stamps = Sequencer(uuid.uuid4().hex[:12], bundle.model_id)
        self._cycle = Cycle(roster, state, stamps, BuyMemory())
        self._cycle.loading = True
        self._clock = clock_of(listing)
        answers = Handlers(self._cycle, bundle, explainer.offer)
        self.publisher = Publisher(xpub, endpoints.publish, roster.ever)
        self.service = DeskService(router, endpoints.requests, answers, explainer, guard)
        self._xpub, self._router, self._explained = xpub, router, explainer.socket
        self._explainer, self._alerts, self._guard = explainer, alerts, guard
        self._phase: Phase = "starting"
        self._feed_error: TickerlensError | None = None
        self._cycle_ms = self._cycle_s = 0.0
        self._cycles = 0
        self._status_due = 0.0
        self.watchers: tuple[TellFigures, ...] = ()

    def run(self, feed: FeedThread, stop: StopRequest, *, exit_at_end: bool) -> None:
        """Serve until `stop` is asked or, with `exit_at_end`, the feed is over; say goodbye.

        A feed that fails ends nothing else: what is known is told on, and `status` says why no
        more comes.

        Raises:
            TickerlensError: The feed failed, with `exit_at_end`; goodbye is said all the same.
        """
        poller = zmq.Poller()
        sockets = (self._xpub, self._router, self._explained, self._guard.socket)
        for source in (stop, feed, *sockets):
            poller.register(source, zmq.POLLIN)
        if facts := self._cycle.roster.listing.facts:
            log.info("bars", **{name.replace(" ", "_"): "; ".join(f) for name, f in facts.items()})
        why_torch = self._cycle.state.why_torch
        log.info("network", runs_on="torch" if why_torch else "numpy", reason=why_torch)
        log.info("listening", publish=self.publisher.endpoint, requests=self.service.endpoint)
        try:
            while not (exit_at_end and self._phase in ("ended", "failed")):
                ready = dict(poller.poll(self._until_status_ms()))
                if stop.fileno() in ready:
                    break
                self._turn(ready, feed)
        finally:
            self._say_status("goodbye")
            self._alerts.tell([self._event("goodbye")])
            log.info("stopped", refused_requests=self.service.refused, **self._counts())
        if exit_at_end and self._feed_error is not None:
            raise self._feed_error

    def _turn(self, ready: dict[object, int], feed: FeedThread) -> None:
        # Before anything is said: what is said from here on goes to nobody who was revoked.
        self._guard.renew()
        # A few requests, one explanation and one batch a turn: none can starve the others.
        if self._guard.socket in ready:
            self._guard.answer()
        if self._xpub in ready:
            self.publisher.read_subscriptions()
        if self._router in ready:
            self.service.serve(_now_ms())
        if self._explained in ready:
            self.service.deliver()
        if feed.fileno() in ready:
            self._hear(feed)
        if self._until_status_ms() == 0:
            self._say_status(self._phase)
            self.service.give_up_lost(_now_ms())
            self._status_due = time.monotonic() + _STATUS_S

    def _hear(self, feed: FeedThread) -> None:
        try:
            news = feed.take()
        except TickerlensError as e:
            self._feed_error = e
            self._enter("failed")
            return
        match news:
            case BarBatch():
                start = time.perf_counter()
                wanted = self.publisher.subscriptions.wanted
                said = self._cycle.run(news, _now_ms(), wanted)
                self.publisher.publish(said)
                self._count(time.perf_counter() - start)
                self._tell_alerts(said)
            case ListingChange():
                self._cycle.relist(news)
                self.publisher.subscriptions.follow(self._cycle.roster.ever)
                self._status_due = 0.0  # by which desks hear that there is another universe
            case FeedReport():
                self._cycle.report = news
            case "live" | "ended":
                self._enter(news)

    def _tell_alerts(self, said: list[Published]) -> None:
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
            cycle_ms=self._cycle_ms,
            time=self._clock.read(now_ms, state.newest_bar_ms, state.windows.newest_closed_ms),
        )
        self.publisher.publish([status])
        figures = Figures(
            status=status,
            cycles=self._cycles,
            cycle_s=self._cycle_s,
            answers=dict(self.service.sent),
            refusals=dict(self.service.refusals),
            explanations=dict(self._explainer.counts),
            access=self._guard.access(),
        )
        for tell in self.watchers:
            tell(figures)

    def _count(self, took_s: float) -> None:
        self._cycles += 1
        self._cycle_s += took_s
        self._cycle_ms = took_s * 1000

    def _counts(self) -> dict[str, object]:
        return {
            "accepted": self._cycle.state.windows.accepted,
            "reasons": self._cycle.reasons(),
        }

    def _until_status_ms(self) -> int:
        return max(round((self._status_due - time.monotonic()) * 1000), 0)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
