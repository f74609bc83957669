import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.places import ROOT
from tests.kit.waiting import LIMIT_S

DESK = """
import sys
from client.state.health import Health
from client.state.inbox import Inbox
from client.ui.shell.app import run_desk
from shared.settings import DeskSettings

class Silent:
    def watch(self, symbol): pass
    def unwatch(self, symbol): pass
    def glance(self, symbols): pass
    beats = 0
    def health(self):
        self.beats += 1
        if self.beats == 2:  # the first is before the window is shown
            print("running", flush=True)
        return Health(state="connecting", age_ms=None, sentence="waiting", endpoint="", local=True)

sys.exit(run_desk(Silent(), Inbox(), DeskSettings()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_desk_without_a_word(number: signal.Signals, tmp_path: Path) -> None:
    environ = os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", DESK],
        env=environ,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as desk:
        assert desk.stdout is not None
        assert desk.stdout.readline() == "running\n"
        desk.send_signal(number)
        _, complaints = desk.communicate(timeout=LIMIT_S)
    # What the offscreen platform says of a window, and of one that closes before it is painted.
    platform = ("This plugin does not support", "QBackingStore::flush()")
    ours = [line for line in complaints.splitlines() if not line.startswith(platform)]
    assert (desk.returncode, ours) == (0, [])
    assert list(tmp_path.rglob("desk.conf"))
    assert list(tmp_path.rglob("workspace.json"))
