import os
import signal

import pytest

from server.swap.opening import HangUps


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no SIGHUP")
def test_a_hang_up_before_the_server_listens_is_answered_once_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "isatty", lambda _: False)
    before, asked = signal.getsignal(signal.SIGHUP), list[str]()
    try:
        hang_ups = HangUps()
        os.kill(os.getpid(), signal.SIGHUP)
        hang_ups.answer(lambda: asked.append("once"))
        assert asked == ["once"]
        os.kill(os.getpid(), signal.SIGHUP)
        assert asked == ["once", "once"]
    finally:
        signal.signal(signal.SIGHUP, before)
