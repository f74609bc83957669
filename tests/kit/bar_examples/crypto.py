"""Exchanges of coins."""

from functools import partial

from tests.kit.bar_files import Example

_csv = partial(Example, market="crypto", kind="intraday", symbols=("BTC-USDT",), volume_decimals=3)
_json = partial(_csv, file="{s}.json", join=",", head="[", foot="]")
_krw = partial(_csv, symbols=("KRW-BTC",), decimals=0)

EXAMPLES = (
    _krw(
        shape="upbit",
        file="upbit.csv",
        head="market,candle_date_time_utc,candle_date_time_kst,opening_price,high_price,low_price,"
        "trade_price,timestamp,candle_acc_trade_price,candle_acc_trade_volume,unit\n",
        row="{s},{t:%Y-%m-%dT%H:%M:%S},2024-03-11T09:00:00,{o},{h},{l},{c},1751371319120,2011.5,{v},5",
        newest_first=True,
    ),
    _krw(
        shape="upbit",
        file="upbit.json",
        head="[",
        row='{{"market":"{s}","candle_date_time_utc":"{t:%Y-%m-%dT%H:%M:%S}",'
        '"candle_date_time_kst":"2024-03-11T09:00:00","opening_price":{o}.0,"high_price":{h}.0,'
        '"low_price":{l}.0,"trade_price":{c}.0,"timestamp":{end_ms},'
        '"candle_acc_trade_price":2011.5,"candle_acc_trade_volume":{v}}}',
        join=",",
        foot="]",
        kind="daily",
        newest_first=True,
    ),
    _krw(
        shape="pyupbit",
        head=",open,high,low,close,volume,value\n",
        row="{t:%Y-%m-%d %H:%M:%S},{o}.0,{h}.0,{l}.0,{c}.0,{v},132900000000.0",
        zone="Asia/Seoul",
    ),
    _krw(
        shape="pyupbit",
        head=",open,high,low,close,volume,value\n",
        row="{t:%Y-%m-%d %H:%M:%S},{o}.0,{h}.0,{l}.0,{c}.0,{v},132900000000.0",
        zone="Asia/Seoul",
        kind="daily",
    ),
    _json(
        shape="bithumb",
        head='{"status":"0000","data":[',
        row='[{ms},"{o}","{c}","{h}","{l}","{v}"]',
        foot="]}",
        symbols=("BTC_KRW",),
        said={"source": "bithumb"},
    ),
    _csv(
        shape="pybithumb",
        head="time,open,high,low,close,volume\n",
        row="{t:%Y-%m-%d %H:%M:%S},{o},{h},{l},{c},{v}",
        zone="Asia/Seoul",
        symbols=("BTC_KRW",),
        said={"source": "pybithumb"},
    ),
    _json(
        shape="coinone",
        head='{"result":"success","is_last":false,"chart":[',
        row='{{"timestamp":{ms},"open":"{o}","high":"{h}","low":"{l}","close":"{c}",'
        '"target_volume":"{v}","quote_volume":"231000000"}}',
        foot="]}",
        symbols=("BTC_KRW",),
        newest_first=True,
    ),
    _json(
        shape="gopax",
        row="[{ms},{l},{h},{o},{c},{v}]",
        symbols=("BTC-KRW",),
        said={"source": "gopax"},
    ),
    _csv(
        shape="binance",
        file="{s}-5m-2024-03.csv",
        row="{ms},{o},{h},{l},{c},{v},{end_ms},1169381.2,1520,6.1,570658.0,0",
        symbols=("BTCUSDT",),
    ),
    _csv(
        shape="binance",
        file="{s}-5m-2025-03.zip",
        row="{us},{o},{h},{l},{c},{v},{end_ms}999,1169381.2,1520,6.1,570658.0,0",
        symbols=("BTCUSDT",),
    ),
    _csv(
        shape="binance_futures",
        file="{s}-5m-2024-03.csv",
        head="open_time,open,high,low,close,volume,close_time,quote_volume,count,"
        "taker_buy_volume,taker_buy_quote_volume,ignore\n",
        row="{ms},{o},{h},{l},{c},{v},{end_ms},5105623.1,2300,60.2,2551002.7,0",
        symbols=("BTCUSDT",),
    ),
    _csv(
        shape="binance_frame",
        head="Open time,Open,High,Low,Close,Volume,Close time,Quote asset volume,"
        "Number of trades,Taker buy base asset volume,Taker buy quote asset volume,Ignore\n",
        row="{t:%Y-%m-%d %H:%M:%S},{o},{h},{l},{c},{v},{end_ms},5105623.1,2300,60.2,2551002.7,0",
        symbols=("BTCUSDT",),
    ),
    _csv(
        shape="python_binance",
        head="timestamp,open,high,low,close,volume,close_time,quote_av,trades,tb_base_av,"
        "tb_quote_av,ignore\n",
        row="{t:%Y-%m-%d %H:%M:%S},{o},{h},{l},{c},{v},{end_ms},5105623.1,2300,60.2,2551002.7,0",
        symbols=("BTCUSDT",),
    ),
    _json(
        shape="mexc",
        row='[{ms},"{o}","{h}","{l}","{c}","{v}",{end_ms},"5105623.1"]',
        symbols=("BTCUSDT",),
    ),
    _json(
        shape="bybit",
        head='{"retCode":0,"result":{"symbol":"BTCUSDT","category":"linear","list":[',
        row='["{ms}","{o}","{h}","{l}","{c}","{v}","4168511.0"]',
        foot="]}}",
        symbols=("BTCUSDT",),
        newest_first=True,
    ),
    _csv(
        shape="bybit_named",
        head="startTime,openPrice,highPrice,lowPrice,closePrice,volume,turnover\n",
        row="{ms},{o},{h},{l},{c},{v},4168511.0",
        symbols=("BTCUSDT",),
    ),
    _csv(
        shape="bybit_mt4",
        file="{s}_5_2024-03-01_2024-03-31.csv.gz",
        row="{t:%Y.%m.%d %H:%M},{o},{h},{l},{c},{v}",
        symbols=("BTCUSDT",),
        said={"timezone": "UTC"},
    ),
    _json(
        shape="okx",
        head='{"code":"0","data":[',
        row='["{ms}","{o}","{h}","{l}","{c}","{v}","98.3","4168511","1"]',
        foot="]}",
        newest_first=True,
    ),
    _csv(
        shape="okx_bulk",
        file="candles.zip",
        head="instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm\n",
        row="{s},{o},{h},{l},{c},{v},2350.32,9024127.3,{ms},1",
        symbols=("BTC-USDT-SWAP", "ETH-USDT-SWAP"),
    ),
    _json(
        shape="bitget",
        head='{"code":"00000","data":[',
        row='["{ms}","{o}","{h}","{l}","{c}","{v}","5105623.1","5105623.1"]',
        foot="]}",
        symbols=("BTCUSDT",),
    ),
    _csv(
        shape="kraken",
        file="{s}_5.csv",
        row="{sec},{o},{h},{l},{c},{v},2300",
        symbols=("XBTUSD",),
    ),
    _json(
        shape="kraken_rest",
        head='{"error":[],"result":{"XXBTZUSD":[',
        row='[{sec},"{o}","{h}","{l}","{c}","{c}","{v}",2300]',
        foot='],"last":1704070800}}',
        symbols=("XBTUSD",),
    ),
    _json(
        shape="coinbase",
        row="[{sec},{l},{h},{o},{c},{v}]",
        symbols=("BTC-USD",),
        newest_first=True,
        said={"source": "coinbase"},
    ),
    _json(
        shape="coinbase_advanced",
        head='{"candles":[',
        row='{{"start":"{sec}","low":"{l}","high":"{h}","open":"{o}","close":"{c}","volume":"{v}"}}',
        foot="]}",
        symbols=("BTC-USD",),
        newest_first=True,
    ),
    _json(
        shape="bitfinex",
        row="[{ms},{o},{c},{h},{l},{v}]",
        newest_first=True,
        said={"source": "bitfinex"},
    ),
    _json(
        shape="kucoin",
        head='{"code":"200000","data":[',
        row='["{sec}","{o}","{c}","{h}","{l}","{v}","4168511"]',
        foot="]}",
        newest_first=True,
        said={"source": "kucoin"},
    ),
    _json(
        shape="gate",
        row='["{sec}","5105623","{c}","{h}","{l}","{o}","{v}","true"]',
        symbols=("BTC_USDT",),
    ),
)
