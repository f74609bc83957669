"""What the pointer reads off a bar in words; pure functions."""

import numpy as np

from client.state import text
from client.state.series import TickerSeries
from shared.contract import CLASS_NAMES, Class, interval_seconds
from shared.protocol.answers import Universe
from shared.protocol.past import INTERRUPTED, OPEN, PastBuys


def read_out(
    series: TickerSeries, bar: int, universe: Universe, buys: PastBuys | None = None
) -> str:
    """Return what is known of a bar: its time, prices, volume, what was said then, what came true.

    Args:
        series: The bars.
        bar: Position of one of them.
        universe: What they are of.
        buys: What is known of past buys of the ticker; None where nothing is.
    """
    seconds, zone = interval_seconds(universe.interval), text.zone_of(universe.timezone)
    *prices, traded = series.ohlcv[bar].tolist()
    shown = [text.price(p, universe.decimals) for p in prices]
    forming = " (forming)" if series.forming and bar == len(series) - 1 else ""
    parts = [
        text.bar_time(int(series.bar_ms[bar]), seconds, zone) + forming,
        *(f"{name} {value}" for name, value in zip("OHLC", shown, strict=True)),
        f"V {text.volume(traded)}",
    ]
    shares = series.decision_of_bar()[bar]
    if not np.isnan(shares[0]):
        said = (f"{CLASS_NAMES[c]} {text.percent(float(shares[c]))}" for c in reversed(Class))
        parts.append(" · ".join(said))
    if buys is not None:
        parts += bought(buys, int(series.bar_ms[bar]))
    return "   ".join(parts)


def over_chart(series: TickerSeries, universe: Universe, buys: PastBuys | None) -> str:
    """Return what stands over a chart of which no bar is pointed at.

    Args:
        series: The bars.
        universe: What they are of.
        buys: What is known of past buys of the ticker; None where nothing is.
    """
    parts = [text.interval_words(universe.interval), "the 6-bar window"]
    if buys is not None and buys.count:
        parts.append("buys: ▲ came true, △ did not")
    if series.forming:
        parts.append("the last bar is forming")
    return " · ".join(parts)


def bought(buys: PastBuys, bar_ms: int) -> list[str]:
    """Return what came of the buy on a bar, as one phrase; nothing where none was said."""
    found = np.flatnonzero(buys.bar_ms == bar_ms).tolist()
    return [f"buy {text.percent(float(buys.confidence[i]))}: {_outcome(buys, i)}" for i in found]


def _outcome(buys: PastBuys, i: int) -> str:
    outcome = int(buys.outcome[i])
    if outcome == OPEN:
        return "still open"
    if outcome == INTERRUPTED:
        return "interrupted by a jump or a gap"
    result = float(buys.result[i])
    return f"{CLASS_NAMES[outcome]} came true, {text.arrow(result)} {text.change(result)}"


def when_words(universe: Universe | None, bar_ms: int | None) -> str:
    """Return the time of a bar of the past, in the exchange's time; now without one.

    Args:
        universe: What the bar is of.
        bar_ms: Its close, ms since 1970 UTC.
    """
    if bar_ms is None or universe is None:
        return "now"
    seconds, zone = interval_seconds(universe.interval), text.zone_of(universe.timezone)
    return text.bar_time(bar_ms, seconds, zone)
