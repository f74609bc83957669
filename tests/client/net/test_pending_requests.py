import itertools

from client.net.pending_requests import (
    ASK_AGAIN_MS,
    LONGEST_AGAIN_MS,
    MAX_OUT,
    PendingRequests,
    is_answer,
)
from shared.protocol.requests import (
    Cancel,
    GetBars,
    GetExplanation,
    GetHeatmap,
    GetModel,
    GetSnapshot,
    Ping,
)
from tests.kit.maker import Maker


def send(pending: PendingRequests, now_ms: int) -> list[int]:
    due = pending.due(now_ms)
    for request in due:
        pending.sent(request, now_ms)
    return [request.request_id for request in due]


def many(n: int) -> PendingRequests:
    pending = PendingRequests()
    for i in range(n):
        pending.ask(GetBars, symbol=f"{i:06}")
    return pending


def test_a_thousand_tickers_are_asked_for_in_turn() -> None:
    pending = many(1_000)
    asked: list[int] = []
    while found := send(pending, 0):
        assert len(found) <= MAX_OUT
        asked += found
        for request_id in found:
            known = pending.find(request_id)
            assert known is not None
            pending.close(known.request)
    assert asked == list(range(1, 1_001))


def test_no_more_are_out_than_the_server_keeps_answers() -> None:
    pending = many(100)
    assert len(send(pending, 0)) == MAX_OUT
    assert send(pending, 1) == []


def test_one_that_is_never_answered_holds_up_no_other() -> None:
    pending = many(100)
    first = send(pending, 0)
    assert set(send(pending, ASK_AGAIN_MS)).isdisjoint(first)


def test_a_slow_one_takes_no_place_of_the_others() -> None:
    pending = PendingRequests()
    for i in range(MAX_OUT):
        pending.ask(GetExplanation, symbol="A", method=f"m{i}", target=None)
    send(pending, 0)
    pending.ask(GetSnapshot)
    assert len(send(pending, 1)) == 1


def test_what_is_hurried_is_sent_at_once_and_only_once() -> None:
    pending = PendingRequests()
    pending.ask(GetModel)
    assert send(pending, 0) == [1]
    pending.hurry()
    assert send(pending, 1) == [1]
    assert send(pending, 2) == []


def test_what_was_never_sent_needs_no_canceling() -> None:
    pending = PendingRequests()
    pending.ask(GetExplanation, symbol="A", method="m", target=None)
    (request,) = pending.explanations()
    pending.cancel(request)
    assert pending.due(0) == []
    pending.ask(GetExplanation, symbol="A", method="m", target=None)
    (request,) = pending.explanations()
    pending.sent(request, 0)
    pending.cancel(request)
    assert pending.due(0) == [Cancel(request_id=3, cancels=request.request_id)]


def test_an_answer_is_to_what_was_asked_of_the_kind_and_the_ticker() -> None:
    make = Maker()
    bars, heatmap = GetBars(request_id=1, symbol="A"), GetHeatmap(request_id=2, symbol="A")
    why = GetExplanation(request_id=3, symbol="A", method="grad_cam", target=2)
    assert is_answer(bars, make.bars("A"))
    assert not is_answer(bars, make.bars("B"))
    assert not is_answer(bars, make.heatmap("A"))
    assert is_answer(heatmap, make.heatmap("A"))
    assert not is_answer(heatmap, make.heatmap("B"))
    assert is_answer(why, make.explanation("A", "grad_cam", target=2))
    assert not is_answer(why, make.explanation("A", "grad_cam", target=1))
    assert not is_answer(why, make.explanation("A", "saliency", target=2))
    assert is_answer(GetSnapshot(request_id=4), make.snapshot({}))
    assert not is_answer(GetSnapshot(request_id=4), make.universe())


def times_sent(pending: PendingRequests, until_ms: int) -> list[int]:
    return [now for now in range(0, until_ms, 500) if send(pending, now)]


def test_what_is_never_answered_is_asked_ever_more_seldom() -> None:
    pending = PendingRequests()
    pending.ask(GetModel)
    found = times_sent(pending, 200_000)
    pauses = [later - earlier for earlier, later in itertools.pairwise(found)]
    assert pauses[:4] == [ASK_AGAIN_MS, 2 * ASK_AGAIN_MS, 4 * ASK_AGAIN_MS, 8 * ASK_AGAIN_MS]
    assert set(pauses[4:]) == {LONGEST_AGAIN_MS}
    pending.hurry()
    assert times_sent(pending, 5_000) == [0, ASK_AGAIN_MS]


def test_a_sign_of_life_is_asked_for_without_more_patience() -> None:
    pending = PendingRequests()
    pending.ask(Ping)
    assert times_sent(pending, 20_000) == list(range(0, 20_000, ASK_AGAIN_MS))
