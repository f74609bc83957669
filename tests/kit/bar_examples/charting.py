"""Charting and trading platforms."""

from functools import partial

from tests.kit.bar_files import Example

_ROW = "{o},{h},{l},{c},{v}"
_us = partial(Example, kind="intraday")
_forex = partial(
    Example, kind="intraday", market="24/5", symbols=("EURUSD",), decimals=5, zone="Europe/Athens"
)
_CHARTS = {
    "korea": ("KRX", "005930", "krx"),
    "us": ("NASDAQ", "AAPL", "us"),
    "japan": ("TSE", "7203", "XTKS"),
    "china": ("SSE", "600519", "XSHG"),
    "hong_kong": ("HKEX", "700", "XHKG"),
    "taiwan": ("TWSE", "2330", "XTAI"),
    "india": ("NSE", "INFY", "XBOM"),
    "london": ("LSE", "VOD", "XLON"),
    "germany": ("XETR", "SAP", "XETR"),
    "canada": ("TSX", "RY", "XTSE"),
    "forex": ("FX_IDC", "EURUSD", "24/5"),
    "coins": ("BITSTAMP", "BTCUSD", "crypto"),
}
_ATHENS = {"timezone": "Europe/Athens"}
_META = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>"

EXAMPLES = (
    *(
        Example(
            shape=f"tradingview_{country}",
            file=f"{exchange}_{{s}}, 5.csv",
            head="time,open,high,low,close,Volume,Volume MA\n",
            row="{sec}," + _ROW + ",",
            kind="intraday",
            symbols=(symbol,),
            market=market,
            decimals=2,
        )
        for country, (exchange, symbol, market) in _CHARTS.items()
    ),
    _forex(shape="mt4", file="{s}5.csv", row="{t:%Y.%m.%d},{t:%H:%M}," + _ROW, said=_ATHENS),
    _forex(
        shape="mt5",
        file="{s}_M5_202403110000_202403152345.csv",
        head="<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n",
        row="{t:%Y.%m.%d}\t{t:%H:%M:%S}\t{o}\t{h}\t{l}\t{c}\t{v}\t0\t5",
        encoding="utf-16",
        said=_ATHENS,
    ),
    _forex(
        shape="mt5_python",
        head="time,open,high,low,close,tick_volume,spread,real_volume\n",
        row="{t:%Y-%m-%d %H:%M:%S}," + _ROW + ",5,0",
        said=_ATHENS,
    ),
    _forex(
        shape="histdata",
        file="DAT_ASCII_{s}_M1_202403.csv",
        row="{t:%Y%m%d %H%M%S};{o};{h};{l};{c};{v}",
        zone="Etc/GMT+5",
    ),
    _forex(
        shape="histdata_mt",
        file="DAT_MT_{s}_M1_202403.csv",
        row="{t:%Y.%m.%d},{t:%H:%M}," + _ROW,
        zone="Etc/GMT+5",
    ),
    _us(
        shape="ninjatrader",
        file="{s}.Last.txt",
        row="{t:%Y%m%d %H%M%S};{o};{h};{l};{c};{v}",
        stamp="close",
        zone="UTC",
        said={"timezone": "UTC", "market": "us"},
    ),
    Example(
        shape="ninjatrader_days",
        file="{s}.Last.txt",
        row="{t:%Y%m%d};{o};{h};{l};{c};{v}",
        said={"market": "us"},
    ),
    _us(
        shape="tradestation",
        head='"Date","Time","Open","High","Low","Close","Up","Down"\n',
        row="{t:%m/%d/%Y},{t:%H:%M},{o},{h},{l},{c},{v},0",
        stamp="close",
    ),
    Example(
        shape="tradestation_days",
        head='"Date","Time","Open","High","Low","Close","Vol","OI"\n',
        row="{t:%m/%d/%Y},16:00," + _ROW + ",0",
    ),
    _forex(
        shape="dukascopy_local",
        head="Local time,Open,High,Low,Close,Volume\n",
        row="{t:%d.%m.%Y %H:%M:%S}.000 GMT{t:%z}," + _ROW,
        zone="Asia/Seoul",
    ),
    _forex(
        shape="dukascopy",
        file="{s}_Candlestick_5_M_BID_11.03.2024-15.03.2024.csv",
        head="Gmt time,Open,High,Low,Close,Volume\n",
        row="{t:%d.%m.%Y %H:%M:%S}.000," + _ROW,
        zone="UTC",
    ),
    _forex(
        shape="dukascopy_node",
        file="{low}-m5-bid-2024-03-11-2024-03-15.csv",
        head="timestamp,open,high,low,close,volume\n",
        row="{ms}," + _ROW,
        symbols=("EURUSD",),
        zone="UTC",
    ),
    _us(
        shape="sierra",
        file="{s}.txt",
        head="Date, Time, Open, High, Low, Last, Volume, NumberOfTrades, BidVolume, AskVolume\n",
        row="{t:%Y/%-m/%-d}, {t:%H:%M:%S}, {o}, {h}, {l}, {c}, {v}, 4210, 7600, 7721",
        zone="UTC",
        said={"timezone": "UTC", "market": "us"},
    ),
    _us(
        shape="sierra_bars",
        file="{s}_BarData.txt",
        head="Date, Time, Open, High, Low, Last, Volume, # of Trades, OHLC Avg, HLC Avg, HL Avg\n",
        row="{t:%Y/%-m/%-d}, {t:%H:%M:%S}, {o}, {h}, {l}, {c}, {v}, 4210, 1.0, 1.0, 1.0",
        zone="America/Chicago",
        said={"timezone": "America/Chicago", "market": "us"},
    ),
    _us(
        shape="ib_insync",
        head=",date,open,high,low,close,volume,average,barCount\n",
        row="{n},{t:%Y-%m-%d %H:%M:%S}{off},{o},{h},{l},{c},{v},187.18,1520",
    ),
    _us(
        shape="ib",
        head="date,open,high,low,close,volume,wap,count\n",
        row="{t:%Y%m%d  %H:%M:%S}," + _ROW + ",187.18,1520",
        said={"timezone": "America/New_York"},
    ),
    _us(
        shape="ib",  # since TWS 10 with the zone that was asked for
        head="date,open,high,low,close,volume,wap,count\n",
        row="{t:%Y%m%d %H:%M:%S} US/Eastern," + _ROW + ",187.18,1520",
        kind="intraday",
    ),
    _us(
        shape="visualchart",
        row="{s},I,{t:%Y%m%d},{t:%-H%M%S}," + _ROW + ",0",
        stamp="close",
        said={"market": "us"},
    ),
    Example(
        shape="stooq",
        file="{s}.txt",
        head=_META + ",<OPENINT>\n",
        row="{s},D,{t:%Y%m%d},000000," + _ROW + ",0",
        symbols=("AAPL.US",),
    ),
    _us(
        shape="metastock",
        file="all.txt",
        head=_META + "\n",
        row="{s},5,{t:%Y%m%d},{t:%H%M%S}," + _ROW,
        said={"market": "us", "timezone": "America/New_York"},
    ),
    _forex(
        shape="metastock_dt",
        file="all.txt",
        head=_META.replace("DATE", "DTYYYYMMDD") + ",<OPENINT>\n",
        row="{s},I,{t:%Y%m%d},{t:%H%M%S}," + _ROW + ",0",
        said=_ATHENS,
    ),
    Example(
        shape="tsetmc",
        head="<TICKER>,<DTYYYYMMDD>,<FIRST>,<HIGH>,<LOW>,<CLOSE>,<VALUE>,<VOL>,<OPENINT>,<PER>,"
        "<OPEN>,<LAST>\n",
        row="{s},{t:%Y%m%d},{o},{h},{l},1.0,99,{v},0,D,1.0,{c}",
        said={"market": "us"},
    ),
    _forex(
        shape="fxcm",
        head="date,bidopen,bidclose,bidhigh,bidlow,askopen,askclose,askhigh,asklow,tickqty\n",
        row="{t:%Y-%m-%d %H:%M:%S},{o},{c},{h},{l},1.2,1.2,1.2,1.2,{v}",
        zone="UTC",
    ),
)
