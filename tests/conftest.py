import os
from collections.abc import Iterator

import pytest

from tests.kit.live_server import LiveServer, StartServer

# Before any test imports Qt: the suite needs no screen.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


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
