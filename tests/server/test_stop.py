import os
import select
import signal
import sys
import threading

import pytest

from server.stop import StopRequest
from tests.kit.waiting import LIMIT_MS


def asked(stop: StopRequest, limit_s: float) -> bool:
    return bool(select.select([stop], [], [], limit_s)[0])


def test_nobody_has_asked_at_first() -> None:
    with StopRequest() as stop:
        assert not asked(stop, 0)


def test_any_thread_may_ask_more_than_once() -> None:
    with StopRequest() as stop:
        threads = [threading.Thread(target=stop.ask) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert asked(stop, LIMIT_MS / 1000)


def test_asking_after_the_end_does_nothing() -> None:
    with StopRequest() as stop:
        pass
    stop.ask()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_asks_and_the_second_is_the_system_s(signum: signal.Signals) -> None:
    before = {s: signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        with StopRequest() as stop:
            stop.on_signals()
            os.kill(os.getpid(), signum)
            assert asked(stop, LIMIT_MS / 1000)
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
            assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_the_end_of_stdin_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin, parent = os.pipe()
    with os.fdopen(stdin) as reader, StopRequest() as stop:
        monkeypatch.setattr(sys, "__stdin__", reader)
        stop.on_end_of_stdin()
        os.write(parent, b"still here")
        assert not asked(stop, 0)
        os.close(parent)
        assert asked(stop, LIMIT_MS / 1000)


def test_no_stdin_at_all_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "__stdin__", None)
    with StopRequest() as stop:
        stop.on_end_of_stdin()
        assert asked(stop, LIMIT_MS / 1000)
