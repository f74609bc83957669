from client.state.buys import Buys
from client.state.inbox import Inbox
from shared.protocol.envelope import MAX_BUYS
from tests.kit.maker import Maker
from tests.kit.updates import buy_entry


def test_the_newest_buy_stands_first_with_its_name(make: Maker) -> None:
    inbox, buys = Inbox(), Buys()
    inbox.put_universe(make.universe())
    inbox.put_buys(
        [buy_entry("AAPL", made_ms=1), buy_entry("005930", made_ms=2), buy_entry("GONE", made_ms=3)]
    )
    assert buys.apply(inbox.drain()) == 3
    shown = [(b.entry.made_ms, b.name) for b in buys.rows]
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
    for first in (0, MAX_BUYS):
        inbox.put_buys(buy_entry("AAPL", made_ms=first + i) for i in range(MAX_BUYS))
        buys.apply(inbox.drain())
    assert len(buys.rows) == MAX_BUYS
    assert buys.rows[0].entry.made_ms == 2 * MAX_BUYS - 1
