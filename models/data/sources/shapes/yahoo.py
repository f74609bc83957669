"""Yahoo Finance, and the packages that ask it: adjusted closes stand beside raw ones, or instead.

Files with two or three rows of names are unstacked before they are recognized, and read as usual.
"""

from typing import Final

from models.data.sources.shape import Shape

_YFINANCE: Final = "https://ranaroussi.github.io/yfinance"
_LONDON: Final = "Europe/London"  # the exchangeTimezoneName that Yahoo gives of EURUSD=X

SHAPES: Final[tuple[Shape, ...]] = (
    Shape(
        name="yfinance",
        title="yfinance before 0.2.51, or Yahoo's own download",
        has=("Date", "Open", "High", "Low", "Close", "Adj Close", "Volume"),
        stamp="open",
        day_zone=_LONDON,
        source=_YFINANCE,
    ),
    Shape(
        name="yfinance_history",
        title="yfinance, Ticker.history()",
        has=("Open", "High", "Low", "Close", "Volume", "Dividends", "Stock Splits"),
        lacks=("Adj Close",),
        stamp="open",
        adjusted=True,
        day_zone=_LONDON,
        source=_YFINANCE,
    ),
    Shape(
        name="yfinance_history_raw",
        title="yfinance, Ticker.history(auto_adjust=False)",
        has=("Open", "High", "Low", "Close", "Adj Close", "Volume", "Dividends", "Stock Splits"),
        stamp="open",
        day_zone=_LONDON,
        source=_YFINANCE,
    ),
    Shape(
        name="yahoo_chart",
        title="Yahoo, what its charts load",
        has=("exchangeTimezoneName", "timestamp", "open", "high", "low", "close", "volume"),
        stamp="open",
        day_zone=_LONDON,
        source="https://query1.finance.yahoo.com/v8/finance/chart/AAPL",
    ),
    Shape(
        name="fdr_yahoo",
        title="FinanceDataReader, markets outside of Korea",
        has=("", "Open", "High", "Low", "Close", "Volume", "Adj Close"),
        lacks=("Date",),
        day_zone=_LONDON,
        source="https://github.com/FinanceData/FinanceDataReader",
    ),
)
