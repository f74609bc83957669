from client.net.pending_requests import ASK_AGAIN_MS, MAX_OUT, PendingRequests
from shared.protocol.requests import Cancel, GetBars, GetExplanation, GetModel, GetSnapshot


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
