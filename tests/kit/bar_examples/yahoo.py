"""Yahoo Finance, and the packages that ask it."""

from tests.kit.bar_files import Example

EXAMPLES = (
    Example(
        shape="yfinance",
        head="Date,Open,High,Low,Close,Adj Close,Volume\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{c},{v}",
    ),
    Example(
        shape="yfinance_history",
        head="Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n",
        row="{t:%Y-%m-%d} 00:00:00{off},{o},{h},{l},{c},{v},0.0,0.0",
        symbols=("005930.KS",),
        market="krx",
        decimals=0,
    ),
    Example(
        shape="yfinance_history",
        head="Datetime,Open,High,Low,Close,Volume,Dividends,Stock Splits\n",
        row="{t:%Y-%m-%d %H:%M:%S}{off},{o},{h},{l},{c},{v},0.0,0.0",
        kind="intraday",
    ),
    Example(
        shape="yfinance_history_raw",
        head="Datetime,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits\n",
        row="{t:%Y-%m-%d %H:%M:%S}{off},{o},{h},{l},{c},{c},{v},0,0",
        kind="intraday",
    ),
    Example(
        shape="generic",  # three rows of names
        head="Price,Close,High,Low,Open,Volume\nTicker,{s},{s},{s},{s},{s}\nDate,,,,,\n",
        row="{t:%Y-%m-%d},{c},{h},{l},{o},{v}",
    ),
    Example(
        shape="fdr_yahoo",
        head=",Open,High,Low,Close,Volume,Adj Close\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{v},{c}",
    ),
)
