"""Whether the times of bars can be closes, by the clock of the exchange."""

import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from models.data.table import BarTable
from models.evaluation.lookahead.checks import TIMES_PART, LookaheadCheck
from shared.contract import Int64, interval_seconds

_DAY_S: Final = 86_400


def check_sessions(table: BarTable) -> list[LookaheadCheck]:
    """Hold the times of bars against the close of the session in which they were made.

    A daily bar is not complete before the session ends. Where nearly every day's last intraday bar
    closes one bar before the session does, its times are those of the opens.
    """
    market = table.market
    if market.session_close == "24:00":
        return []  # the market never rests, so the clock tells nothing
    hours, minutes = map(int, market.session_close.split(":"))
    interval_s = interval_seconds(table.interval)
    end = hours * 3600 + minutes * 60
    last = _last_second_of_days(table)
    early = last < end if interval_s >= _DAY_S else last == end - interval_s
    share = float(early.mean())
    return [
        LookaheadCheck(
            part=TIMES_PART,
            name="session",
            compared=len(last),
            difference=float(early.sum()),
            leaks=share > 0.5,
        )
    ]


def _last_second_of_days(table: BarTable) -> Int64:
    # (days,) second of the local day at which its last bar closes.
    zone = ZoneInfo(table.market.timezone)
    last: dict[datetime.date, int] = {}
    for ms in np.unique(table.bar_ms).tolist():
        local = datetime.datetime.fromtimestamp(ms / 1000, zone)
        last[local.date()] = local.hour * 3600 + local.minute * 60 + local.second
    return np.array(list(last.values()), dtype=np.int64)
