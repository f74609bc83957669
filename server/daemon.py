"""Wires feed, model and sockets together, and runs them until asked to stop."""

import structlog
import zmq

from server.alerts.dispatch import AlertDispatch
from server.choices import ChosenPlugins
from server.explain.explainer import Explainer
from server.feeds.thread import FeedThread
from server.journal.opening import opened
from server.locks.guard import Guard
from server.locks.key_folder import Lock, handed_lock, lock_of
from server.main_loop import Server
from server.protocol.endpoints import announce, endpoints_of, new_context, part_threads
from server.stop import StopRequest
from server.swap.candidate import examined
from server.swap.opening import HangUps, opened_swap
from server.watching import watchers
from shared.endpoints import Endpoints
from shared.settings import ServerSettings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


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
    hang_ups = HangUps()
    endpoints = endpoints_of(settings)
    lock = handed_lock() if keys_from_parent else lock_of(settings, endpoints)
    with (
        FeedThread(choices.feed.name, choices.open_feed()) as feed,
        AlertDispatch(choices.open_alerts()) as alerts,
    ):
        parts = feed, alerts, settings, choices, endpoints, lock, hang_ups
        _serve(*parts, stop_with_parent=stop_with_parent)


def _serve(
    feed: FeedThread,
    alerts: AlertDispatch,
    settings: ServerSettings,
    choices: ChosenPlugins,
    endpoints: Endpoints,
    lock: Lock | None,
    hang_ups: HangUps,
    *,
    stop_with_parent: bool,
) -> None:
    serving = examined(settings.bundle, feed.listing, settings)
    model = serving.model
    with (
        StopRequest() as stop,
        new_context() as context,
        Guard(context, lock) as guard,
        context.socket(zmq.XPUB) as xpub,
        context.socket(zmq.ROUTER) as router,
        Explainer(context, serving.files, serving.offer) as explainer,
        watchers(settings) as watching,
        opened(settings, choices, feed.listing, model, serving.files) as journal,
    ):
        part_threads(xpub, router)
        guard.lock(xpub, router)
        server = Server(
            *(xpub, router, endpoints, feed.listing, model, settings, explainer, alerts, guard),
            journal=journal,
        )
        log.info("network", runs_on=model.scorer.runs_on, reason=model.why_torch)
        stop.on_signals()
        if stop_with_parent:
            stop.on_end_of_stdin()
        announce(Endpoints(publish=server.publisher.endpoint, requests=server.service.endpoint))
        feed.start(server.known_ms)
        server.watchers = watching
        with opened_swap(
            *(serving, feed.listing, settings, server.publisher.endpoint, journal, hang_ups)
        ) as swap:
            server.swap = swap
            server.run(feed, stop, exit_at_end=settings.exit_at_end)
