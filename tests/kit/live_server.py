"""A real server process, for tests of what two programs do together."""

import subprocess
from collections.abc import Callable

import msgspec

from tests.kit.places import ROOT
from tests.kit.waiting import LIMIT_S
from tests.kit.warm_python import warm_python


class LiveServer:
    """A real server process; its first line on stdout says where it listens."""

    def __init__(self, *flags: str) -> None:
        self.process = subprocess.Popen(
            [warm_python(), "-m", "server", "--log-level", "error", *flags],
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
        self.process.communicate(timeout=LIMIT_S)


StartServer = Callable[..., LiveServer]
