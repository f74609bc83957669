"""Who is looked at, of all tickers."""

from dataclasses import dataclass

from shared.contract import Bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Subscribed:
    """The tickers that somebody looks at.

    Attributes:
        heatmap: (n,) bool, whose heatmaps are subscribed to.
        bar: (n,) bool, whose bars are subscribed to.
    """

    heatmap: Bool
    bar: Bool
