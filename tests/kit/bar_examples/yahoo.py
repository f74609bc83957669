"""Yahoo Finance, and the packages that ask it."""

from tests.kit.bar_files import Example

_LISTS = ("{sec}", "{o}", "{h}", "{l}", "{c}", "{v}", "{c}")
_CHART = (
    '{{"chart":{{"result":[{{"meta":{{"currency":"USD","symbol":"{s}","gmtoffset":0,'
    '"exchangeTimezoneName":"Area/City"}},"timestamp":[{0}],"indicators":{{"quote":[{{"open":[{1}],'
    '"high":[{2}],"low":[{3}],"close":[{4}],"volume":[{5}]}}],"adjclose":[{{"adjclose":[{6}]}}]}}}}],'
    '"error":null}}}}'
)

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
        shape="yahoo_chart",
        file="{s}.json",
        row=_CHART,
        across=_LISTS,
    ),
    Example(
        shape="yahoo_chart",
        file="{s}.json",
        row=_CHART,
        across=_LISTS,
        symbols=("7203.T",),
        market="XTKS",
        kind="intraday",
    ),
    Example(
        shape="fdr_yahoo",
        head=",Open,High,Low,Close,Volume,Adj Close\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{v},{c}",
    ),
)
