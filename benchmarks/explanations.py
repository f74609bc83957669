"""The signal cycle of 3,000 tickers while explanations are made: beside it, and in a thread."""

import itertools
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

import numpy as np
import zmq

from benchmarks.timing import Measurement, in_turns
from benchmarks.wire import cycle_of
from models.bundles.bundle import build_bundle
from models.bundles.files import find_bundle, read_files
from models.networks.ensemble import traits_there
from server.explain.explainer import Explainer
from server.explain.jobs import Job
from server.explain.offer import Offer
from server.explain.questions import Asker
from server.explain.worker import Explaining
from shared.contract import STEPS, WINDOW_SHAPE
from shared.explaining import OfferedMethod
from shared.protocol.envelope import Stamp
from shared.protocol.explanations import Explanation

IN_FLIGHT: Final = 20
# Those that ask the network most often.
_HEAVY: Final = (
    "smoothgrad",
    "integrated_gradients",
    "integrated_gradients_flat",
    "occlusion",
    "score_cam",
    "smooth_grad_cam_pp",
    "guided_grad_cam",
)


def run(rounds: int) -> list[Measurement]:
    """Time the cycle with nobody asking, with 20 requests in flight, and with them in a thread."""
    files = read_files(find_bundle("krx-daily"))
    bundle = build_bundle(files, "krx-daily")
    offer = Offer(traits_there(bundle.network), {})
    jobs = [_job(bundle.model_id, offer.methods[m]) for m in _HEAVY if m in offer.methods]
    said, days = cycle_of(4 * (rounds + 1))
    with (
        zmq.Context() as context,
        Explainer(context, files, offer) as explainer,
        ThreadPoolExecutor(1) as pool,
    ):
        beside, thread = _Beside(explainer, jobs), _Thread(pool, Explaining(bundle), jobs)

        def nobody() -> None:
            beside.drain()
            thread.drain()

        def ask_beside() -> None:
            thread.drain()
            beside.fill()

        def ask_thread() -> None:
            beside.drain()
            thread.fill()

        timings = in_turns(
            {
                "nobody asks": lambda: said(next(days)),
                "20 requests in flight, in a process beside it": lambda: said(next(days)),
                "20 requests in flight, in a thread of the server": lambda: said(next(days)),
            },
            rounds,
            before=(nobody, ask_beside, ask_thread),
        )
        nobody()
        note = _answered(beside, len(jobs))
    title = "One cycle of 3,000 tickers while explanations are made"
    return [Measurement(title=title, timings=timings, note=note)]


def _answered(beside: "_Beside", methods: int) -> str:
    start = time.perf_counter()
    beside.fill()
    beside.drain()
    took = (time.perf_counter() - start) * 1e3
    return f"20 requests of the {methods} heaviest methods are answered in {took:.0f} ms"


class _Beside:
    # Keeps requests in flight as desks do, in the process that the server starts for them.

    def __init__(self, explainer: Explainer, jobs: list[Job]) -> None:
        self._explainer = explainer
        self._jobs = itertools.cycle(jobs)
        self._asked: set[Asker] = set()
        self._ids = itertools.count()

    def fill(self) -> None:
        while len(self._asked) < IN_FLIGHT:
            asker = Asker(b"desk", next(self._ids))
            self._asked.add(asker)
            self._explainer.ask(asker, next(self._jobs))

    def drain(self) -> None:
        while self._asked:
            self._explainer.socket.poll()
            self._asked -= {asker for asker, _ in self._explainer.take()}


class _Thread:
    # The same work under the same interpreter's lock as the cycle.

    def __init__(self, pool: ThreadPoolExecutor, explaining: Explaining, jobs: list[Job]) -> None:
        self._pool, self._explaining = pool, explaining
        self._jobs = itertools.cycle(jobs)
        self._futures: list[Future[Explanation]] = []

    def fill(self) -> None:
        explain = self._explaining.explain
        jobs = itertools.islice(self._jobs, IN_FLIGHT)
        self._futures = [self._pool.submit(explain, job) for job in jobs]

    def drain(self) -> None:
        wait(self._futures)


def _job(model_id: str, method: OfferedMethod) -> Job:
    window = np.random.default_rng(0).normal(size=WINDOW_SHAPE).astype(np.float32)
    return Job(
        stamp=Stamp(run_id="benchmark", model_id=model_id, made_ms=0),
        symbol="005930",
        method=method,
        winner=2,
        target=2,
        adaptive=None,
        probabilities=np.array([0.25, 0.25, 0.5], np.float32),
        raw=window,
        scaled=window,
        bar_ms=np.arange(STEPS),
    )
