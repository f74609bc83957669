"""Tells alerts what happens, each in a thread of its own, so that none can hold up another."""

import contextlib
import queue
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Final, Self

import structlog

from server.alerts.base import Alert, AlertEvent, BuyEvent
from server.alerts.registry import GROUP
from server.feeds.roster import Roster
from shared.contract import Bool
from shared.errors import TickerlensError
from shared.plugins import guarded
from shared.protocol.messages import Buy

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

STOP_S: Final = 0.5  # what all alerts together may take to stop
WAITING: Final = 256  # events that may wait for one alert; then it misses the next ones


class AlertThread:
    """Tells one alert; `_run` and what it calls belong to the thread, all else to the main thread.

    Attributes:
        failed: How many events the alert failed to take.
        missed: How many it was not told because it was too slow.

    Args:
        name: What the alert is called where it fails.
        alert: Whom to tell.
    """

    def __init__(self, name: str, alert: Alert) -> None:
        self.name, self.failed, self.missed = name, 0, 0
        self._alert = alert
        self._events: queue.Queue[AlertEvent | None] = queue.Queue(WAITING)
        # A daemon: the interpreter does not wait at its end for an alert that is stuck.
        self._thread = threading.Thread(target=self._run, name=f"alert-{name}", daemon=True)
        self._thread.start()

    def tell(self, event: AlertEvent) -> None:
        """Leave an event for the alert; it is lost where too many wait."""
        try:
            self._events.put_nowait(event)
        except queue.Full:
            self.missed += 1
            if self.missed == 1:
                log.warning("the alert is too slow and misses events", alert=self.name)

    def ask_to_stop(self) -> None:
        """Let the alert take what waits, and no more."""
        while True:
            try:
                self._events.put_nowait(None)
            except queue.Full:
                with contextlib.suppress(queue.Empty):
                    self._events.get_nowait()
                    self.missed += 1
            else:
                return

    def join(self, limit_s: float) -> None:
        """Wait until it has stopped, but not for ever; say what went wrong in its time."""
        self._thread.join(limit_s)
        if self._thread.is_alive():
            log.error("the alert does not stop and is left behind", alert=self.name)
        if self.failed or self.missed:
            log.warning("not all was told", alert=self.name, failed=self.failed, missed=self.missed)

    def _run(self) -> None:
        while (event := self._events.get()) is not None:
            try:
                with guarded(GROUP, self.name):
                    self._alert.tell(event)
            except TickerlensError as e:
                self.failed += 1
                if self.failed == 1:
                    log.exception("the alert failed", alert=self.name, reason=str(e))
        try:
            with guarded(GROUP, self.name):
                self._alert.close()
        except TickerlensError as e:
            log.warning("the alert was not closed", alert=self.name, reason=str(e))


class AlertDispatch:
    """All alerts; a context manager that stops them, and never waits for them for long.

    Args:
        alerts: By name.
        stop_s: How long they may take to stop, all together, s.
    """

    def __init__(self, alerts: Mapping[str, Alert], stop_s: float = STOP_S) -> None:
        self._threads = [AlertThread(name, alert) for name, alert in alerts.items()]
        self._stop_s = stop_s

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        give_up = time.monotonic() + self._stop_s
        for thread in self._threads:
            thread.ask_to_stop()
        for thread in self._threads:
            thread.join(max(give_up - time.monotonic(), 0))

    def tell(self, events: Iterable[AlertEvent]) -> None:
        """Tell every alert of some events, without waiting for any."""
        for event in events if self._threads else ():
            for thread in self._threads:
                thread.tell(event)


def buy_events(buy: Buy, roster: Roster, news: Bool) -> Iterable[BuyEvent]:
    """Yield an event for each ticker of a message that is news.

    Args:
        buy: The message, of n tickers.
        roster: What people call them.
        news: (n,) bool, whether the bar that decided is of now: what is stale never alarms.
    """
    columns = (buy.symbols, buy.confidence.tolist(), buy.last.tolist(), buy.bar_ms.tolist())
    for new, symbol, confidence, last, bar_ms in zip(news.tolist(), *columns, strict=True):
        if new:
            yield BuyEvent(
                symbol=symbol,
                name=roster.name(symbol),
                confidence=confidence,
                last=last,
                bar_ms=bar_ms,
                made_ms=buy.stamp.made_ms,
                model_id=buy.stamp.model_id,
                simulated=roster.listing.simulated,
            )
