import dataclasses
import datetime
import re

import pytest

from client.state.buys import Buys, NamedBuy, gap_words
from client.state.inbox import Inbox
from client.state.update import BUYS_KEPT, BuyGap
from shared.limits import MAX_BUYS
from tests.kit.made_market import NOON_MS
from tests.kit.maker import Maker
from tests.kit.updates import buy_entry

GAP = BuyGap(first=2, last=5, after_ms=NOON_MS, before_ms=NOON_MS + 60_000)


def test_a_gap_stands_between_the_entries_that_it_parts(make: Maker) -> None:
    inbox, buys = Inbox(), Buys()
    inbox.put_universe(make.universe())
    inbox.put_buys([buy_entry("AAPL", made_ms=1)])
    buys.apply(inbox.drain())
    inbox.put_buys([GAP, buy_entry("AAPL", made_ms=5)])
    assert buys.apply(inbox.drain()) == 2
    shown = [b if isinstance(b, BuyGap) else b.entry.made_ms for b in buys.rows]
    assert shown == [5, GAP, 1]


def test_a_gap_outlives_the_longest_answer_of_a_server(make: Maker) -> None:
    inbox, buys = Inbox(), Buys()
    inbox.put_universe(make.universe())
    inbox.put_buys([buy_entry("AAPL")])
    inbox.put_buys([GAP, *(buy_entry("AAPL") for _ in range(MAX_BUYS))])
    buys.apply(inbox.drain())
    assert buys.rows[MAX_BUYS] == GAP
    assert len(buys.rows) == MAX_BUYS + 2


def test_the_log_outlives_a_change_of_the_tickers_but_not_the_run(make: Maker) -> None:
    inbox, buys = Inbox(), Buys()
    inbox.put_universe(make.universe())
    inbox.put_buys([buy_entry("AAPL", made_ms=1)])
    buys.apply(inbox.drain())
    inbox.put_universe(dataclasses.replace(make, symbols=("NEW",)).universe(names=("Newcomer",)))
    inbox.put_buys([buy_entry("NEW", made_ms=2)])
    buys.apply(inbox.drain())
    assert [b.name for b in buys.rows if isinstance(b, NamedBuy)] == ["Newcomer", "Name of AAPL"]
    inbox.put_universe(dataclasses.replace(make, run_id="other").universe())
    buys.apply(inbox.drain())
    assert not buys.rows


@pytest.mark.parametrize(
    ("after_ms", "before_ms", "times"),
    [
        (GAP.after_ms, GAP.before_ms, ["02:13:20", "02:14:20"]),
        (None, GAP.before_ms, ["02:14:20"]),
        (GAP.after_ms, None, ["02:13:20"]),
        (None, None, []),
    ],
)
def test_a_gap_is_told_with_the_times_that_are_known(
    after_ms: int | None, before_ms: int | None, times: list[str]
) -> None:
    gap = dataclasses.replace(GAP, after_ms=after_ms, before_ms=before_ms)
    words = gap_words(gap, NOON_MS, datetime.UTC)
    assert re.findall(r"[0-9:]{8}", words) == times


def test_a_log_that_begins_late_is_not_called_one_with_a_hole() -> None:
    late = dataclasses.replace(GAP, after_ms=None)
    assert "missing" not in gap_words(late, NOON_MS, datetime.UTC)
    assert "missing" in gap_words(GAP, NOON_MS, datetime.UTC)


def test_the_newest_buy_stands_first_with_its_name(make: Maker) -> None:
    inbox, buys = Inbox(), Buys()
    inbox.put_universe(make.universe())
    inbox.put_buys(
        [buy_entry("AAPL", made_ms=1), buy_entry("005930", made_ms=2), buy_entry("GONE", made_ms=3)]
    )
    assert buys.apply(inbox.drain()) == 3
    shown = [(b.entry.made_ms, b.name) for b in buys.rows if isinstance(b, NamedBuy)]
    assert shown == [(3, "GONE"), (2, "Name of 005930"), (1, "Name of AAPL")]


def test_a_new_universe_empties_the_log(make: Maker) -> None:
    inbox, buys = Inbox(), Buys()
    inbox.put_buys([buy_entry("AAPL", made_ms=1)])
    buys.apply(inbox.drain())
    inbox.put_universe(make.universe())
    assert buys.apply(inbox.drain()) == 0
    assert not buys.rows


def test_the_log_is_bounded() -> None:
    inbox, buys = Inbox(), Buys()
    for first in (0, BUYS_KEPT):
        inbox.put_buys(buy_entry("AAPL", made_ms=first + i) for i in range(BUYS_KEPT))
        buys.apply(inbox.drain())
    assert len(buys.rows) == BUYS_KEPT
    assert isinstance(buys.rows[0], NamedBuy)
    assert buys.rows[0].entry.made_ms == 2 * BUYS_KEPT - 1
