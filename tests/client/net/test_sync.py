import dataclasses

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.net.pending_requests import ASK_AGAIN_MS
from client.state.update import BuyGap
from shared.protocol.answers import Answer, Universe
from shared.protocol.messages import Published
from shared.protocol.past import PastWindow
from shared.protocol.requests import (
    AnyRequest,
    GetBars,
    GetBuys,
    GetHeatmap,
    GetMethods,
    GetModel,
    GetPastBuys,
    GetSnapshot,
    GetUniverse,
)
from tests.kit.maker import Maker
from tests.kit.scripted_desk import Desk, all_open, kinds


def test_at_first_it_asks_for_the_universe_alone(desk: Desk) -> None:
    assert kinds(desk.send()) == [GetUniverse]


def test_with_the_universe_it_asks_for_the_rest(desk: Desk, make: Maker) -> None:
    desk.answer(GetUniverse, make.universe())
    assert kinds(desk.send()) == [GetModel, GetMethods, GetSnapshot]
    assert desk.drain().universe is not None


def test_joined_it_shows_rows_and_card_and_asks_nothing(joined: Desk) -> None:
    update = joined.drain()
    assert update.rows.index.tolist() == [0, 1, 2]
    assert update.card is not None
    assert update.card.card_json == '{"name": "net"}'
    assert update.card.stamp.model_id == "net@01234567"
    assert joined.send() == []


def test_what_is_in_the_snapshot_is_not_overwritten_by_older_rows(desk: Desk, make: Maker) -> None:
    desk.publish(make.status(1))
    desk.answer(GetUniverse, make.universe())
    desk.publish(make.confidence({"AAPL": 0.5}, 7), make.confidence({"005930": 0.5}, 8))
    snapshot = make.snapshot(dict.fromkeys(make.symbols, 0.75), sequence=7)
    desk.answer(GetSnapshot, snapshot)
    assert desk.up() == [0.75, 0.5, 0.75]


def test_a_snapshot_does_not_overwrite_newer_rows_whatever_came_first(
    joined: Desk, make: Maker
) -> None:
    joined.publish(make.confidence({"AAPL": 0.5}, 1), make.confidence({"AAPL": 0.75}, 3))
    snapshot = make.snapshot({"000020": 0.5, "005930": 0.5, "AAPL": 0.5}, sequence=2)
    joined.answer(GetSnapshot, snapshot)
    assert joined.up() == [0.5, 0.5, 0.75]


def test_rows_carry_the_time_of_the_bar_that_changed_them(joined: Desk, make: Maker) -> None:
    joined.drain()
    said = make.confidence({"AAPL": 0.5}, 1, made_ms=9_000)
    joined.publish(said)
    assert joined.drain().rows.column("bar_ms").tolist() == said.bar_ms.tolist() == [5]


def test_tickers_outside_the_universe_are_passed_over(joined: Desk, make: Maker) -> None:
    joined.publish(make.confidence({"NEW": 0.5, "AAPL": 0.5}, 1))
    assert joined.up() == [0.25, 0.25, 0.5]


def relisted(make: Maker, *symbols: str, revision: int = 1) -> Universe:
    universe = dataclasses.replace(make, symbols=symbols).universe()
    return msgspec.structs.replace(universe, revision=revision)


def test_a_status_with_a_later_universe_asks_for_it_once(joined: Desk, make: Maker) -> None:
    later = msgspec.structs.replace(make.status(2), universe_revision=1)
    joined.publish(later)
    assert kinds(joined.send()) == [GetUniverse]
    joined.publish(msgspec.structs.replace(make.status(3), universe_revision=1))
    assert joined.send() == []


def test_a_later_universe_keeps_what_is_known_and_asks_for_the_rest(
    joined: Desk, make: Maker
) -> None:
    joined.publish(make.buy("AAPL", 1), make.confidence({"AAPL": 0.75}, 4))
    joined.drain()
    joined.publish(msgspec.structs.replace(make.status(2), universe_revision=1))
    joined.answer(GetUniverse, relisted(make, "AAPL", "NEW", "000020"))
    assert joined.up() == [0.75, 0.0, 0.25]
    assert len(joined.buys) == 1
    assert kinds(joined.send()) == [GetSnapshot]
    make = dataclasses.replace(make, symbols=("AAPL", "NEW", "000020"))
    joined.publish(make.confidence({"NEW": 0.5}, 5))
    snapshot = make.snapshot(dict.fromkeys(make.symbols, 0.25), sequence=3)
    joined.sync.answered(all_open(joined)[0].request_id, snapshot)
    assert joined.up() == [0.75, 0.5, 0.25]  # what stands is newer than the snapshot
    joined.publish(msgspec.structs.replace(make.status(3), universe_revision=1))
    assert joined.send() == []


def test_who_is_looked_at_is_asked_for_anew_with_a_later_universe(
    joined: Desk, make: Maker
) -> None:
    joined.watched["NEW"] = ()
    joined.publish(msgspec.structs.replace(make.status(2), universe_revision=1))
    joined.answer(GetUniverse, relisted(make, "NEW"))
    assert set(kinds(joined.send())) == {GetSnapshot, GetBars, GetHeatmap, GetPastBuys}


@pytest.mark.parametrize("kind", ["confidence", "status"])
def test_a_gap_asks_for_one_snapshot(joined: Desk, make: Maker, kind: str) -> None:
    def say(sequence: int) -> Published:
        if kind == "status":
            return make.status(sequence)
        return make.confidence({"AAPL": 0.5}, sequence)

    joined.publish(say(2))
    assert joined.send() == []
    joined.publish(say(4), say(6))
    assert kinds(joined.send()) == [GetSnapshot]
    joined.publish(say(7))
    assert joined.send() == []


def test_a_status_that_knows_later_rows_asks_for_one_snapshot(joined: Desk, make: Maker) -> None:
    joined.publish(make.confidence({"AAPL": 0.5}, 1), make.status(2, confidence=1))
    assert joined.send() == []
    joined.publish(make.status(3, confidence=3), make.status(4, confidence=3))
    joined.answer(GetSnapshot, make.snapshot({}, sequence=3))
    joined.publish(make.status(5, confidence=3))
    assert joined.send() == []


def test_when_history_is_whole_everything_is_asked_for_again(desk: Desk, make: Maker) -> None:
    desk.watched["AAPL"] = ()
    desk.publish(make.status(1, "starting"))
    desk.answer(GetUniverse, make.universe())
    desk.answer(GetSnapshot, make.snapshot({"AAPL": 0.5}))
    desk.publish(make.status(2, "starting"))
    assert GetSnapshot not in kinds(all_open(desk))
    desk.publish(make.status(3, "live"))
    desk.answer(GetSnapshot, make.snapshot({"AAPL": 0.75}))
    assert desk.up() == [0.0, 0.0, 0.75]
    assert {GetBars, GetHeatmap} <= set(kinds(all_open(desk)))
    desk.publish(make.status(4, "live"))
    assert GetSnapshot not in kinds(all_open(desk))


def test_a_status_that_knows_later_buys_asks_for_them(joined: Desk, make: Maker) -> None:
    joined.publish(make.status(2, buy=2))
    joined.answer(GetBuys, make.buy_log(1, 2))
    joined.publish(make.status(3, buy=2))
    joined.drain()
    assert joined.buys == [1, 2]
    assert joined.send() == []


def test_a_gap_while_a_snapshot_is_out_asks_once_more(joined: Desk, make: Maker) -> None:
    joined.publish(make.confidence({"AAPL": 0.5}, 1), make.confidence({"AAPL": 0.5}, 3))
    (request,) = joined.send()
    joined.publish(make.confidence({"AAPL": 0.5}, 5), make.confidence({"AAPL": 0.5}, 7))
    assert joined.send() == []
    joined.sync.answered(request.request_id, make.snapshot({}, sequence=3))
    joined.answer(GetSnapshot, make.snapshot({}, sequence=7))
    assert joined.send() == []


def test_after_a_reconnection_it_asks_at_once_and_again_when_it_hears(
    joined: Desk, make: Maker
) -> None:
    joined.sync.connected()
    joined.answer(GetSnapshot, make.snapshot({}))
    assert joined.send() == []
    joined.publish(make.status(2))
    joined.answer(GetSnapshot, make.snapshot({}))
    joined.publish(make.status(3))
    assert joined.send() == []


def test_buys_of_the_stream_are_told_once(joined: Desk, make: Maker) -> None:
    joined.publish(*(make.buy("AAPL", i, made_ms=1_000 * i) for i in (1, 2, 2, 3, 1)))
    joined.drain()
    assert joined.buys == [1, 2, 3]


def test_a_gap_in_the_buys_is_asked_for_and_filled_in_order(joined: Desk, make: Maker) -> None:
    joined.publish(make.buy("AAPL", 1, made_ms=1_000), make.buy("AAPL", 4))
    (request,) = joined.send()
    assert isinstance(request, GetBuys)
    assert request.after == 1
    joined.sync.answered(request.request_id, make.buy_log(2, 4))
    joined.publish(make.buy("AAPL", 5, made_ms=5_000))
    joined.drain()
    assert joined.buys == [1, 2, 3, 4, 5]
    assert joined.send() == []


def test_buys_said_before_the_join_are_asked_for(desk: Desk, make: Maker) -> None:
    desk.answer(GetUniverse, make.universe())
    desk.answer(GetSnapshot, make.snapshot({}, buy_sequence=3))
    (request,) = (r for r in desk.send() if isinstance(r, GetBuys))
    assert request.after == 0
    desk.sync.answered(request.request_id, make.buy_log(1, 3))
    desk.drain()
    assert desk.buys == [1, 2, 3]


def test_a_buy_that_comes_both_ways_is_told_once(joined: Desk, make: Maker) -> None:
    joined.publish(make.confidence({"AAPL": 0.5}, 1), make.confidence({"AAPL": 0.5}, 3))
    joined.answer(GetSnapshot, make.snapshot({}, sequence=3, buy_sequence=1))
    (request,) = joined.send()
    joined.publish(make.buy("AAPL", 1, made_ms=1_000))
    joined.sync.answered(request.request_id, make.buy_log(1, 1))
    joined.drain()
    assert joined.buys == [1]


def test_buys_that_the_server_forgot_while_the_desk_was_away_are_a_gap(
    joined: Desk, make: Maker
) -> None:
    joined.publish(make.buy("AAPL", 1, made_ms=1_000), make.buy("AAPL", 9))
    joined.answer(GetBuys, make.buy_log(5, 9, complete=False))
    update = joined.drain()
    gap = BuyGap(first=2, last=5, after_ms=1_000, before_ms=5_000)
    assert [b if isinstance(b, BuyGap) else b.made_ms // 1_000 for b in update.buys] == [
        *(1, gap, 5, 6, 7, 8, 9)
    ]
    assert joined.send() == []


def test_who_joins_late_is_told_where_the_log_begins(desk: Desk, make: Maker) -> None:
    desk.answer(GetUniverse, make.universe())
    desk.answer(GetSnapshot, make.snapshot({}, buy_sequence=9))
    desk.answer(GetBuys, make.buy_log(7, 9, complete=False))
    desk.drain()
    assert desk.buys == [7, 8, 9]
    assert desk.gaps == [BuyGap(first=1, last=7, after_ms=None, before_ms=7_000)]


def test_a_log_that_forgot_only_what_came_meanwhile_is_asked_for_anew(
    joined: Desk, make: Maker
) -> None:
    joined.publish(make.status(2, buy=2))
    joined.send()
    joined.publish(make.buy("AAPL", 1, made_ms=1_000))
    joined.now_ms += ASK_AGAIN_MS
    joined.answer(GetBuys, make.buy_log(2, 2, complete=False))
    joined.answer(GetBuys, make.buy_log(2, 2))
    joined.drain()
    assert joined.buys == [1, 2]
    assert joined.gaps == []


def test_a_request_is_sent_again_after_two_seconds_under_its_id(desk: Desk) -> None:
    first = desk.send()
    desk.now_ms = ASK_AGAIN_MS - 1
    assert desk.send() == []
    desk.now_ms = ASK_AGAIN_MS
    assert desk.send() == first


def test_an_answer_to_no_open_request_is_dropped(joined: Desk, make: Maker) -> None:
    joined.drain()
    joined.sync.answered(1, make.universe())
    joined.sync.answered(999, make.snapshot(dict.fromkeys(make.symbols, 0.5)))
    update = joined.drain()
    assert update.universe is None
    assert update.rows.index.shape == (0,)


def test_another_run_starts_everything_over(joined: Desk, make: Maker) -> None:
    joined.publish(make.buy("AAPL", 1, made_ms=1_000))
    make.run_id = "run-2"
    make.symbols = ("NEW",)
    joined.publish(make.status(1))
    joined.answer(GetUniverse, make.universe())
    joined.answer(GetSnapshot, make.snapshot({"NEW": 0.5}, buy_sequence=1))
    joined.answer(GetBuys, make.buy_log(1, 1))
    assert joined.up() == [0.5]
    assert joined.table.symbols == ("NEW",)
    assert joined.buys == [1]


def test_an_answer_of_the_old_run_is_dropped(joined: Desk, make: Maker) -> None:
    joined.drain()
    old = make.universe()
    make.run_id = "run-2"
    joined.publish(make.status(1))
    joined.answer(GetUniverse, old)
    assert joined.drain().universe is None
    joined.now_ms += ASK_AGAIN_MS
    joined.answer(GetUniverse, make.universe())
    assert joined.drain().universe is not None


def test_tickers_and_buys_are_asked_for_after_rows_that_are_of_now(make: Maker) -> None:
    desk = Desk(watched=["AAPL"])
    of_tickers = {GetBars, GetHeatmap, GetPastBuys, GetBuys}
    snapshot = make.snapshot({}, buy_sequence=3)
    desk.publish(make.status(1, "starting"))
    desk.answer(GetUniverse, make.universe())
    desk.sync.watch("AAPL")
    desk.sync.glance(["005930"])
    desk.answer(GetSnapshot, snapshot)
    desk.publish(make.status(2, "starting", buy=3))
    assert not of_tickers & set(kinds(all_open(desk)))
    desk.publish(make.status(3, buy=3))
    assert not of_tickers & set(kinds(all_open(desk)))
    desk.answer(GetSnapshot, snapshot)
    assert of_tickers <= set(kinds(all_open(desk)))


def test_a_watched_ticker_is_asked_for_in_each_run(make: Maker) -> None:
    desk = Desk(watched=["AAPL"])
    desk.join(make)
    desk.sync.answered(4, make.bars("AAPL"))
    assert {GetBars, GetHeatmap} <= set(kinds(all_open(desk)))
    make.run_id = "run-2"
    desk.join(make)
    assert {GetBars, GetHeatmap} <= set(kinds(all_open(desk)))


def test_a_ticker_is_watched_from_the_join_on(desk: Desk, make: Maker) -> None:
    desk.watched["AAPL"] = ()
    desk.sync.watch("AAPL")
    assert kinds(desk.send()) == [GetUniverse]
    desk.join(make)
    assert {GetBars, GetHeatmap} <= set(kinds(all_open(desk)))


def test_only_watched_tickers_reach_the_inbox(joined: Desk, make: Maker) -> None:
    joined.watched["AAPL"] = ()
    for symbol in ("AAPL", "005930"):
        joined.publish(make.bar(symbol, 5), make.heatmap(symbol))
    update = joined.drain()
    assert update.live_bars.keys() == update.heatmaps.keys() == {"AAPL"}


def test_answers_on_a_ticker_reach_the_inbox(joined: Desk, make: Maker) -> None:
    joined.sync.watch("AAPL")
    bars, heatmap, past = joined.send()
    joined.sync.answered(past.request_id, make.past_buys("AAPL"))
    joined.sync.answered(bars.request_id, make.bars("AAPL"))
    joined.sync.answered(heatmap.request_id, make.refusal("14 bars are missing"))
    update = joined.drain()
    assert update.bars.keys() == {"AAPL"}
    assert update.refusals == {"AAPL": "14 bars are missing"}
    assert update.past_buys["AAPL"].count == 3
    assert all_open(joined) == []


def test_what_came_up_again_while_it_was_refused_is_asked_again(joined: Desk, make: Maker) -> None:
    joined.watched["AAPL"] = ()
    joined.sync.watch("AAPL")
    asked = {type(r): r for r in joined.send()}
    joined.sync.watch("AAPL")  # as the server goes live: what it refuses now was right before
    joined.sync.answered(asked[GetHeatmap].request_id, make.refusal("history is loading"))
    joined.sync.answered(
        asked[GetPastBuys].request_id, make.refusal("no journal", code="nothing_kept")
    )
    (again,) = (r for r in joined.send() if isinstance(r, GetHeatmap | GetPastBuys))
    assert isinstance(again, GetHeatmap)
    joined.sync.answered(again.request_id, make.refusal("14 bars are missing"))
    assert not {GetHeatmap, GetPastBuys} & set(kinds(all_open(joined)))


def test_of_the_past_the_newest_wish_alone_is_asked_and_answered(joined: Desk, make: Maker) -> None:
    joined.watched["AAPL"] = ()
    joined.sync.recall("AAPL", 5)
    (before,) = joined.send()
    joined.sync.recall("AAPL", 9)
    (now,) = joined.send()
    joined.sync.answered(before.request_id, make.past_window("AAPL", 5))
    joined.sync.answered(now.request_id, make.past_window("AAPL", 5))
    assert joined.drain().past_windows == {}
    joined.sync.answered(now.request_id, make.past_window("AAPL", 9))
    bar_ms, answer = joined.drain().past_windows["AAPL"]
    assert isinstance(answer, PastWindow)
    assert bar_ms == answer.bar_ms[-1] == 9
    joined.sync.recall("AAPL", 5)
    (again,) = joined.send()
    joined.sync.answered(again.request_id, make.refusal("gone", "nothing_kept"))
    assert joined.drain().past_windows["AAPL"] == (5, "gone")
    # What came of a buy may be known with each bar that closes.
    joined.publish(make.bar("AAPL", 10))
    assert kinds(all_open(joined)) == [GetPastBuys]
    joined.answer(GetPastBuys, make.refusal("no journal", "nothing_kept"))
    assert all_open(joined) == []


def test_a_refused_universe_is_asked_for_again(desk: Desk, make: Maker) -> None:
    desk.answer(GetUniverse, make.refusal())
    assert kinds(all_open(desk)) == [GetUniverse]


def test_what_an_older_server_does_not_know_is_not_asked_again(desk: Desk, make: Maker) -> None:
    desk.publish(make.status(1))
    desk.answer(GetUniverse, make.universe())
    desk.answer(GetMethods, make.refusal(code="unknown_request"))
    assert GetMethods not in kinds(all_open(desk))


KEPT = 3  # buys that the server of these tests remembers


class World:
    """A server with real state whose messages and answers may be lost on the way to a desk.

    It remembers its newest `KEPT` buys.
    """

    def __init__(self) -> None:
        self.make = Maker()
        self.desk = Desk()
        self.run = 0
        self.restart()

    def restart(self) -> None:
        self.run += 1
        self.make.run_id = f"run-{self.run}"
        self.up = dict.fromkeys(self.make.symbols, 0.25)
        self.confidence = self.buy = self.status = 0

    def score(self, row: int, up: float, lost: bool) -> None:
        symbol = self.make.symbols[row]
        self.up[symbol] = up
        self.confidence += 1
        self._say(self.make.confidence({symbol: up}, self.confidence), lost)

    def enter(self, lost: bool) -> None:
        self.buy += 1
        self._say(self.make.buy("AAPL", self.buy, made_ms=1_000 * self.buy), lost)

    def tick(self, lost: bool) -> None:
        self.status += 1
        status = self.make.status(self.status, confidence=self.confidence, buy=self.buy)
        self._say(status, lost)

    def reply(self, lost: bool, *, before: bool = False, after: bool = False) -> None:
        """Answer all that is due; more may be said before and after the answers are made."""
        requests = self.desk.send()
        if before:
            self.speak()
        answers = [self._answer(r) for r in requests]
        if after:
            self.speak()
        if not lost:
            for request, answer in zip(requests, answers, strict=True):
                self.desk.sync.answered(request.request_id, answer)
        self.desk.now_ms += ASK_AGAIN_MS // 2

    def speak(self) -> None:
        self.score(0, 0.5, lost=False)
        self.enter(lost=False)
        self.tick(lost=False)

    def _say(self, message: Published, lost: bool) -> None:
        if not lost:
            self.desk.publish(message)

    def _answer(self, request: AnyRequest) -> Answer:
        match request:
            case GetUniverse():
                return self.make.universe()
            case GetSnapshot():
                return self.make.snapshot(
                    dict(self.up), sequence=self.confidence, buy_sequence=self.buy
                )
            case GetBuys():
                after, forgotten = min(request.after, self.buy), max(self.buy - KEPT, 0)
                return self.make.buy_log(
                    max(after, forgotten) + 1, self.buy, complete=after >= forgotten
                )
            case GetMethods():
                return self.make.methods()
            case _:
                return self.make.card()


BOOLEANS = st.booleans()
EVENTS = st.one_of(
    st.tuples(st.just("score"), st.integers(0, 2), st.sampled_from([0.25, 0.5, 0.75]), BOOLEANS),
    st.tuples(st.just("enter"), BOOLEANS),
    st.tuples(st.just("tick"), BOOLEANS),
    st.tuples(st.just("reply"), BOOLEANS, BOOLEANS, BOOLEANS),
    st.tuples(st.just("restart")),
    st.tuples(st.just("connected")),
    st.tuples(st.just("drain")),
)


def _happen(world: World, event: tuple[object, ...]) -> None:
    match event:
        case ("score", int(row), float(up), bool(lost)):
            world.score(row, up, lost)
        case ("enter", bool(lost)):
            world.enter(lost)
        case ("tick", bool(lost)):
            world.tick(lost)
        case ("reply", bool(lost), bool(before), bool(after)):
            world.reply(lost, before=before, after=after)
        case ("restart",):
            world.restart()
        case ("connected",):
            world.desk.sync.connected()
        case ("drain",):
            world.desk.drain()


@given(st.lists(EVENTS, max_size=30))
def test_whatever_is_lost_in_the_end_the_desk_shows_what_the_server_knows(
    events: list[tuple[object, ...]],
) -> None:
    world = World()
    for event in events:
        _happen(world, event)
    # One status, and all requests answered, until the desk has nothing left to ask.
    world.tick(lost=False)
    # What was lost again and again is asked again later and later.
    for _ in range(64):
        if not all_open(world.desk):
            break
        world.reply(lost=False)
    assert all_open(world.desk) == []
    assert np.allclose(world.desk.up(), list(world.up.values()))
    # Each buy is shown once and in order, or said to be missing; the newest are never lost.
    known = world.desk.buys
    assert known == sorted(set(known))
    said = {n for gap in world.desk.gaps for n in range(gap.first, gap.last + 1)}
    assert said | set(known) == set(range(1, world.buy + 1))
    assert known[-KEPT:] == list(range(max(world.buy - KEPT, 0) + 1, world.buy + 1))
