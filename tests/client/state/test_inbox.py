import dataclasses
import threading

import numpy as np
import pytest

from client.state.inbox import Inbox
from client.state.update import BUYS_KEPT, BuyEntry, RowChanges
from client.state.wish import Wish
from shared.limits import MAX_BARS
from tests.kit.maker import Maker
from tests.kit.updates import buy_entry, row_changes


@pytest.fixture
def inbox(make: Maker) -> Inbox:
    inbox = Inbox()
    inbox.put_universe(make.universe())
    inbox.drain()
    return inbox


def rows(index: list[int], last: float) -> RowChanges:
    n = len(index)
    return row_changes(
        index,
        np.zeros((n, 3), np.float32),
        last=np.full(n, last),
        bar_ms=np.full(n, 7),
        coverage=0.0,
    )


def entry(made_ms: int) -> BuyEntry:
    return buy_entry("AAPL", made_ms=made_ms)


def test_an_empty_inbox_drains_to_nothing() -> None:
    update = Inbox().drain()
    assert update.universe is None
    assert update.rows.index.shape == (0,)
    assert update.rows.probabilities.shape == (0, 3)
    assert not update.buys
    assert not update.bars


def test_of_two_values_of_a_row_the_newer_is_drained(inbox: Inbox) -> None:
    inbox.put_rows(rows([0, 2], 1.0))
    inbox.put_rows(rows([2], 2.0))
    drained = inbox.drain().rows
    assert drained.index.tolist() == [0, 2]
    assert drained.last.tolist() == [1.0, 2.0]


def test_what_was_drained_does_not_come_again_nor_change(inbox: Inbox) -> None:
    inbox.put_rows(rows([0], 1.0))
    drained = inbox.drain().rows
    inbox.put_rows(rows([0], 2.0))
    assert drained.last.tolist() == [1.0]
    assert inbox.drain().rows.last.tolist() == [2.0]
    assert inbox.drain().rows.index.shape == (0,)


def test_a_later_universe_of_a_run_moves_rows_and_keeps_the_rest(inbox: Inbox, make: Maker) -> None:
    inbox.put_rows(rows([0], 1.0))
    inbox.put_rows(rows([2], 3.0))
    inbox.put_buys([entry(1)])
    inbox.put_heatmap(make.heatmap("AAPL"))
    inbox.put_universe(dataclasses.replace(make, symbols=("AAPL", "NEW", "005930")).universe())
    inbox.put_rows(rows([1], 5.0))
    update = inbox.drain()
    assert update.universe is not None
    assert not update.restarted
    assert update.rows.index.tolist() == [0, 1]
    assert update.rows.last.tolist() == [3.0, 5.0]
    assert update.rows.bar_ms.tolist() == [7, 7]
    assert update.buys == (entry(1),)
    assert set(update.heatmaps) == {"AAPL"}


def test_a_run_that_begins_and_is_relisted_before_it_is_drained_begins(make: Maker) -> None:
    inbox = Inbox()
    inbox.put_universe(make.universe())
    inbox.put_universe(dataclasses.replace(make, symbols=("AAPL",)).universe())
    update = inbox.drain()
    assert update.universe is not None
    assert (update.restarted, update.universe.symbols) == (True, ("AAPL",))
    assert not inbox.drain().restarted


def test_the_first_universe_of_a_run_voids_what_came_before_it_but_not_the_status(
    inbox: Inbox, make: Maker
) -> None:
    inbox.put_status(make.status(1))
    inbox.put_rows(rows([0], 1.0))
    inbox.put_buys([entry(1)])
    inbox.put_heatmap(make.heatmap("AAPL"))
    inbox.put_universe(dataclasses.replace(make, run_id="run-2").universe())
    update = inbox.drain()
    assert update.universe is not None
    assert update.restarted
    assert update.status is not None
    assert update.rows.index.shape == (0,)
    assert not update.buys
    assert not update.heatmaps


def test_buys_keep_their_order_and_the_newest_stay(inbox: Inbox) -> None:
    inbox.put_buys([entry(0), entry(1)])
    inbox.put_buys(entry(i) for i in range(2, BUYS_KEPT + 1))
    made = [b.made_ms for b in inbox.drain().buys if isinstance(b, BuyEntry)]
    assert made == list(range(1, BUYS_KEPT + 1))


def test_live_bars_keep_the_newest_of_each_time(inbox: Inbox, make: Maker) -> None:
    for bar_ms, close in ((1, 100.0), (2, 101.0), (2, 102.0)):
        inbox.put_bar(make.bar("AAPL", bar_ms, close=close))
    bars = inbox.drain().live_bars["AAPL"]
    assert [(b.stamp.newest_bar_ms, b.ohlcv[3]) for b in bars] == [(1, 100.0), (2, 102.0)]


def test_live_bars_of_an_inbox_that_nobody_drains_are_bounded(inbox: Inbox, make: Maker) -> None:
    for bar_ms in range(1, MAX_BARS + 3):
        inbox.put_bar(make.bar("AAPL", bar_ms))
    bars = inbox.drain().live_bars["AAPL"]
    assert len(bars) == MAX_BARS
    assert bars[0].stamp.newest_bar_ms == 3


def test_an_answer_voids_the_live_bars_that_were_made_before_it(inbox: Inbox, make: Maker) -> None:
    inbox.put_bar(make.bar("AAPL", 1, made_ms=10))
    inbox.put_bar(make.bar("AAPL", 2, made_ms=30))
    inbox.put_bars(make.bars("AAPL", made_ms=20))
    update = inbox.drain()
    assert update.bars.keys() == {"AAPL"}
    assert [b.stamp.newest_bar_ms for b in update.live_bars["AAPL"]] == [2]


def test_a_heatmap_takes_the_place_of_a_refusal(inbox: Inbox, make: Maker) -> None:
    inbox.put_refusal("AAPL", "not yet")
    inbox.put_heatmap(make.heatmap("AAPL"))
    update = inbox.drain()
    assert not update.refusals
    assert update.heatmaps.keys() == {"AAPL"}


def test_it_calls_once_for_all_that_comes_between_two_drains(inbox: Inbox, make: Maker) -> None:
    calls: list[int] = []
    inbox.on_arrival(lambda: calls.append(1))
    assert not calls
    inbox.put_status(make.status(1))
    inbox.put_status(make.status(2))
    assert len(calls) == 1
    inbox.drain()
    inbox.put_status(make.status(3))
    assert len(calls) == 2


def test_who_asks_late_is_called_for_what_waits(inbox: Inbox, make: Maker) -> None:
    inbox.put_status(make.status(1))
    calls: list[int] = []
    inbox.on_arrival(lambda: calls.append(1))
    assert len(calls) == 1


def test_the_caller_may_drain_within_the_call(inbox: Inbox, make: Maker) -> None:
    drained = []
    inbox.on_arrival(lambda: drained.append(inbox.drain().status))
    inbox.put_status(make.status(1))
    inbox.put_status(make.status(2))
    assert [s.stamp.sequence for s in drained if s is not None] == [1, 2]


def test_no_buy_is_lost_or_doubled_between_two_threads(inbox: Inbox) -> None:
    def put() -> None:
        for i in range(2_000):
            inbox.put_buys([entry(i)])

    thread = threading.Thread(target=put)
    seen: list[int] = []
    thread.start()
    while thread.is_alive():
        seen += [b.made_ms for b in inbox.drain().buys if isinstance(b, BuyEntry)]
    thread.join()
    seen += [b.made_ms for b in inbox.drain().buys if isinstance(b, BuyEntry)]
    assert seen == list(range(2_000))


def test_of_two_answers_to_a_wish_the_newer_is_drained(inbox: Inbox, make: Maker) -> None:
    wish = Wish(method="grad_cam")
    inbox.put_explanation("AAPL", wish, "busy")
    inbox.put_explanation("AAPL", Wish(method="occlusion"), "no such method")
    answer = make.explanation("AAPL", "grad_cam")
    inbox.put_explanation("AAPL", wish, answer)
    explanations = inbox.drain().explanations["AAPL"]
    assert list(explanations.values()) == [answer, "no such method"]
    assert inbox.drain().explanations == {}


def test_the_coverage_stays_known_until_another_run(inbox: Inbox, make: Maker) -> None:
    inbox.put_rows(dataclasses.replace(rows([0], 1.0), coverage=0.9))
    inbox.drain()
    assert inbox.drain().rows.coverage == 0.9
    inbox.put_universe(dataclasses.replace(make, run_id="run-2").universe())
    assert inbox.drain().rows.coverage == 0
