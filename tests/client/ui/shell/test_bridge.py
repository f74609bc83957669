import threading

from pytestqt.qtbot import QtBot

from client.state.inbox import Inbox
from client.state.update import Update
from client.ui.shell.bridge import Bridge
from tests.kit.maker import Maker
from tests.kit.waiting import LIMIT_MS


def test_what_comes_on_another_thread_is_drained_on_the_main_one(make: Maker, qtbot: QtBot) -> None:
    inbox = Inbox()
    bridge = Bridge(inbox)
    bridge.open()
    seen: list[tuple[Update, threading.Thread]] = []
    bridge.updated.connect(lambda update: seen.append((update, threading.current_thread())))
    with qtbot.waitSignal(bridge.updated, timeout=LIMIT_MS):
        net = threading.Thread(target=inbox.put_universe, args=(make.universe(),))
        net.start()
        net.join()
    bridge.close()
    update, thread = seen[0]
    assert update.universe is not None
    assert thread is threading.main_thread()


def test_many_arrivals_are_one_drain(make: Maker, qtbot: QtBot) -> None:
    inbox = Inbox()
    bridge = Bridge(inbox)
    bridge.open()
    drained: list[Update] = []
    bridge.updated.connect(drained.append)
    with qtbot.waitSignal(bridge.updated, timeout=LIMIT_MS):
        for sequence in range(1, 100):
            inbox.put_status(make.status(sequence))
    bridge.close()
    assert [u.status.stamp.sequence for u in drained if u.status] == [99]


def test_what_waited_before_it_opened_is_drained_too(make: Maker, qtbot: QtBot) -> None:
    inbox = Inbox()
    inbox.put_universe(make.universe())
    bridge = Bridge(inbox)
    with qtbot.waitSignal(bridge.updated, timeout=LIMIT_MS):
        bridge.open()
    bridge.close()


def test_a_closed_bridge_no_longer_listens(make: Maker, qtbot: QtBot) -> None:
    inbox = Inbox()
    bridge = Bridge(inbox)
    bridge.open()
    bridge.close()
    with qtbot.assertNotEmitted(bridge.updated, wait=0):
        inbox.put_universe(make.universe())
