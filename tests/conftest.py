import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import msgspec
import pytest

from tests.kit.places import ROOT

# Before any test imports Qt: the suite needs no screen.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


class LiveServer:
    """A real server process; its first line on stdout says where it listens."""

    def __init__(self, *flags: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server", "--log-level", "error", *flags],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        endpoints = msgspec.json.decode(line, type=dict[str, str])
        self.publish, self.requests = endpoints["publish"], endpoints["requests"]

    def kill(self) -> None:
        self.process.kill()
        self.close()

    def close(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=30)


StartServer = Callable[..., LiveServer]


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
