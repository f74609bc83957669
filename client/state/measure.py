"""What lies between two places of a chart; pure functions."""

import dataclasses

from client.state import text
from client.state.series import TickerSeries
from shared.protocol.answers import Universe


@dataclasses.dataclass(frozen=True)
class ChartPoint:
    """A place on a chart.

    Attributes:
        bar: The bar.
        price: The price, in currency.
    """

    bar: int
    price: float


def measured(series: TickerSeries, universe: Universe, start: ChartPoint, end: ChartPoint) -> str:
    """Return the bars, the change and the time from one place to another, as words.

    Args:
        series: The bars; a place outside of them counts as the nearest.
        universe: What they are of.
        start: Where it begins.
        end: Where it ends.
    """
    bars = end.bar - start.bar
    words = [f"{abs(bars)} bar{'' if abs(bars) == 1 else 's'}{' back' if bars < 0 else ''}"]
    if start.price > 0:
        change = end.price / start.price - 1
        difference = abs(end.price - start.price)
        sign = "+" if change >= 0 else "\N{MINUS SIGN}"
        words.append(f"{text.arrow(change)} {text.change(change)}".strip())
        words.append(f"{sign}{text.price(difference, universe.decimals)}")
    if len(series):
        first, last = (series.bar_ms[min(max(p.bar, 0), len(series) - 1)] for p in (start, end))
        words.append(text.age(abs(int(last) - int(first))))
    return " · ".join(words)
