import msgspec
import pytest

from client.net.buy_stream import BuyStream
from client.state.update import BuyEntry, BuyGap, LoggedBuy
from shared.protocol.answers import BuyLog
from tests.kit.maker import Maker
from tests.kit.messages import a_message

NO_ROWS = {name: getattr(a_message(BuyLog), name)[:0] for name in BuyLog.ARRAYS}


def numbers(found: list[LoggedBuy] | None) -> list[int]:
    assert found is not None
    return [b.made_ms // 1_000 for b in found if isinstance(b, BuyEntry)]


@pytest.fixture
def stream(make: Maker) -> BuyStream:
    """Return a stream that knows two messages."""
    stream = BuyStream()
    stream.answered(make.buy_log(1, 2), 0)
    return stream


def test_the_next_message_is_new_an_older_one_is_not(stream: BuyStream, make: Maker) -> None:
    assert numbers(stream.published(make.buy("AAPL", 3, made_ms=3_000))) == [3]
    assert stream.published(make.buy("AAPL", 3)) == []
    assert stream.published(make.buy("AAPL", 2)) == []
    assert stream.newest == 3


def test_a_message_after_a_lost_one_waits(stream: BuyStream, make: Maker) -> None:
    assert stream.published(make.buy("AAPL", 4)) is None
    assert stream.newest == 2


def test_of_an_answer_only_what_is_new_counts(stream: BuyStream, make: Maker) -> None:
    assert numbers(stream.answered(make.buy_log(1, 4), 0)) == [3, 4]
    assert stream.answered(make.buy_log(3, 4), 2) == []


def test_what_the_server_forgot_is_a_gap_before_the_rest(stream: BuyStream, make: Maker) -> None:
    found = stream.answered(make.buy_log(6, 8, complete=False), 2)
    assert found is not None
    gap, *rest = found
    assert gap == BuyGap(first=3, last=6, after_ms=2_000, before_ms=6_000)
    assert numbers(rest) == [6, 7, 8]
    assert stream.newest == 8


def test_a_message_that_lost_some_of_its_tickers_is_a_gap_too(
    stream: BuyStream, make: Maker
) -> None:
    found = stream.answered(make.buy_log(3, 3, complete=False), 2)
    assert found is not None
    assert found[0] == BuyGap(first=3, last=3, after_ms=2_000, before_ms=3_000)


def test_a_log_in_which_nothing_is_left_is_all_gap(stream: BuyStream, make: Maker) -> None:
    empty = a_message(BuyLog, complete=False, buy_sequence=9, symbols=(), **NO_ROWS)
    assert stream.answered(empty, 2) == [BuyGap(first=3, last=9, after_ms=2_000, before_ms=None)]
    assert stream.newest == 9


def test_an_incomplete_answer_says_nothing_of_what_came_after_it_was_asked_for(
    stream: BuyStream, make: Maker
) -> None:
    log = make.buy_log(2, 2, complete=False)
    assert stream.answered(log, 0) == []
    assert stream.answered(make.buy_log(2, 3, complete=False), 0) is None
    assert stream.newest == 2


def test_what_was_found_after_the_fact_is_marked(make: Maker) -> None:
    log = msgspec.structs.replace(make.buy_log(1, 3), late=(1,))
    found = BuyStream().answered(log, 0)
    assert found is not None
    assert [entry.late for entry in found if isinstance(entry, BuyEntry)] == [False, True, False]
