from collections.abc import Callable

import pytest

from client.net.pending_requests import ASK_AGAIN_MS, EXPLAIN_AGAIN_MS, RequestType
from client.state.methods import remark
from client.state.wish import Wish
from shared.contract import Class
from shared.protocol.answers import Answer
from shared.protocol.requests import (
    Cancel,
    GetBars,
    GetExplanation,
    GetHeatmap,
    GetMethods,
    GetPastBuys,
    GetSnapshot,
)
from tests.kit.maker import Maker
from tests.kit.scripted_desk import Desk, all_open, kinds

SYMBOL = "AAPL"
CAM = Wish(method="grad_cam")
WHY_NOT = Wish(method="saliency", target=Class.DOWN)


@pytest.fixture
def watching(joined: Desk, make: Maker) -> Desk:
    """A desk that follows one ticker, and has its heatmap."""
    joined.watched[SYMBOL] = ()
    joined.sync.watch(SYMBOL)
    for request in joined.send():
        made: dict[RequestType, Callable[[str], Answer]] = {
            GetBars: make.bars,
            GetHeatmap: make.heatmap,
            GetPastBuys: make.past_buys,
        }
        joined.sync.answered(request.request_id, made[type(request)](SYMBOL))
    joined.drain()
    return joined


def wish(desk: Desk, *wishes: Wish) -> list[GetExplanation]:
    """Wish for these and nothing else, and return what is sent."""
    known, desk.watched[SYMBOL] = desk.watched[SYMBOL], wishes
    desk.sync.explain(SYMBOL, [w for w in wishes if w not in known])
    return asked(desk)


def asked(desk: Desk) -> list[GetExplanation]:
    return [request for request in desk.send() if isinstance(request, GetExplanation)]


def test_the_methods_come_with_the_universe_the_live_one_first(joined: Desk) -> None:
    methods = joined.drain().methods
    assert [m.name for m in methods] == ["saliency", "grad_cam"]
    assert [remark(m) for m in methods] == ["", "time only · fails the sanity check"]


def test_a_wish_becomes_a_request_and_its_answer_comes_under_it(
    watching: Desk, make: Maker
) -> None:
    why_not, cam = wish(watching, WHY_NOT, CAM)
    assert (why_not.symbol, why_not.method, why_not.target) == (SYMBOL, "saliency", 0)
    assert (cam.method, cam.target) == ("grad_cam", None)
    answer = make.explanation(SYMBOL, "grad_cam")
    watching.sync.answered(cam.request_id, answer)
    assert watching.drain().explanations == {SYMBOL: {CAM: answer}}


def test_an_answer_to_what_is_wanted_no_more_is_dropped(watching: Desk, make: Maker) -> None:
    (before,) = wish(watching, WHY_NOT)
    (now,) = wish(watching, CAM)
    watching.sync.answered(before.request_id, make.explanation(SYMBOL, target=0))
    assert watching.drain().explanations == {}
    assert now in all_open(watching)
    # The server is told, which would work for nobody.
    (cancel,) = (r for r in all_open(watching) if r != now)
    assert isinstance(cancel, Cancel)
    assert cancel.cancels == before.request_id
    watching.sync.answered(cancel.request_id, make.canceled())
    assert all_open(watching) == [now]


def test_a_wish_that_stays_is_not_asked_for_twice(watching: Desk, make: Maker) -> None:
    (first,) = wish(watching, CAM)
    watching.sync.answered(first.request_id, make.explanation(SYMBOL, "grad_cam"))
    (second,) = wish(watching, CAM, WHY_NOT)
    assert second.target == 0


@pytest.mark.parametrize("published", [True, False])
def test_each_heatmap_asks_anew(watching: Desk, make: Maker, *, published: bool) -> None:
    (first,) = wish(watching, CAM)
    watching.sync.answered(first.request_id, make.explanation(SYMBOL, "grad_cam"))
    if published:
        watching.publish(make.heatmap(SYMBOL))
    else:
        watching.sync.watch(SYMBOL)
        watching.answer(GetHeatmap, make.heatmap(SYMBOL))
    (again,) = asked(watching)
    assert again.request_id != first.request_id
    assert again.method == "grad_cam"


def test_a_heatmap_while_a_request_is_out_asks_once_more_after_its_answer(
    watching: Desk, make: Maker
) -> None:
    (first,) = wish(watching, CAM)
    watching.publish(make.heatmap(SYMBOL), make.heatmap(SYMBOL))
    assert asked(watching) == []
    watching.sync.answered(first.request_id, make.explanation(SYMBOL, "grad_cam"))
    assert len(asked(watching)) == 1


def test_a_heatmap_of_a_ticker_without_wishes_asks_nothing(watching: Desk, make: Maker) -> None:
    watching.publish(make.heatmap(SYMBOL))
    assert all_open(watching) == []


def test_a_refusal_is_told_as_a_sentence_and_not_asked_again(watching: Desk, make: Maker) -> None:
    (request,) = wish(watching, CAM)
    refusal = make.refusal("There is no method grad_cam.", "unknown_method")
    watching.sync.answered(request.request_id, refusal)
    assert watching.drain().explanations == {SYMBOL: {CAM: "There is no method grad_cam."}}
    assert all_open(watching) == []


def test_a_busy_server_is_asked_again_soon(watching: Desk, make: Maker) -> None:
    (request,) = wish(watching, CAM)
    watching.sync.answered(request.request_id, make.refusal("The server is busy.", "busy"))
    assert watching.drain().explanations[SYMBOL] == {CAM: "The server is busy."}
    watching.now_ms += ASK_AGAIN_MS
    assert asked(watching) == [request]


def test_a_server_that_takes_its_time_is_not_asked_twice(watching: Desk) -> None:
    (request,) = wish(watching, CAM)
    watching.now_ms += EXPLAIN_AGAIN_MS - 1
    assert asked(watching) == []
    watching.now_ms += 1
    assert asked(watching) == [request]


def test_after_a_reconnection_the_new_heatmap_asks_anew(watching: Desk, make: Maker) -> None:
    (lost,) = wish(watching, CAM)
    watching.sync.connected()
    assert GetExplanation not in kinds(all_open(watching))
    watching.answer(GetSnapshot, make.snapshot({}))
    watching.answer(GetHeatmap, make.heatmap(SYMBOL))
    (request,) = asked(watching)
    watching.sync.answered(lost.request_id, make.explanation(SYMBOL, "grad_cam"))
    assert watching.drain().explanations == {}
    watching.sync.answered(request.request_id, make.explanation(SYMBOL, "grad_cam"))
    assert watching.drain().explanations.keys() == {SYMBOL}


def test_another_run_is_asked_for_its_methods_and_for_what_is_wanted(
    watching: Desk, make: Maker
) -> None:
    wish(watching, CAM)
    make.run_id = "run-2"
    watching.join(make)
    watching.now_ms += ASK_AGAIN_MS
    watching.answer(GetHeatmap, make.heatmap(SYMBOL))
    assert [request.method for request in asked(watching)] == ["grad_cam"]
    assert GetMethods not in kinds(all_open(watching))
    assert watching.drain().methods


def test_an_unwatched_ticker_is_explained_no_more(watching: Desk, make: Maker) -> None:
    (request,) = wish(watching, CAM)
    del watching.watched[SYMBOL]
    watching.sync.explain(SYMBOL, ())
    watching.sync.answered(request.request_id, make.explanation(SYMBOL, "grad_cam"))
    assert watching.drain().explanations == {}
