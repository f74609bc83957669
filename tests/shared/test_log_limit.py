import logging
from types import TracebackType

import pytest

from shared.log_limit import EVERY_S, SAME, LogLimit

Caught = tuple[type[BaseException], BaseException, TracebackType | None]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limit(clock: Clock) -> LogLimit:
    return LogLimit(clock)


def record(
    msg: object = "a defect", line: int = 7, error: Caught | None = None
) -> logging.LogRecord:
    return logging.LogRecord("desk", logging.ERROR, "here.py", line, msg, (), error)


def caught(words: str) -> Caught:
    try:
        int(words)
    except ValueError as e:
        return ValueError, e, e.__traceback__
    raise AssertionError


def elsewhere() -> Caught:
    with pytest.raises(ValueError, match="float") as raised:
        float("another place")
    return ValueError, raised.value, raised.value.__traceback__


def test_a_flood_is_cut_and_counted_with_the_next(limit: LogLimit, clock: Clock) -> None:
    assert [limit.filter(record()) for _ in range(SAME + 30)] == [True] * SAME + [False] * 30
    clock.now = EVERY_S
    later = record()
    assert limit.filter(later)
    assert "30 more" in later.getMessage()
    again = record()
    assert limit.filter(again)
    assert again.getMessage() == "a defect"


def test_one_flood_hides_nothing_else(limit: LogLimit) -> None:
    for _ in range(SAME + 1):
        limit.filter(record())
    assert limit.filter(record(line=8))
    assert not limit.filter(record())


def test_exceptions_are_told_apart_by_where_they_were_raised(limit: LogLimit) -> None:
    for nth in range(SAME + 1):
        last = limit.filter(record(error=caught(f"word {nth}")))
    assert not last
    assert limit.filter(record(error=elsewhere()))
    assert limit.filter(record(error=(KeyError, KeyError("no trace"), None)))


def test_records_of_structlog_are_told_apart_by_their_event(limit: LogLimit, clock: Clock) -> None:
    for nth in range(SAME + 3):
        limit.filter(record({"event": "refused", "nth": nth}))
    assert limit.filter(record({"event": "listening"}))
    clock.now = EVERY_S
    later = record({"event": "refused"})
    assert limit.filter(later)
    assert later.msg == {"event": "refused", "left_out": 3}


def test_kinds_without_end_take_no_memory_without_end(limit: LogLimit) -> None:
    assert all(limit.filter(record(line=line)) for line in range(10_000))
    assert len(vars(limit)["_seen"]) <= 256
