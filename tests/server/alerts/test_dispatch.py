import threading

import pytest
from structlog.testing import capture_logs

from server.alerts.base import AlertEvent, ServerEvent
from server.alerts.dispatch import WAITING, AlertDispatch, AlertThread
from tests.kit.waiting import LIMIT_MS


def event(nth: int) -> AlertEvent:
    return ServerEvent(phase="live", feed="made", sentence="", made_ms=nth)


class Listener:
    """Remembers what it was told, and does not go on until a test lets it."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.told: list[int] = []
        self.closed = 0
        self.free, self.heard = threading.Event(), threading.Event()
        self.took = threading.Semaphore(0)
        if not stuck:
            self.free.set()

    def tell(self, event: AlertEvent) -> None:
        self.heard.set()
        self.free.wait()
        self.told.append(event.made_ms)
        self.took.release()

    def close(self) -> None:
        self.closed += 1


class Faulty(Listener):
    def tell(self, event: AlertEvent) -> None:
        super().tell(event)
        raise OSError("no line")

    def close(self) -> None:
        raise OSError("no end")


def alert_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("alert-")]


def test_every_alert_is_told_everything_in_order_and_closed() -> None:
    one, two = Listener(), Listener()
    with AlertDispatch({"one": one, "two": two}, LIMIT_MS / 1_000) as alerts:
        alerts.tell(event(nth) for nth in range(100))
    assert one.told == two.told == list(range(100))
    assert (one.closed, two.closed) == (1, 1)
    assert not alert_threads()


def test_what_an_alert_raises_is_counted_under_its_name_and_costs_nobody_else() -> None:
    faulty, other = Faulty(), Listener()
    with (
        capture_logs() as logs,
        AlertDispatch({"faulty": faulty, "other": other}, LIMIT_MS / 1_000) as alerts,
    ):
        alerts.tell([event(1), event(2), event(3)])
    assert faulty.told == other.told == [1, 2, 3]
    assert {e["alert"] for e in logs} == {"faulty"}
    counted = [e["failed"] for e in logs if "failed" in e]
    assert counted == [3]
    assert len([e for e in logs if e["log_level"] == "error"]) == 1  # not once an event


def test_an_alert_that_is_too_slow_misses_events_and_holds_up_nobody() -> None:
    slow, other = Listener(stuck=True), Listener()
    with (
        capture_logs() as logs,
        AlertDispatch({"slow": slow, "other": other}, LIMIT_MS / 1_000) as alerts,
    ):
        alerts.tell([event(0)])
        assert slow.heard.wait(LIMIT_MS / 1_000)
        assert other.took.acquire(timeout=LIMIT_MS / 1_000)
        for nth in range(1, WAITING + 11):
            alerts.tell([event(nth)])
            assert other.took.acquire(timeout=LIMIT_MS / 1_000)
        slow.free.set()
    assert other.told == list(range(WAITING + 11))
    assert slow.told == sorted(slow.told)
    (missed,) = (e["missed"] for e in logs if "missed" in e)
    assert missed + len(slow.told) == WAITING + 11
    assert missed >= 10


def test_an_alert_that_does_not_stop_is_left_behind() -> None:
    stuck = Listener(stuck=True)
    with capture_logs() as logs, AlertDispatch({"stuck": stuck}, 0.05) as alerts:
        alerts.tell([event(0)])
        assert stuck.heard.wait(LIMIT_MS / 1_000)
    assert [(e["log_level"], e["alert"]) for e in logs] == [("error", "stuck")]
    assert all(t.daemon for t in alert_threads())
    stuck.free.set()
    for thread in alert_threads():
        thread.join()


def test_one_that_is_full_can_still_be_asked_to_stop() -> None:
    stuck = Listener(stuck=True)
    thread = AlertThread("stuck", stuck)
    with capture_logs():
        for nth in range(WAITING + 5):
            thread.tell(event(nth))
        thread.ask_to_stop()
        stuck.free.set()
        thread.join(LIMIT_MS / 1_000)
    assert stuck.closed == 1


@pytest.mark.parametrize("events", [[], [event(1)]])
def test_without_alerts_nothing_happens(events: list[AlertEvent]) -> None:
    with AlertDispatch({}) as alerts:
        alerts.tell(events)
    assert not alert_threads()
