"""Columns that hold what no market makes: told, because nothing else would show it."""

from typing import Final

import numpy as np

from models.data.sources.findings import JudgedRows
from shared.contract import Bool, Float64

_LEAST: Final = 20  # bars, of which fewer may be alike by chance
_MOST: Final = 0.9  # of the bars


def suspicious(judged: JudgedRows, *, rests: bool) -> tuple[str, ...]:
    """Return what is odd about the columns of bars, in sentences.

    Args:
        judged: The bars, by ticker and time.
        rests: Whether the market closes between two bars, so that opens differ from the close
            before.
    """
    usable = judged.code == 0
    ohlcv = judged.rows.ohlcv if usable.all() else judged.rows.ohlcv[usable]
    if len(ohlcv) < _LEAST:
        return ()
    opens, high, low, close, volume = ohlcv.T
    counts = {
        "open and close are the same": (_count(opens == close), len(ohlcv)),
        "high and low are the same": (_count(high == low), len(ohlcv)),
    }
    if rests:
        row = judged.rows.row if usable.all() else judged.rows.row[usable]
        follows = row[1:] == row[:-1]
        same = follows & (opens[1:] == close[:-1])
        counts["the open is the close of the bar before"] = (_count(same), _count(follows))
    said = [_often(what, some, of) for what, (some, of) in counts.items()]
    constants = {"close": close, "volume": volume}
    said += [_constant(name, values) for name, values in constants.items()]
    return tuple(filter(None, said))


def _count(where: Bool) -> int:
    return int(np.count_nonzero(where))


def _often(what: str, some: int, of: int) -> str:
    share = some / of if of >= _LEAST else 0.0
    return f"{what} in {share:.0%} of the bars" if share > _MOST else ""


def _constant(name: str, values: Float64) -> str:
    return f"the {name} is {values[0]:.12g} in every bar" if np.all(values == values[0]) else ""
