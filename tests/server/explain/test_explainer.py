import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
import pytest
import zmq

from models.bundles.bundle import Bundle
from models.bundles.files import BundleFiles, read_files
from models.explain.attribution import attribute, completeness_gap
from models.explain.methods import METHODS
from server.explain.explainer import COMMAND, Explainer
from server.explain.jobs import Job, Start, decode_job
from server.explain.lane import MAX_WAITING, Ticking
from server.explain.questions import Asker
from server.explain.worker import Explaining
from shared.contract import Class
from shared.errors import BundleError
from shared.protocol import wire
from shared.protocol.explanations import Explanation
from shared.protocol.requests import GetExplanation
from tests.kit.house import FULL, HOLDS, NO_MODEL, SYMBOLS, Context, House, bars
from tests.kit.places import ROOT
from tests.kit.still_clock import StillClock
from tests.kit.waiting import LIMIT_MS, wait_for
from tests.kit.warm_python import warmed

DEAF = (sys.executable, "-c", "import sys; sys.stdin.read()")
STUBBORN = (
    "import os, sys, threading\n"
    "print(os.getpid(), file=open(sys.argv[1], 'w'))\n"
    "threading.Event().wait()"
)
DEAD = (sys.executable, "-c", "raise SystemExit(3)")
# Answers one question, and dies of the next.
MORTAL = (
    sys.executable,
    "-c",
    "import sys, msgspec, zmq\n"
    "start = msgspec.json.decode(sys.stdin.buffer.readline())\n"
    "socket = zmq.Context().socket(zmq.DEALER)\n"
    "socket.routing_id = start['identity'].encode()\n"
    "socket.connect(start['endpoint'])\n"
    "socket.send(b'')\n"
    "socket.recv_multipart()\n"
    "socket.send(b'')\n"
    "socket.send_multipart([socket.recv_multipart()[0], b'', b'made'])\n"
    "socket.recv_multipart()\n"
    "import os\n"
    "os._exit(3)\n",
)
DESK = b"desk"

T = TypeVar("T")


@pytest.fixture
def played(made_bundle: Bundle) -> House:
    house = House(made_bundle)
    house.fill((100.0, 200.0, 300.0))
    house.run(bars(FULL + 1, (103.0, 199.0, 300.0)))
    house.run(bars(FULL + 2, (101.0, 202.0, 299.0)))
    return house


def job(house: House, method: str = "saliency", target: int | None = None) -> Job:
    request = GetExplanation(request_id=1, symbol=SYMBOLS[0], method=method, target=target)
    made = house.answers.answer(request, 2_000)
    assert isinstance(made, Job)
    return made


@contextmanager
def explaining(
    context: Context,
    house: House,
    model: BundleFiles = NO_MODEL,
    command: tuple[str, ...] = COMMAND,
    clock: Ticking = time.monotonic,
) -> Iterator[Explainer]:
    with Explainer(context, model, house.offer, command, clock) as explainer:
        yield explainer


def test_a_job_comes_back_from_the_wire(played: House) -> None:
    made = job(played, "occlusion", 0)
    got = decode_job([bytes(frame) for frame in wire.encode(made)])
    assert (got.method.name, got.target, got.adaptive) == ("occlusion", 0, made.adaptive)
    assert got.adaptive is not None
    assert got.method.verdict == HOLDS
    np.testing.assert_array_equal(got.scaled, made.scaled)


@pytest.mark.parametrize("method", ["saliency", "integrated_gradients", "grad_cam", "cam"])
@pytest.mark.parametrize("target", [None, 0, 1])
def test_an_explanation_is_what_the_method_says_of_that_window(
    played: House, made_bundle: Bundle, method: str, target: int | None
) -> None:
    asked = job(played, method, target)
    got = Explaining(made_bundle).explain(asked)
    chosen = np.array([asked.winner if target is None else target])
    maps = attribute(made_bundle.network, method, asked.scaled[None], chosen)
    gap = completeness_gap(made_bundle.network, method, asked.scaled[None], chosen, maps)
    assert got.target == chosen[0]
    assert got.map.shape == (6, METHODS[method].columns)
    np.testing.assert_array_equal(got.map.ravel(), maps.ravel())
    assert got.gap == (None if gap is None else pytest.approx(gap[0]))
    assert got.method == asked.method
    assert (got.method.title, got.method.kind) == (METHODS[method].title, METHODS[method].kind)
    assert got.symbol == SYMBOLS[0]
    np.testing.assert_array_equal(got.probabilities, played.state.probabilities[0])
    np.testing.assert_array_equal(got.bar_ms, played.state.windows.bar_ms[0])


def test_the_live_saliency_has_the_same_faithfulness_as_its_heatmap(
    played: House, made_bundle: Bundle
) -> None:
    got = Explaining(made_bundle).explain(job(played))
    ((top, at_random),) = played.state.drops(np.array([0]))
    assert got.top_drop == pytest.approx(top)
    assert got.random_drop == pytest.approx(at_random)
    assert top != 0


def test_a_job_about_another_model_is_refused(played: House, follower: Bundle) -> None:
    with pytest.raises(BundleError, match="the server runs made@"):
        Explaining(follower).explain(job(played))


def test_a_job_keeps_its_window_when_the_next_bar_comes(played: House) -> None:
    asked = job(played)
    before = [bytes(frame) for frame in wire.encode(asked)]
    played.run(bars(FULL + 3, (50.0, 99.0, 120.0)))
    assert [bytes(frame) for frame in wire.encode(asked)] == before


@pytest.mark.slow
def test_the_process_answers_every_job(
    context: Context, played: House, made_bundle: Bundle, bundle_folder: Path
) -> None:
    methods = ("saliency", "occlusion", "grad_cam")
    with explaining(context, played, read_files(bundle_folder)) as explainer:
        asked = {Asker(DESK, i): job(played, m, Class.DOWN) for i, m in enumerate(methods)}
        for asker, made in asked.items():
            assert explainer.ask(asker, made) is None
        answers = dict(answer_of(explainer) for _ in asked)
        assert explainer.refused() == []
        for asker, made in asked.items():
            expected = Explaining(made_bundle).explain(made)
            np.testing.assert_array_equal(answers[asker].map, expected.map)
            assert answers[asker].top_drop == pytest.approx(expected.top_drop)


@pytest.mark.slow
def test_what_is_explained_is_what_the_server_runs_whatever_lies_on_the_disk_by_now(
    context: Context, played: House, bundle_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "replaced"
    shutil.copytree(bundle_folder, folder)
    with explaining(context, played, read_files(folder), warmed(COMMAND)) as explainer:
        shutil.rmtree(folder)
        assert explainer.ask(Asker(DESK, 1), job(played)) is None
        asker, answer = answer_of(explainer)
    assert asker == (DESK, 1)
    assert answer.stamp.model_id == played.bundle.model_id


def answer_of(explainer: Explainer) -> tuple[Asker, Explanation]:
    while True:
        assert explainer.socket.poll(LIMIT_MS)
        for asker, frames in explainer.take():
            request_id, answer = wire.decode_answer(wire.answer_frames(1, frames))
            assert request_id == 1
            assert isinstance(answer, Explanation)
            return asker, answer


def test_a_process_that_died_is_followed_by_another(context: Context, played: House) -> None:
    with explaining(context, played, command=MORTAL) as explainer:
        for _ in range(2):
            first, second = Asker(DESK, 1), Asker(DESK, 2)
            assert explainer.ask(first, job(played)) is None
            assert wait_for(lambda: taken(explainer)) == [(first, [b"made"])]
            assert explainer.ask(second, job(played)) is None
            (refused,) = wait_for(explainer.refused)
            assert (refused.asker, refused.code) == (second, "busy")


def taken(explainer: Explainer) -> list[tuple[Asker, list[bytes]]]:
    assert explainer.socket.poll(LIMIT_MS)
    return list(explainer.take())


@pytest.mark.slow
def test_the_process_leaves_when_its_server_is_gone(context: Context, bundle_folder: Path) -> None:
    with context.socket(zmq.ROUTER) as socket:
        port = socket.bind_to_random_port("tcp://127.0.0.1")
        endpoint = f"tcp://127.0.0.1:{port}"
        start = Start(endpoint=endpoint, identity="secret")
        files = read_files(bundle_folder)
        with subprocess.Popen(warmed(COMMAND), cwd=ROOT, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            process.stdin.write(msgspec.json.encode(start) + b"\n")
            process.stdin.flush()
            assert socket.poll(LIMIT_MS)
            assert socket.recv_multipart() == [b"secret", b""]
            socket.send_multipart([b"secret", b"", files.card, files.weights])
            assert socket.poll(LIMIT_MS)
            assert socket.recv_multipart() == [b"secret", b""]
            process.stdin.close()  # as when the server is killed
            assert process.wait(LIMIT_MS / 1000) == 0


def test_more_than_64_that_wait_are_refused_but_a_repeated_question_is_not(
    context: Context, played: House
) -> None:
    with explaining(context, played, command=DEAF) as explainer:
        made = job(played)
        assert not any(explainer.ask(Asker(DESK, i), made) for i in range(MAX_WAITING))
        refused = explainer.ask(Asker(DESK, MAX_WAITING), made)
        assert refused is not None
        assert refused.code == "busy"
        assert explainer.ask(Asker(DESK, 0), made) is None
        assert explainer.ask(Asker(b"another desk", 0), made) is None


@pytest.mark.parametrize("command", [DEAD, ("./no-such-program",)], ids=["dead", "missing"])
def test_a_process_that_dies_or_cannot_start_costs_its_questions_alone(
    context: Context, played: House, command: tuple[str, ...]
) -> None:
    clock = StillClock()
    with explaining(context, played, command=command, clock=clock) as explainer:
        for _ in range(2):
            asker = Asker(DESK, 1)
            assert explainer.ask(asker, job(played)) is None
            (refused,) = wait_for(explainer.refused)
            assert (refused.asker, refused.code) == (asker, "busy")
            assert explainer.refused() == []
            clock.now_s += 1_000


def test_who_does_not_know_the_token_is_told_nothing(context: Context, played: House) -> None:
    with explaining(context, played, command=DEAF) as explainer:
        assert explainer.ask(Asker(DESK, 1), job(played)) is None
        with context.socket(zmq.DEALER) as intruder:
            intruder.connect(explainer.socket.get_string(zmq.LAST_ENDPOINT))
            for frames in ([b""], [(1).to_bytes(8, "big"), b"lie"]):
                intruder.send_multipart(frames)
                assert explainer.socket.poll(LIMIT_MS)
                assert list(explainer.take()) == []
            assert not intruder.poll(0)


def test_a_process_that_does_not_leave_is_ended(
    context: Context, played: House, tmp_path: Path
) -> None:
    path = tmp_path / "pid"
    command = (sys.executable, "-c", STUBBORN, str(path))
    with explaining(context, played, command=command) as explainer:
        assert explainer.ask(Asker(DESK, 1), job(played)) is None
        (text,) = wait_for(lambda: [t for t in [read(path)] if t.endswith("\n")])
    with pytest.raises(ProcessLookupError):
        os.kill(int(text), 0)


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""
