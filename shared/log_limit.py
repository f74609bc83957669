"""A limit on how often a log says the same thing: a fault in each repaint must not fill a disk."""

import logging
import time
from collections.abc import Callable
from typing import Final

SAME: Final = 20  # records of one kind in a period, which tell all that more would
EVERY_S: Final = 60.0
_KINDS: Final = 256  # that are told apart; more are forgotten together

_Sort = tuple[object, ...]


class LogLimit(logging.Filter):
    """Lets the first records of a kind through in each period, then says how many it left out.

    A kind is a place in the code and a level; of an exception it is its type and the place that
    raised it, since all that nobody catches is logged at one place.

    Args:
        clock: Seconds that only rise.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._begun: dict[_Sort, float] = {}
        self._seen: dict[_Sort, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write a record; the first after some that were not says so."""
        kind, now = _kind(record), self._clock()
        if len(self._begun) >= _KINDS and kind not in self._begun:
            self._begun.clear()
            self._seen.clear()
        if now - self._begun.setdefault(kind, now) >= EVERY_S:
            left_out = self._seen[kind] - SAME
            self._begun[kind], self._seen[kind] = now, 0
            if left_out > 0:
                _tell(record, left_out)
        self._seen[kind] = self._seen.get(kind, 0) + 1
        return self._seen[kind] <= SAME


def _kind(record: logging.LogRecord) -> _Sort:
    where: _Sort = (record.name, record.levelno, record.pathname, record.lineno)
    if isinstance(record.msg, dict):  # structlog's, which come from one place of its own
        where = (record.name, record.levelno, str(record.msg.get("event")))
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return where
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = (trace.tb_frame.f_code, trace.tb_lineno) if trace is not None else ()
    return (*where, type(error), *place)


def _tell(record: logging.LogRecord, left_out: int) -> None:
    if isinstance(record.msg, dict):
        record.msg = record.msg | {"left_out": left_out}
    else:
        record.msg = f"{record.getMessage()} ({left_out} more like this were left out)"
        record.args = ()
