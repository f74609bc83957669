"""Which bar of the past a window looks at next; pure functions of times."""

import numpy as np

from shared.contract import Int64


def stepped(times: Int64, now_ms: int | None, steps: int) -> int | None:
    """Return the time that lies `steps` further than where one is; None is the newest, and now.

    Args:
        times: (n,) int64, rising, ms since 1970 UTC.
        now_ms: Where one is, which need not be one of them; None is behind the newest.
        steps: Below 0 into the past; not 0.
    """
    if not len(times):
        return None
    newest = int(times[-1])
    if now_ms is None:
        now_ms = newest
    if steps < 0:
        place = int(np.searchsorted(times, now_ms, side="left")) + steps
    else:
        place = int(np.searchsorted(times, now_ms, side="right")) + steps - 1
    place = max(place, 0)
    return None if place >= len(times) - 1 else int(times[place])


def stepped_buy(buys: Int64, now_ms: int | None, steps: int) -> int | None:
    """Return the time of the buy that lies `steps` further; None behind the newest.

    Args:
        buys: (n,) int64, rising, ms since 1970 UTC.
        now_ms: Where one is; None is behind all.
        steps: Below 0 into the past; not 0.
    """
    if steps < 0:
        end = len(buys) if now_ms is None else int(np.searchsorted(buys, now_ms, side="left"))
        return int(buys[max(end + steps, 0)]) if len(buys) else None
    if now_ms is None:
        return None
    place = int(np.searchsorted(buys, now_ms, side="right")) + steps - 1
    return int(buys[place]) if place < len(buys) else None
