"""A process that explains on request: `python -m server.explain.worker`, started by the server.

It takes as long as it takes: in a thread of the server it would hold the interpreter's lock, which
doubled the time of a signal cycle. What another package's method does wrong is an answer that says
so. It leaves when its stdin ends, as it does however the server dies, and with an error at whatever
else it cannot do; the server then tells who waits, and starts another one for the next question.
"""

import logging
import os
import sys
from importlib import import_module

import msgspec
import numpy as np
import torch
import zmq

from models.bundles.bundle import Bundle, build_bundle
from models.bundles.files import BundleFiles
from models.calibration.adaptive import Recalibrator
from models.explain.attribution import attribute, completeness_gap
from models.explain.methods import all_methods
from models.inference.faithfulness import Faithfulness, relevance_of
from models.inference.served import served_of
from models.networks.stacks import STACKS
from server.explain.jobs import Job, Start, decode_job
from server.explain.process import NICE
from server.stop import StopRequest
from shared.errors import BundleError, PluginError
from shared.protocol.answers import Refusal
from shared.protocol.explanations import Explanation
from shared.protocol.wire import encode

log = logging.getLogger(__name__)


class Explaining:
    """Answers jobs about one model.

    Args:
        bundle: The model.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        model = served_of(bundle)
        if model.why_torch and bundle.card.network.kind in STACKS:
            log.warning("the server computes without torch, but here: %s", model.why_torch)
        self._faithfulness = Faithfulness(model)

    def explain(self, job: Job) -> Explanation:
        """Return the answer to `job`.

        Raises:
            BundleError: The job is about another model.
            PluginError: Its method is another package's, and failed.
        """
        if job.stamp.model_id != self._bundle.model_id:
            known = self._bundle.model_id
            raise BundleError(f"the bundle is {known} now, the server runs {job.stamp.model_id}")
        network, method = self._bundle.network, all_methods()[job.method.name]
        scaled, target = job.scaled[None], np.array([job.target])
        maps = attribute(network, method.name, scaled, target)  # (1, 6, 8) or (1, 6)
        gap = completeness_gap(network, method.name, scaled, target, maps)
        recalibrator = None if job.adaptive is None else Recalibrator(job.adaptive)
        relevance = relevance_of(maps, scaled, method)
        top, at_random = self._faithfulness.drops(scaled, relevance, target, recalibrator)
        return Explanation(
            stamp=job.stamp,
            symbol=job.symbol,
            method=job.method,
            winner=job.winner,
            target=job.target,
            gap=None if gap is None else float(gap[0]),
            top_drop=float(top[0]),
            random_drop=float(at_random[0]),
            map=maps[0].reshape(len(maps[0]), method.columns),
            probabilities=job.probabilities,
            raw=job.raw,
            scaled=job.scaled,
            bar_ms=job.bar_ms,
        )


def main() -> None:
    """Read where to connect from stdin, ask there for the model, and answer until stdin ends."""
    start = msgspec.json.decode(sys.stdin.buffer.readline(), type=Start)
    torch.set_num_threads(1)
    with (
        StopRequest() as stop,
        zmq.Context() as context,
        context.socket(zmq.DEALER) as socket,
    ):
        socket.linger = 0
        socket.routing_id = start.identity.encode()
        socket.connect(start.endpoint)
        stop.on_end_of_stdin()
        serve(socket, stop)


def serve(socket: zmq.Socket[bytes], stop: StopRequest) -> None:
    """Load the model that the server sends, and answer one job after the other until `stop`.

    An empty word asks for the model, a second one says that it is loaded. Then an answer goes out
    under the number that came with the job; then comes what a method did wrong, which is empty
    where all went well, and the answer itself.
    """
    poller = zmq.Poller()
    poller.register(socket, zmq.POLLIN)
    poller.register(stop, zmq.POLLIN)
    explaining: Explaining | None = None
    socket.send(b"")
    while stop.fileno() not in dict(poller.poll()):
        number, *frames = socket.recv_multipart()
        if explaining is None:
            explaining = _loaded(frames)
            socket.send(b"")
        else:
            socket.send_multipart([number, *_answer(explaining, decode_job(frames))])


def _loaded(frames: list[bytes]) -> Explaining:
    card, weights = frames
    explaining = Explaining(build_bundle(BundleFiles(card=card, weights=weights), "the model"))
    # All that a first answer would load, which has a deadline, and packages of others.
    all_methods()
    import_module("captum.attr")
    # Only now, where somebody waits: on a machine that is busy a process that steps back does not
    # get to its imports for minutes, while what it does from here on takes a moment each time.
    if hasattr(os, "nice"):
        os.nice(max(NICE - os.nice(0), 0))
    return explaining


def _answer(explaining: Explaining, job: Job) -> list[bytes | memoryview]:
    try:
        return [b"", *encode(explaining.explain(job))]
    except PluginError as e:
        refusal = Refusal(stamp=job.stamp, code="method_failed", sentence=str(e)[:200])
        return [str(e).encode(), *encode(refusal)]


if __name__ == "__main__":
    main()
