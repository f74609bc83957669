"""Vendors of American data."""

from functools import partial

from tests.kit.bar_files import Example

_csv = partial(Example)
_intraday = partial(Example, kind="intraday")
_two = partial(Example, file="all.csv", symbols=("AAPL", "MSFT"))
_json = partial(Example, file="{s}.json", join=",")
_RAW = "{{t:{0}}},{{o}},{{h}},{{l}},{{c}},{{v}}"
_DATABENTO = "ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol\n"

EXAMPLES = (
    _json(
        shape="alpaca_polygon",
        head='{"bars":[',
        row='{{"t":"{t:%Y-%m-%dT%H:%M:%S}Z","o":{o},"h":{h},"l":{l},"c":{c},"v":{v},"n":1520,'
        '"vw":187.18}}',
        foot='],"symbol":"AAPL","next_page_token":null}',
        kind="intraday",
        zone="UTC",
    ),
    _json(
        shape="alpaca_polygon",
        head='{"ticker":"AAPL","adjusted":true,"results":[',
        row='{{"v":{v},"vw":187.18,"o":{o},"c":{c},"h":{h},"l":{l},"t":{ms},"n":1520}}',
        foot='],"status":"OK"}',
        kind="intraday",
    ),
    _two(
        shape="alpaca",
        head="symbol,timestamp,open,high,low,close,volume,trade_count,vwap\n",
        row="{s},{mid:%Y-%m-%d %H:%M:%S}+00:00,{o},{h},{l},{c},{v},1008871.0,185.93",
    ),
    _two(
        shape="polygon",
        file="2024-03-11.csv.gz",
        head="ticker,volume,open,close,high,low,window_start,transactions\n",
        row="{s},{v},{o},{c},{h},{l},{ns},129",
        kind="intraday",
    ),
    _two(
        shape="databento_fixed",
        head=_DATABENTO,
        row="{ns},33,2,15144,{o},{h},{l},{c},{v},{s}",
        kind="intraday",
    ),
    _two(
        shape="databento",
        head=_DATABENTO,
        row="{t:%Y-%m-%dT%H:%M:%S}.000000000Z,33,2,15144,{o}0000000,{h}0000000,{l}0000000,"
        "{c}0000000,{v},{s}",
        kind="intraday",
        zone="UTC",
    ),
    _csv(
        shape="alphavantage",
        head="timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,"
        "split_coefficient\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{c},{v},0.0000,1.0",
        newest_first=True,
    ),
    _csv(
        shape="alphavantage_weeks",
        head="timestamp,open,high,low,close,adjusted close,volume,dividend amount\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{c},{v},0.0000",
        kind="weekly",
        newest_first=True,
    ),
    _intraday(
        shape="alphavantage_intraday",
        head="timestamp,open,high,low,close,volume\n",
        row=_RAW.format("%Y-%m-%d %H:%M:%S"),
        newest_first=True,
        said={"source": "alphavantage_intraday"},
    ),
    _csv(
        shape="tiingo",
        head="date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,"
        "splitFactor\n",
        row="{t:%Y-%m-%d},{c},{h},{l},{o},{v},{c},{h},{l},{o},{v},0.0,1.0",
    ),
    _csv(
        shape="eodhd",
        file="{s}.csv",
        head="Date,Open,High,Low,Close,Adjusted_close,Volume\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{c},{v}",
        symbols=("AAPL.US",),
    ),
    _intraday(
        shape="eodhd_intraday",
        head="Timestamp,Gmtoffset,Datetime,Open,High,Low,Close,Volume\n",
        row="{sec},0,{t:%Y-%m-%d %H:%M:%S},{o},{h},{l},{c},{v}",
        zone="UTC",
    ),
    _csv(
        shape="quandl_wiki",
        head="Date,Open,High,Low,Close,Volume,Ex-Dividend,Split Ratio,Adj. Open,Adj. High,"
        "Adj. Low,Adj. Close,Adj. Volume\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{v},0.0,1.0,{o},{h},{l},{c},{v}",
        newest_first=True,
    ),
    _two(
        shape="sharadar",
        head="ticker,date,open,high,low,close,volume,closeadj,closeunadj,lastupdated\n",
        row="{s},{t:%Y-%m-%d},{o},{h},{l},{c},{v},{c},999.5,2024-03-30",
    ),
    _csv(
        shape="crsp",
        file="dsf.csv",
        head="PERMNO,date,TICKER,CUSIP,BIDLO,ASKHI,PRC,VOL,RET,SHROUT,CFACPR,CFACSHR,OPENPRC\n",
        row="{s},{t:%Y%m%d},AAPL,03783310,{l},{h},{sign}{c},{v},-0.035787,15552752,1.0,1.0,{o}",
        symbols=("14593",),
    ),
    _csv(
        shape="crsp_ciz",
        file="dsf.csv",
        head="PERMNO,DlyCalDt,Ticker,DlyPrc,DlyVol,DlyLow,DlyHigh,DlyOpen\n",
        row="{s},{t:%Y-%m-%d},AAPL,{c},{v},{l},{h},{o}",
        symbols=("14593",),
    ),
    _intraday(
        shape="firstrate",
        file="{s}_full_5min_UNADJUSTED.txt",
        row=_RAW.format("%Y-%m-%d %H:%M:%S"),
    ),
    _intraday(
        shape="firstrate_adjusted",
        file="{s}_full_5min_adjsplitdiv.txt",
        row=_RAW.format("%Y-%m-%d %H:%M:%S"),
    ),
    _intraday(
        shape="kibot",
        file="{s}.txt",
        row="{t:%m/%d/%Y},{t:%H:%M},{o},{h},{l},{c},{v}",
        said={"source": "kibot"},
    ),
    _intraday(
        shape="quantquote",
        file="table_{low}.csv",
        row="{t:%Y%m%d},{t:%-H%M},{o},{h},{l},{c},{v},1,0,0",
        symbols=("AAPL",),
    ),
    _two(
        shape="norgate",
        head="Symbol,Date,Open,High,Low,Close,Volume,Turnover,Unadjusted Close,Dividend\n",
        row="{s},{t:%Y-%m-%d},{o},{h},{l},{c},{v},15312000000,{c},0",
        said={"market": "us"},
    ),
    _two(
        shape="simfin",
        head="Ticker;SimFinId;Date;Dividend;Open;Low;High;Close;Adj. Close;Volume;"
        "Shares Outstanding\n",
        row="{s};111052;{t:%Y-%m-%d};;{o};{l};{h};{c};{c};{v};15552752",
        said={"market": "us"},
    ),
    _json(
        shape="fmp",
        head='{"symbol":"AAPL","historical":[',
        row='{{"date":"{t:%Y-%m-%d}","open":{o},"high":{h},"low":{l},"close":{c},"adjClose":{c},'
        '"volume":{v},"unadjustedVolume":{v},"vwap":187.1,"changeOverTime":0.01}}',
        foot="]}",
        newest_first=True,
    ),
    _intraday(
        shape="barchart",
        file="{s}.csv",
        head='Symbol,Time,Open,High,Low,Last,Change,%Chg,Volume,"Open Int"\n',
        row="{s},{t:%Y-%m-%d %H:%M},{o},{h},{l},{c},2.75,+0.06%,{v},2210000",
        zone="America/Chicago",
    ),
    _intraday(
        shape="barchart_latest",
        head="Time,Open,High,Low,Latest,Change,%Change,Volume\n",
        row='"{t:%Y-%m-%d %H:%M}",{o},{h},{l},{c},2.75,+0.06%,{v}',
        zone="America/Chicago",
    ),
    _csv(
        shape="lean",
        file="{low}.csv",
        row="{t:%Y%m%d} 00:00,{o},{h},{l},{c},{v}",
        symbols=("AAPL",),
    ),
    _intraday(
        shape="lean_minutes",
        file="{t:%Y%m%d}_{low}_minute_trade.csv",
        row="{day_ms},{o},{h},{l},{c},{v}",
        symbols=("AAPL",),
    ),
)
