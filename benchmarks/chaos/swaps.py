"""Models that take over a server under load, some of which must be refused."""

import itertools
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import zmq

from benchmarks.chaos.server_process import ServerProcess
from benchmarks.targets import ChaosReport, Figure
from models.bundles.files import WEIGHTS_FILE, find_bundle
from server.swap.mailbox import ModelRequest, ask, folder_of
from shared.errors import BundleError
from shared.protocol.messages import Confidence
from shared.protocol.wire import decode_published

_SWAPS: Final = 30
_TICK_S: Final = 0.25
# Four batches a bar: a batch, and so a cycle, each 250 ms.
_FLAGS: Final = ("--tickers", "3000", "--speed", "60", "--journal")
_BEFORE_S: Final = 10.0  # of cycles with nothing beside, to compare with


class CycleListener:
    """Hears every `confidence`, with the moment at which it came.

    Attributes:
        came: When each came, s of `time.monotonic`.
        models: The models that each run named.

    Args:
        endpoint: Where they are published.
    """

    def __init__(self, endpoint: str) -> None:
        self.came: list[float] = []
        self.models: dict[str, set[str]] = {}
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.SUB)
        self._socket.connect(endpoint)
        self._socket.subscribe(b"confidence/")

    def listen(self, seconds: float) -> None:
        """Take what comes in the next seconds."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not self._socket.poll(round(left * 1_000)):
                return
            said = decode_published(self._socket.recv_multipart())
            if isinstance(said, Confidence):
                self.came.append(time.monotonic())
                self.models.setdefault(said.stamp.run_id, set()).add(said.stamp.model_id)

    def close(self) -> None:
        """Close the socket."""
        self._context.destroy(linger=0)


def run(share: float) -> list[ChaosReport]:
    """Have `share` of 30 models take over, every third of which does not fit."""
    with tempfile.TemporaryDirectory() as folder:
        return [_run(max(round(share * _SWAPS), 3), Path(folder))]


def _run(swaps: int, folder: Path) -> ChaosReport:
    with (
        ServerProcess(*_FLAGS, str(folder / "journal")) as server,
        ThreadPoolExecutor(1) as asking,
    ):
        listener = CycleListener(server.endpoints.publish)
        while not listener.came:
            listener.listen(1.0)
        listener.listen(_BEFORE_S)
        alone, took = len(listener.came), list[float]()
        refused = 0
        for path in itertools.islice(_models(folder), swaps):
            start = time.monotonic()
            asked = asking.submit(_ask, folder_of(server.endpoints.publish), path)
            while not asked.done():
                listener.listen(_TICK_S)
            refused += _is_refused(asked)
            took.append(time.monotonic() - start)
        listener.listen(1.0)
        listener.close()
    return _report(np.array(listener.came), alone, listener.models, took, refused)


def _models(folder: Path) -> Iterator[Path]:
    half = folder / "half"
    shutil.copytree(find_bundle("us-daily"), half)
    weights = (half / WEIGHTS_FILE).read_bytes()
    (half / WEIGHTS_FILE).write_bytes(weights[: len(weights) // 2])
    ours = itertools.cycle([find_bundle("us-daily"), find_bundle("krx-daily")])
    wrong = itertools.cycle([half, find_bundle("crypto-5min")])
    while True:
        yield from (next(ours), next(wrong), next(ours))


def _ask(mailbox: Path, model: Path) -> str:
    return ask(mailbox, ModelRequest(folder=str(model.resolve())))


def _is_refused(asked: "Future[str]") -> bool:
    try:
        asked.result()
    except BundleError:
        return True
    return False


def _report(
    came: np.ndarray, alone: int, models: dict[str, set[str]], took: list[float], refused: int
) -> ChaosReport:
    late = np.diff(came) - _TICK_S
    before, during = late[: alone - 1], late[alone - 1 :]
    mixed = sum(len(found) != 1 for found in models.values())
    wrong = len(took) // 3
    targets = (
        Figure(
            name=f"models that took over or were refused, of {len(took)}",
            measured=f"{len(models) - 1} and {refused}",
            wanted=f"{len(took) - wrong} and {wrong}",
            holds=(len(models) - 1, refused) == (len(took) - wrong, wrong),
        ),
        Figure(
            name="runs whose messages name more than one model",
            measured=str(mixed),
            wanted="0",
            holds=mixed == 0,
        ),
        Figure(
            name="the latest cycle",
            measured=f"{1e3 * during.max():.0f} ms late (p99 {1e3 * np.quantile(during, 0.99):.0f};"
            f" {1e3 * before.max():.0f} before)",
            wanted=f"≤ {1e3 * _TICK_S:.0f} ms, a tick",
            holds=bool(during.max() <= _TICK_S),
        ),
        Figure(
            name="until a model had taken over or was refused, median and worst",
            measured=f"{np.median(took):.1f}, {max(took):.1f} s",
        ),
    )
    title = f"{len(took)} swaps of the model, 3,000 tickers, a cycle each {1e3 * _TICK_S:.0f} ms"
    return ChaosReport(title=title, targets=targets)
