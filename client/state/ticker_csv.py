"""What a ticker's window knows of its bars, as CSV; pure functions."""

import csv
import datetime
import io

import numpy as np

from client.state import text
from client.state.series import TickerSeries
from shared.contract import CLASS_NAMES
from shared.protocol.answers import Universe
from shared.protocol.past import OPEN, PastBuys

_HEAD = ("symbol", "close_time", "open", "high", "low", "close", "volume", *CLASS_NAMES)
_BUY = ("buy", "came_true", "result")


def ticker_csv(
    symbol: str, series: TickerSeries, universe: Universe, buys: PastBuys | None = None
) -> bytes:
    """Return a line a bar, oldest first, in UTF-8: prices, what was said, and what came of buys.

    Times are of the exchange, ISO 8601 with their offset; what is not known is empty.

    Args:
        symbol: The ticker, whose zeros are kept.
        series: Its bars and decisions.
        universe: What they are of.
        buys: What is known of its past buys; None where nothing is.
    """
    zone, sheet = text.zone_of(universe.timezone), io.StringIO()
    lines = csv.writer(sheet, lineterminator="\n")
    lines.writerow((*_HEAD, *_BUY))
    shares = series.decision_of_bar()
    for bar, bar_ms in enumerate(series.bar_ms.tolist()):
        time = datetime.datetime.fromtimestamp(bar_ms / 1000, zone).isoformat()
        said = ["" if np.isnan(share) else f"{share:.6f}" for share in shares[bar].tolist()]
        lines.writerow((symbol, time, *series.ohlcv[bar].tolist(), *said, *_bought(buys, bar_ms)))
    return sheet.getvalue().encode()


def _bought(buys: PastBuys | None, bar_ms: int) -> tuple[str, str, str]:
    found = [] if buys is None else np.flatnonzero(buys.bar_ms == bar_ms).tolist()
    if buys is None or not found:
        return "", "", ""
    outcome, said = int(buys.outcome[found[0]]), f"{float(buys.confidence[found[0]]):.6f}"
    if outcome < 0:
        return said, "open" if outcome == OPEN else "interrupted", ""
    return said, CLASS_NAMES[outcome], f"{float(buys.result[found[0]]):.6f}"
