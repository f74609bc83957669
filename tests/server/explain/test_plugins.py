import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.bundles.bundle import Bundle
from models.bundles.files import read_files
from models.explain.methods import plugin_methods
from server.explain.explainer import COMMAND, Explainer
from server.explain.jobs import Job
from server.explain.questions import Asker
from shared.protocol import wire
from shared.protocol.answers import Answer, Refusal
from shared.protocol.explanations import Explanation
from shared.protocol.requests import GetExplanation
from tests.kit.house import FULL, SYMBOLS, Context, House, bars
from tests.kit.plugin_install import on_the_path, write_plugin
from tests.kit.waiting import LIMIT_MS, LIMIT_S
from tests.kit.warm_python import warmed

DESK = b"desk"
WARM = warmed(COMMAND)
METHOD = """
import os
from models.explain.method import Method
from shared.explaining import MapKind

def compute(network, x, target, options):
    {body}
    return x

OFFER = Method(
    name="{name}", title="Made", columns=8, signed=True, kind=MapKind.SHARE, formula="", note="",
    paper="", compute=compute, slow={slow},
)
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A slow method that waits at a gate, and one that fails."""
    gate, fails = "open(os.environ['TEST_GATE']).read()", "raise KeyError('no')"
    for name, body, slow in (("gated", gate, True), ("failing", fails, False)):
        source = METHOD.format(name=name, body=body, slow=slow)
        write_plugin(tmp_path, "tickerlens.explanations", name, source)
    return tmp_path


@pytest.fixture
def gate(
    site: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Where a writer lets the slow method go on; the plug-ins are installed while it is there."""
    path = tmp_path_factory.mktemp("gate") / "gate"
    os.mkfifo(path)
    plugin_methods.cache_clear()
    with on_the_path(site, monkeypatch, {"TEST_GATE": str(path)}):
        yield path
    plugin_methods.cache_clear()


@pytest.fixture
def played(gate: Path, made_bundle: Bundle) -> House:
    house = House(made_bundle)
    house.fill((100.0, 200.0, 300.0))
    house.run(bars(FULL + 1, (103.0, 199.0, 300.0)))
    return house


def job(house: House, method: str) -> Job:
    made = house.answers.answer(
        GetExplanation(request_id=1, symbol=SYMBOLS[0], method=method), 2_000
    )
    assert isinstance(made, Job)
    return made


def answer_of(explainer: Explainer) -> tuple[Asker, Answer]:
    while True:
        assert explainer.socket.poll(LIMIT_MS)
        for asker, frames in explainer.take():
            return asker, wire.decode_answer(wire.answer_frames(1, frames))[1]


def reached(gate: Path, explainer: Explainer) -> int:
    """Wait until the slow method waits at its gate; closing what is returned opens it."""
    give_up = time.monotonic() + LIMIT_S
    while True:
        try:
            return os.open(gate, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as e:
            if e.errno != errno.ENXIO:  # which is: nobody reads there yet
                raise
        assert time.monotonic() < give_up
        if explainer.socket.poll(50):
            assert list(explainer.take()) == []


def test_a_slow_method_holds_up_nobody_elses_answer(
    context: Context, played: House, bundle_folder: Path, gate: Path
) -> None:
    slow, quick = Asker(DESK, 1), Asker(DESK, 2)
    assert played.offer.methods["gated"].slow
    with Explainer(context, read_files(bundle_folder), played.offer, WARM) as explainer:
        assert explainer.ask(slow, job(played, "gated")) is None
        writer = reached(gate, explainer)
        assert explainer.ask(quick, job(played, "saliency")) is None
        assert answer_of(explainer)[0] == quick
        os.close(writer)
        asker, answer = answer_of(explainer)
        assert asker == slow
        assert isinstance(answer, Explanation)
        assert answer.method.name == "gated"
        assert explainer.counts["failed"] == 0


def test_a_method_that_fails_is_refused_by_name_and_the_process_lives_on(
    context: Context, played: House, bundle_folder: Path
) -> None:
    with Explainer(context, read_files(bundle_folder), played.offer, WARM) as explainer:
        for round_ in range(2):
            failing, good = Asker(DESK, 2 * round_), Asker(DESK, 2 * round_ + 1)
            assert explainer.ask(failing, job(played, "failing")) is None
            assert explainer.ask(good, job(played, "saliency")) is None
            asker, refusal = answer_of(explainer)
            assert asker == failing
            assert isinstance(refusal, Refusal)
            assert refusal.code == "method_failed"
            assert "'failing'" in refusal.sentence
            asker, answer = answer_of(explainer)
            assert asker == good
            assert isinstance(answer, Explanation)
        assert explainer.counts["failed"] == 2
        assert explainer.refused() == []
