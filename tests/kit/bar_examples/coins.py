"""Collectors of coins' bars."""

from functools import partial

from tests.kit.bar_files import Example

_csv = partial(Example, market="crypto", kind="intraday", symbols=("BTC-USDT",), volume_decimals=3)
_json = partial(_csv, file="{s}.json", join=",", head="[", foot="]")
_ISO = "{t:%Y-%m-%dT%H:%M:%S}.000Z"
_FROM = "https://www.CryptoDataDownload.com\n"

EXAMPLES = (
    _csv(
        shape="ccxt",
        row="{ms},{o},{h},{l},{c},{v}",
        said={"source": "ccxt"},
    ),
    _csv(
        shape="generic",
        head="timestamp,open,high,low,close,volume\n",
        row="{ms},{o},{h},{l},{c},{v}",
    ),
    _json(
        shape="freqtrade_json",
        file="{s}-5m.json",
        row="[{ms},{o},{h},{l},{c},{v}]",
        symbols=("BTC_USDT",),
    ),
    _json(
        shape="freqtrade_json",
        file="{s}-5m-futures.json.gz",
        row="[{ms},{o},{h},{l},{c},{v}]",
        symbols=("BTC_USDT_USDT",),
    ),
    _csv(
        shape="freqtrade",
        file="{s}-5m.feather",
        head="date,open,high,low,close,volume\n",
        row="{t:%Y-%m-%dT%H:%M:%S}+00:00,{o},{h},{l},{c},{v}",
        symbols=("BTC_USDT",),
    ),
    _csv(
        shape="cryptodatadownload",
        file="binance.csv",
        head=_FROM + "unix,date,symbol,open,high,low,close,Volume BTC,Volume USDT,tradecount\n",
        row="{ms},{t:%Y-%m-%d %H:%M:%S},{s},{o},{h},{l},{c},{v},2116360.10,12",
        symbols=("BTC/USDT",),
        newest_first=True,
    ),
    _csv(
        shape="cryptodatadownload_gemini",
        file="gemini.csv",
        head=_FROM + "Unix Timestamp,Date,Symbol,Open,High,Low,Close,Volume\n",
        row="{ms},{t:%Y-%m-%d %H:%M:%S},{s},{o},{h},{l},{c},{v}",
        symbols=("BTCUSD",),
        newest_first=True,
    ),
    _csv(
        shape="coinmarketcap",
        head="timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;"
        "timestamp\n",
        row='"' + _ISO + '";"2024-03-11T23:59:59.999Z";"2024-03-11T15:53:00.000Z";'
        '"2024-03-11T00:34:00.000Z";"2781";{o};{h};{l};{c};{v};2204868781000;'
        '"2024-03-11T23:59:59.999Z"',
        kind="daily",
        newest_first=True,
        encoding="utf-8-sig",
    ),
    _json(
        shape="cryptocompare",
        head='{"Response":"Success","Data":{"Aggregated":false,"Data":[',
        row='{{"time":{sec},"high":{h},"low":{l},"open":{o},"volumefrom":{v},"volumeto":9000.5,'
        '"close":{c},"conversionType":"direct","conversionSymbol":""}}',
        foot="]}}",
    ),
    _csv(
        shape="coinapi",
        head="time_period_start,time_period_end,time_open,time_close,price_open,price_high,"
        "price_low,price_close,volume_traded,trades_count\n",
        row=f"{_ISO},{{e:%Y-%m-%dT%H:%M:%S}}Z,{_ISO},{{e:%Y-%m-%dT%H:%M:%S}}Z,"
        "{o},{h},{l},{c},{v},12",
    ),
    _csv(
        shape="bitmex",
        file="bitmex.csv",
        head="timestamp,symbol,open,high,low,close,trades,volume,vwap,lastSize,turnover,"
        "homeNotional,foreignNotional\n",
        row=_ISO + ",{s},{o},{h},{l},{c},12,{v},42300,10,1000,1.5,64000",
        symbols=("XBTUSD",),
        stamp="close",
        volume_decimals=0,
    ),
    _json(
        shape="htx",
        head='{"ch":"market.btcusdt.kline.5min","data":[',
        row='{{"id":{sec},"open":{o},"close":{c},"low":{l},"high":{h},"amount":{v},"vol":9000.5,'
        '"count":12}}',
        foot="]}",
    ),
    _json(
        shape="hyperliquid",
        row='{{"t":{ms},"T":{end_ms},"s":"{s}","i":"5m","o":"{o}","c":"{c}","h":"{h}","l":"{l}",'
        '"v":"{v}","n":2300}}',
        symbols=("BTC",),
        file="candles.json",
    ),
    _csv(
        shape="kaggle_bitcoin",
        head="Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price\n",
        row="{sec},{o},{h},{l},{c},{v},2.0000000193,{c}",
    ),
    _csv(
        shape="g_research",
        file="train.csv",
        head="timestamp,Asset_ID,Count,Open,High,Low,Close,Volume,VWAP,Target\n",
        row="{sec},{s},12,{o},{h},{l},{c},{v},{c},0.001",
        symbols=("1", "6"),
    ),
)
