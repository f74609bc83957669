"""Packages for research, and sets that many people learn from."""

from tests.kit.bar_files import Example

EXAMPLES = (
    Example(
        shape="backtrader",
        head="Date,Open,High,Low,Close,Volume,OpenInterest\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{v},0",
    ),
    Example(
        shape="zipline",
        head="date,open,high,low,close,volume,dividend,split\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{v},0.0,1.0",
    ),
    Example(
        shape="finrl",
        file="train_data.csv",
        head=",date,tic,open,high,low,close,volume,day\n",
        row="{n},{t:%Y-%m-%d},{s},{o},{h},{l},{c},{v}.0,{t:%w}",
        symbols=("AAPL", "AMGN"),
    ),
    Example(
        shape="kaggle_sp500",
        file="all_stocks_5yr.csv",
        head="date,open,high,low,close,volume,Name\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{v},{s}",
        symbols=("AAL", "BRK.B"),
    ),
    Example(
        shape="kaggle_us",
        file="{low}.us.txt",
        head="Date,Open,High,Low,Close,Volume,OpenInt\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{v},0",
        symbols=("AAPL",),
    ),
    Example(  # an index without a name, the commonest CSV of pandas
        shape="generic",
        head=",Open,High,Low,Close,Volume\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{v}",
    ),
)
