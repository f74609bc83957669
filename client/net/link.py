"""The link to a server: one thread that owns the sockets; everyone else only queues commands."""

import contextlib
import dataclasses
import queue
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Final

import zmq

from client.net.liveness import Liveness
from client.net.sockets import Connected, Disconnected, NumberedAnswer, Sockets
from client.net.source import Source, find_source
from client.net.sync import Sync
from client.state.health import LATE_MS, Health, Heard, link_health
from client.state.inbox import Inbox
from client.state.wish import Wish
from shared.endpoints import Endpoints
from shared.protocol.messages import Published, Status
from shared.throttle import Throttle

TICK_MS: Final = 50  # how long a command may wait; no second socket is needed to wake the thread


@dataclasses.dataclass(frozen=True)
class _Watch:
    symbol: str


@dataclasses.dataclass(frozen=True)
class _Unwatch:
    symbol: str


@dataclasses.dataclass(frozen=True)
class _Explain:
    symbol: str
    wishes: tuple[Wish, ...]


@dataclasses.dataclass(frozen=True)
class _LookAt:
    symbols: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class _Recall:
    symbol: str
    bar_ms: int | None


class _Refresh:
    pass


_Command = _Watch | _Unwatch | _Explain | _LookAt | _Refresh | _Recall


class Link:
    """Keeps `inbox` filled from a server, and heals by itself when the server goes and returns.

    All methods may be called from any thread; none of them blocks but `stop`.

    Args:
        endpoints: The server; None tries the default endpoints, and starts a local simulated
            server, which lives as long as the link, when none answers there.
        inbox: Where everything goes.
    """

    def __init__(self, endpoints: Endpoints | None, inbox: Inbox) -> None:
        self._endpoints = endpoints
        self._inbox = inbox
        self._commands: queue.SimpleQueue[_Command] = queue.SimpleQueue()
        self._watched: dict[str, tuple[Wish, ...]] = {}
        self._in_sight: set[str] = set()
        self._stopping = threading.Event()
        self._heard = Heard(trouble="looking for a server")
        self._liveness = Liveness(_now_ms())
        self._throttle = Throttle()
        self._thread = threading.Thread(target=self._run, name="link")

    def start(self) -> None:
        """Start the thread; call once."""
        self._thread.start()

    def stop(self, limit_s: float = 2.0) -> bool:
        """Stop the thread, and the local server with it; return whether it ended in time."""
        self._stopping.set()
        self._thread.join(limit_s)
        return not self._thread.is_alive()

    def watch(self, symbol: str) -> None:
        """Follow one ticker: its bars and heatmap are asked for now, and each time it heals.

        The answers, or the server's refusal, come as `Update.bars`, `live_bars`, `heatmaps` and
        `refusals`. Watching twice asks anew, and is undone by one `unwatch`.
        """
        self._commands.put(_Watch(symbol))

    def unwatch(self, symbol: str) -> None:
        """Stop following one ticker."""
        self._commands.put(_Unwatch(symbol))

    def explain(self, symbol: str, wishes: tuple[Wish, ...]) -> None:
        """Have `wishes` explained of a watched ticker from now on, and nothing else.

        They are asked for now, with each new heatmap, and each time it heals; the answers come as
        `Update.explanations`.
        """
        self._commands.put(_Explain(symbol, wishes))

    def recall(self, symbol: str, bar_ms: int | None) -> None:
        """Ask for the decision on one bar of a ticker that is watched; None wants it no more.

        The answer, or why there is none, comes as `Update.past_windows`.
        """
        self._commands.put(_Recall(symbol, bar_ms))

    def glance(self, symbols: Iterable[str]) -> None:
        """Follow the maps of these tickers, and of no others but those that are watched.

        They are asked for now, the first of them first, and each time it heals, with what was said
        of them before; the answers come as `Update.heatmaps` and `histories`.
        """
        self._commands.put(_LookAt(tuple(symbols)))

    def refresh(self) -> None:
        """Ask for all that is shown anew."""
        self._commands.put(_Refresh())

    def health(self) -> Health:
        """Return the state of the link now; cheap enough for every frame."""
        return link_health(self._heard, _now_ms())

    # All that follows runs on the link's thread.

    def _run(self) -> None:
        with (
            zmq.Context() as context,
            contextlib.closing(find_source(context, self._endpoints)) as source,
        ):
            while not self._stopping.is_set():
                endpoints = source.poll(_now_ms())
                self._note(source, endpoints)
                if endpoints is None:
                    self._stopping.wait(TICK_MS / 1000)
                    continue
                self._follow(context, source, endpoints)

    def _follow(
        self, context: zmq.Context[zmq.Socket[bytes]], source: Source, endpoints: Endpoints
    ) -> None:
        sync = Sync(self._inbox, self._watched, self._in_sight)
        self._liveness = Liveness(_now_ms())
        while self._stays(source, endpoints):
            sockets = Sockets(context, endpoints, self._throttle)
            with contextlib.closing(sockets):
                for symbol in self._watched:
                    sockets.subscribe(symbol)
                for symbol in self._in_sight:
                    sockets.glance(symbol)
                while self._stays(source, endpoints) and not self._liveness.must_renew(
                    _now_ms(), are_over=sockets.are_over
                ):
                    self._turn(sockets, sync)
            self._liveness.renewed(_now_ms())
            sync.disconnected()

    def _stays(self, source: Source, endpoints: Endpoints) -> bool:
        return not self._stopping.is_set() and source.poll(_now_ms()) == endpoints

    def _turn(self, sockets: Sockets, sync: Sync) -> None:
        self._obey(sockets, sync)
        if self._liveness.is_ping_due(_now_ms()):
            sync.ping()
        self._send_due(sockets, sync)
        for event in sockets.receive(TICK_MS):
            self._take(event, sync)
        if sockets.complaint:
            self._trouble(f"what the server says cannot be read: {sockets.complaint}")
        elif sockets.refusal:
            self._trouble(sockets.refusal)
        elif self._liveness.are_requests_late(_now_ms(), LATE_MS):
            self._trouble(f"{self._heard.endpoint} answers no requests")

    def _obey(self, sockets: Sockets, sync: Sync) -> None:
        watched = self._watched
        for command in _waiting(self._commands):
            match command:
                case _Watch(symbol):
                    if symbol not in watched:
                        watched[symbol] = ()
                        sockets.subscribe(symbol)
                    sync.watch(symbol)
                case _Unwatch(symbol) if symbol in watched:
                    del watched[symbol]
                    sockets.unsubscribe(symbol)
                    sync.explain(symbol, ())
                case _Explain(symbol, wishes) if symbol in watched:
                    known, watched[symbol] = watched[symbol], wishes
                    sync.explain(symbol, [wish for wish in wishes if wish not in known])
                case _Recall(symbol, bar_ms):
                    sync.recall(symbol, bar_ms)
                case _LookAt(symbols):
                    self._look(symbols, sockets, sync)
                case _Refresh():
                    sync.refresh()

    def _look(self, symbols: tuple[str, ...], sockets: Sockets, sync: Sync) -> None:
        came = [symbol for symbol in symbols if symbol not in self._in_sight]
        left = self._in_sight.difference(symbols)
        for symbol in came:
            sockets.glance(symbol)
        for symbol in left:
            sockets.look_away(symbol)
        self._in_sight.update(came)
        self._in_sight -= left
        sync.glance(came)

    def _send_due(self, sockets: Sockets, sync: Sync) -> None:
        now_ms = _now_ms()
        for request in sync.due(now_ms):
            if sockets.send(request):
                sync.sent(request, now_ms)

    def _take(
        self, event: Connected | Disconnected | Published | NumberedAnswer, sync: Sync
    ) -> None:
        if isinstance(event, Connected):
            sync.connected()
        elif isinstance(event, Disconnected):
            sync.disconnected()
        elif isinstance(event, tuple):
            sync.answered(*event)
            self._liveness.heard_answer(_now_ms())
            self._hear(goodbye=False)
        else:
            sync.published(event)
            self._liveness.heard_publication(_now_ms())
            self._hear(goodbye=isinstance(event, Status) and event.state == "goodbye")

    def _hear(self, *, goodbye: bool) -> None:
        newest_ms = self._liveness.newest_ms
        self._heard = dataclasses.replace(
            self._heard, newest_ms=newest_ms, goodbye=goodbye, trouble=""
        )

    def _trouble(self, sentence: str) -> None:
        self._heard = dataclasses.replace(self._heard, trouble=sentence)

    def _note(self, source: Source, endpoints: Endpoints | None) -> None:
        # Without endpoints the server is known to be gone, until another one is heard.
        self._heard = dataclasses.replace(
            self._heard,
            goodbye=self._heard.goodbye or endpoints is None,
            endpoint="" if endpoints is None else endpoints.publish,
            local=source.local,
            trouble=source.trouble,
        )


def _waiting(commands: queue.SimpleQueue[_Command]) -> Iterator[_Command]:
    with contextlib.suppress(queue.Empty):
        while True:
            yield commands.get_nowait()


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
