"""What becomes of questions when the process that explains hangs, dies, or never gets ready."""

import os
import signal
from pathlib import Path

import pytest
import zmq
from structlog.testing import capture_logs

from models.bundles.bundle import Bundle
from server.explain.explainer import QUICK, SLOW, Explainer
from server.explain.jobs import Job
from server.explain.lane import MAX_WAITING
from server.explain.process import NICE
from server.explain.questions import Asker
from server.protocol.endpoints import new_context
from shared.protocol.requests import GetExplanation
from tests.kit.house import FULL, NO_MODEL, SYMBOLS, Context, House, bars
from tests.kit.made_process import DIES, HANGS, MadeProcess
from tests.kit.still_clock import StillClock
from tests.kit.waiting import LIMIT_MS, wait_for

DESK, FLOOD = b"desk", b"flood"
FINE = "saliency"


@pytest.fixture
def house(made_bundle: Bundle) -> House:
    house = House(made_bundle)
    house.fill((100.0, 200.0, 300.0))
    house.run(bars(FULL + 1, (103.0, 199.0, 300.0)))
    return house


class Asking:
    """An explainer with a made process, and who asks it; time stands still unless it is told."""

    def __init__(self, explainer: Explainer, house: House, clock: StillClock) -> None:
        self.explainer, self.clock, self._house = explainer, clock, house

    def ask(self, request_id: int, method: str = FINE, sender: bytes = DESK) -> str | None:
        refused = self.explainer.ask(Asker(sender, request_id), self.job(method))
        return None if refused is None else refused.sentence

    def job(self, method: str) -> Job:
        request = GetExplanation(request_id=1, symbol=SYMBOLS[0], method=method)
        made = self._house.answers.answer(request, 2_000)
        assert isinstance(made, Job)
        return made

    def answered(self) -> Asker:
        while True:
            assert self.explainer.socket.poll(LIMIT_MS)
            for asker, frames in self.explainer.take():
                assert frames == [b"made"]
                return asker

    def refusals(self) -> list[tuple[Asker, str]]:
        return [(refused.asker, refused.code) for refused in self.explainer.refused()]

    def pump(self) -> None:
        """Give the processes a moment, and take what they say but answers."""
        if self.explainer.socket.poll(5):
            assert list(self.explainer.take()) == []


def under_way(desk: Asking, process: MadeProcess, times: int) -> None:
    """Wait until a process has got so many jobs at which it may hang."""

    def look() -> bool:
        desk.pump()
        return process.jobs(HANGS) >= times

    wait_for(look)


def asking(context: Context, house: House, process: MadeProcess) -> "AskingContext":
    return AskingContext(context, house, process.command)


class AskingContext:
    def __init__(self, context: Context, house: House, command: tuple[str, ...]) -> None:
        self._clock = StillClock()
        self._explainer = Explainer(context, NO_MODEL, house.offer, command, self._clock)
        self._house = house

    def __enter__(self) -> Asking:
        return Asking(self._explainer, self._house, self._clock)

    def __exit__(self, *_: object) -> None:
        self._explainer.__exit__()


def test_a_method_that_hangs_is_made_in_the_slow_lane_and_holds_up_nobody_there(
    context: Context, house: House, tmp_path: Path
) -> None:
    process = MadeProcess(tmp_path / "diary", hangs=1)
    with asking(context, house, process) as desk, capture_logs() as said:
        for request_id, method in enumerate((HANGS, FINE, HANGS)):
            assert desk.ask(request_id, method) is None
        under_way(desk, process, 1)
        desk.clock.now_s += QUICK.answer_s + 1
        assert desk.refusals() == []
        # Nobody asked again: the quick lane has another process, the slow lane both questions.
        assert sorted(desk.answered() for _ in range(3)) == [(DESK, i) for i in range(3)]
        assert desk.explainer.counts["moved"] == 1
        assert desk.explainer.counts["answered"] == 3
        assert process.jobs(HANGS) == 3
    events = [entry["event"] for entry in said]
    assert events.count("a method took too long and is slow from now on") == 1
    assert events.count("a method is quick again") == 1


def test_a_method_that_hangs_in_the_slow_lane_is_refused_and_its_slot_is_free(
    context: Context, house: House, tmp_path: Path
) -> None:
    process = MadeProcess(tmp_path / "diary", hangs=2)
    with asking(context, house, process) as desk:
        assert desk.ask(1, HANGS) is None
        under_way(desk, process, 1)
        desk.clock.now_s += QUICK.answer_s + 1
        assert desk.refusals() == []
        under_way(desk, process, 2)
        desk.clock.now_s += SLOW.answer_s + 1
        assert desk.refusals() == [((DESK, 1), "method_failed")]
        assert desk.explainer.counts["expired"] == 1
        assert desk.ask(1, HANGS) is None
        assert desk.answered() == (DESK, 1)


def test_a_process_starts_ahead_once_steps_back_and_has_time_until_somebody_waits(
    context: Context, house: House, tmp_path: Path
) -> None:
    process = MadeProcess(tmp_path / "diary")
    with asking(context, house, process) as desk:
        desk.explainer.warm()
        desk.clock.now_s += QUICK.start_s + 1
        assert desk.refusals() == []
        assert desk.ask(1) is None
        assert desk.refusals() == []
        assert desk.answered() == (DESK, 1)
        (pid,) = process.started
        assert os.getpriority(os.PRIO_PROCESS, pid) == max(os.nice(0), NICE)
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: desk.refusals() or not lives(pid))
        desk.explainer.warm()
        assert process.started == [pid]


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_process_that_is_stopped_loses_no_question(
    context: Context, house: House, tmp_path: Path
) -> None:
    process = MadeProcess(tmp_path / "diary")
    with asking(context, house, process) as desk:
        assert desk.ask(0) is None
        assert desk.answered() == (DESK, 0)
        (pid,) = process.started
        os.kill(pid, signal.SIGSTOP)
        asked = range(1, MAX_WAITING + 1)
        assert [desk.ask(request_id) for request_id in asked] == [None] * len(asked)
        desk.clock.now_s += QUICK.answer_s + 1
        assert desk.refusals() == []
        assert sorted(desk.answered() for _ in asked) == [(DESK, i) for i in asked]
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_pause_does_not_end_the_link_to_a_process(house: House) -> None:
    # A process that makes a slow map, or is starved, is not given up by the socket.
    with new_context() as context, AskingContext(context, house, ("no-such-program",)) as desk:
        assert desk.explainer.socket.get(zmq.HEARTBEAT_IVL) == 0


def test_a_method_that_ends_the_process_twice_is_refused_for_good(
    context: Context, house: House, tmp_path: Path
) -> None:
    process = MadeProcess(tmp_path / "diary", deaths=2)
    with asking(context, house, process) as desk:
        for code in ("busy", "method_failed"):
            assert desk.ask(1, DIES) is None
            assert desk.ask(2) is None
            assert lost(desk) == [((DESK, 1), code)]
            assert desk.answered() == (DESK, 2)  # by another process
        assert desk.explainer.counts["lost"] == 2


def lost(desk: Asking) -> list[tuple[Asker, str]]:
    def look() -> list[tuple[Asker, str]]:
        desk.pump()
        return desk.refusals()

    return wait_for(look)


def test_a_process_that_dies_at_its_start_is_not_started_for_each_question(
    context: Context, house: House, tmp_path: Path
) -> None:
    diary = tmp_path / "starts"
    code = f"open({str(diary)!r}, 'a').write('x'); raise SystemExit(3)"
    with AskingContext(context, house, ("python", "-c", code)) as desk:
        for starts, pause_s in enumerate((5, 10, 20), 1):
            assert desk.ask(1) is None
            assert wait_for(desk.refusals) == [((DESK, 1), "busy")]
            desk.clock.now_s += pause_s - 1
            sentence = desk.ask(1)
            assert sentence is not None
            assert "exit code 3" in sentence
            assert diary.read_text() == "x" * starts
            desk.clock.now_s += 1


def test_a_process_that_is_never_ready_is_ended_and_its_questions_are_refused(
    context: Context, house: House
) -> None:
    with AskingContext(context, house, ("python", "-c", "import sys; sys.stdin.read()")) as desk:
        assert desk.ask(1) is None
        desk.clock.now_s += QUICK.start_s - 1
        assert desk.refusals() == []
        desk.clock.now_s += 2
        assert desk.refusals() == [((DESK, 1), "busy")]
        assert desk.ask(2) is not None


def test_a_question_whose_turn_never_comes_is_refused(
    context: Context, house: House, tmp_path: Path
) -> None:
    process = MadeProcess(tmp_path / "diary", hangs=1)
    with asking(context, house, process) as desk:
        assert desk.ask(1, HANGS) is None
        assert desk.ask(2) is None
        under_way(desk, process, 1)
        desk.clock.now_s += QUICK.turn_s + 1
        assert desk.ask(3) is None
        assert desk.refusals() == [((DESK, 2), "busy")]
        assert sorted(desk.answered() for _ in range(2)) == [(DESK, 1), (DESK, 3)]


def test_a_flood_takes_a_fair_share_alone(context: Context, house: House, tmp_path: Path) -> None:
    with asking(context, house, MadeProcess(tmp_path / "diary")) as desk:
        flood = [desk.ask(i, sender=FLOOD) for i in range(4 * MAX_WAITING)]
        assert flood.count(None) == MAX_WAITING
        assert [desk.ask(i) for i in range(10)] == [None] * 10
        first = [desk.answered() for _ in range(21)]
        assert [asker for asker in first if asker.sender == DESK] == [(DESK, i) for i in range(10)]
        assert desk.explainer.counts["refused"] == 3 * MAX_WAITING


def test_a_question_that_is_canceled_is_not_answered(
    context: Context, house: House, tmp_path: Path
) -> None:
    process = MadeProcess(tmp_path / "diary")
    with asking(context, house, process) as desk:
        assert [desk.ask(i) for i in range(3)] == [None] * 3
        assert desk.explainer.cancel(Asker(DESK, 1))
        assert not desk.explainer.cancel(Asker(DESK, 1))
        assert not desk.explainer.cancel(Asker(FLOOD, 0))
        assert [desk.answered() for _ in range(2)] == [(DESK, 0), (DESK, 2)]
        assert desk.ask(3) is None  # handed over at once
        assert desk.explainer.cancel(Asker(DESK, 3))
        assert desk.ask(4) is None
        assert desk.answered() == (DESK, 4)
        assert process.jobs(FINE) == 4  # of five that were asked
        assert desk.explainer.counts["canceled"] == 2


def test_a_client_that_is_gone_leaves_no_work(
    context: Context, house: House, tmp_path: Path
) -> None:
    process = MadeProcess(tmp_path / "diary")
    with asking(context, house, process) as desk:
        assert [desk.ask(i, sender=FLOOD) for i in range(5)] == [None] * 5
        assert desk.ask(1) is None
        desk.explainer.forget(FLOOD)
        assert desk.answered() == (DESK, 1)
        assert process.jobs(FINE) == 1


def test_who_asked_of_the_model_before_is_refused_and_the_next_one_is_loaded_at_once(
    context: Context, house: House, tmp_path: Path
) -> None:
    process = MadeProcess(tmp_path / "diary", hangs=1)
    with asking(context, house, process) as desk:
        desk.ask(1, HANGS)
        under_way(desk, process, 1)
        desk.ask(2)
        desk.explainer.take_over(NO_MODEL, house.offer)
        refused = desk.explainer.refused()
        assert [asker.request_id for asker, _, _ in refused] == [2, 1]
        assert {(code, sentence) for _, code, sentence in refused} == {
            ("busy", "Another model has taken over; ask again.")
        }

        def look() -> bool:
            desk.pump()
            return len(process.started) == 2

        wait_for(look)
        desk.ask(3)
        assert desk.answered() == Asker(DESK, 3)
