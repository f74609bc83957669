import os
from collections.abc import Iterator

import hypothesis
import pytest

from tests.kit.live_server import LiveServer, StartServer

# Before any test imports Qt: the suite needs no screen.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Before any test imports torch, and for the programs that tests start: several tests run at once,
# and threads that wait for a busy core are slower than one alone.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# How long an example takes says how busy the machine is, and nothing of the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


@pytest.fixture
def start_server() -> Iterator[StartServer]:
    """Start servers that end with the test; `--publish` is any free port unless given."""
    servers: list[LiveServer] = []

    def start(*flags: str, publish: str = "tcp://127.0.0.1:*", requests: str = "") -> LiveServer:
        more = ("--requests", requests) if requests else ()
        servers.append(LiveServer("--publish", publish, *more, *flags))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
