"""Chinese packages and terminals."""

from functools import partial

from tests.kit.bar_files import Example

_days = partial(Example, market="XSHG", symbols=("600519",))
_minutes = partial(_days, kind="intraday", stamp="close")
_T = "{t:%Y-%m-%d %H:%M:%S}"
_VNPY = "symbol,exchange,datetime,open,high,low,close,volume,turnover,open_interest\n"
_QLIB = "instrument,datetime,$open,$high,$low,$close,$volume,$factor\n"
_FUTU = "code,time_key,open,close,high,low,pe_ratio,turnover_rate,volume,turnover,change_rate\n"
_FUTU_ROW = "{s},{t:%Y-%m-%d} 00:00:00,{o},{c},{h},{l},14.9,0.00157,{v},4330000000.0,-1.76"
_TUSHARE = "ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount\n"
_TUSHARE_ROW = "{s},{t:%Y%m%d},{o},{h},{l},{c},1685.01,8.99,0.5335,{v},3410456.789"

EXAMPLES = (
    _days(
        shape="chinese",
        head="日期,开盘,收盘,最高,最低,成交量\n",
        row="{t:%Y-%m-%d},{o},{c},{h},{l},{v}",
        encoding="gb18030",
    ),
    _days(
        shape="chinese_long",
        head="日期,开盘价,最高价,最低价,收盘价,成交量\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{v}",
        encoding="gb18030",
    ),
    _days(
        shape="tushare_china",
        file="daily.csv",
        head=_TUSHARE,
        row=_TUSHARE_ROW,
        symbols=("600519.SH", "000001.SZ"),
        newest_first=True,
    ),
    Example(
        shape="tushare",
        file="daily.csv",
        head=_TUSHARE,
        row=_TUSHARE_ROW,
        symbols=("00700.HK",),
        market="XHKG",
        newest_first=True,
    ),
    _minutes(
        shape="tushare_minutes",
        file="minutes.csv",
        head="ts_code,trade_time,open,close,high,low,vol,amount\n",
        row="{s}," + _T + ",{o},{c},{h},{l},{v},430200000.0",
        symbols=("600519.SH",),
        newest_first=True,
    ),
    _days(
        shape="akshare",
        file="hist.csv",
        head="日期,股票代码,开盘,收盘,最高,最低,成交量,成交额,振幅,涨跌幅,涨跌额,换手率\n",
        row="{t:%Y-%m-%d},{s},{o},{c},{h},{l},{v},1075742252.45,2.24,-1.92,-0.18,0.60",
    ),
    _minutes(
        shape="akshare_minutes",
        head="时间,开盘,收盘,最高,最低,成交量,成交额,均价\n",
        row=_T + ",{o},{c},{h},{l},{v},7446612.0,10.380",
    ),
    _days(
        shape="akshare_sina",
        head="date,open,high,low,close,volume,amount,outstanding_share,turnover\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{v},1075742252.0,19405546950.0,0.00597",
    ),
    _minutes(
        shape="sina_minutes",
        file="{s}.json",
        head="[",
        row='{{"day":"' + _T + '","open":"{o}","high":"{h}","low":"{l}","close":"{c}",'
        '"volume":"{v}"}}',
        join=",",
        foot="]",
        symbols=("sh600519",),
    ),
    _days(
        shape="baostock",
        file="bao.csv",
        head="date,code,open,high,low,close,preclose,volume,amount,adjustflag,turn,tradestatus,"
        "pctChg,isST\n",
        row="{t:%Y-%m-%d},{s},{o}00,{h}00,{l}00,{c}00,6.62,{v},173725410.94,3,0.0896,1,-0.3,0",
        symbols=("sh.600000",),
    ),
    _minutes(
        shape="baostock_minutes",
        file="bao.csv",
        head="date,time,code,open,high,low,close,volume,amount,adjustflag\n",
        row="{t:%Y-%m-%d},{t:%Y%m%d%H%M%S}000,{s},{o}00,{h}00,{l}00,{c}00,{v},173725410.94,3",
        symbols=("sh.600000",),
    ),
    _days(
        shape="netease",
        file="163.csv",
        head="日期,股票代码,名称,收盘价,最高价,最低价,开盘价,前收盘,涨跌额,涨跌幅,换手率,成交量,"
        "成交金额\n",
        row="{t:%Y-%m-%d},'{s},C冠中,{c},{h},{l},{o},71.69,-12.69,-17.7,63.38,{v},883367096.44",
        newest_first=True,
        encoding="gb18030",
    ),
    _days(
        shape="tencent",
        file="{s}.json",
        head='{"code":0,"data":{"sh600519":{"qfqday":[',
        row='["{t:%Y-%m-%d}","{o}0","{c}0","{h}0","{l}0","{v}.000"]',
        join=",",
        foot="]}}}",
        said={"source": "tencent"},
    ),
    _minutes(
        shape="joinquant",
        head=",open,close,high,low,volume,money\n",
        row=_T + ",{o},{c},{h},{l},{v}.0,5440082500.0",
    ),
    _minutes(
        shape="ricequant",
        file="rq.csv",
        head="order_book_id,datetime,open,high,low,close,volume,total_turnover\n",
        row="{s}," + _T + ",{o},{h},{l},{c},{v},173800000.0",
        symbols=("600519.XSHG",),
    ),
    _days(
        shape="wind",
        file="wind.csv",
        head="代码,简称,日期,开盘价(元),最高价(元),最低价(元),收盘价(元),成交额(百万),成交量(股)\n",
        row="{s},贵州茅台,{t:%Y-%m-%d},{o},{h},{l},{c},5440.08,{v}",
        symbols=("600519.SH",),
        encoding="gb18030",
    ),
    _days(
        shape="tdx",
        file="SH#{s}.txt",
        head="600519 贵州茅台 日线 前复权\n日期\t开盘\t最高\t最低\t收盘\t成交量\t成交额\n",
        row="{t:%Y/%m/%d}\t{o}\t{h}\t{l}\t{c}\t{v}\t5440082432.00",
        encoding="gb18030",
    ),
    _minutes(
        shape="tdx_minutes",
        file="SH#{s}.txt",
        head="日期\t时间\t开盘\t最高\t最低\t收盘\t成交量\t成交额\n",
        row="{t:%Y/%m/%d}\t{t:%H%M}\t{o}\t{h}\t{l}\t{c}\t{v}\t5440082432.00",
        encoding="gb18030",
    ),
    Example(
        shape="vnpy",
        file="bars.csv",
        head=_VNPY,
        row="{s},NASDAQ," + _T + ",{o},{h},{l},{c},{v},116562.0,0.0",
        kind="intraday",
        said={"market": "us"},
    ),
    _days(
        shape="vnpy_china",
        file="bars.csv",
        head=_VNPY,
        row="{s},SSE," + _T + ",{o},{h},{l},{c},{v}.0,116562.0,0.0",
        kind="intraday",
    ),
    Example(
        shape="vnpy_hong_kong",
        file="bars.csv",
        head=_VNPY,
        row="{s},HKFE," + _T + ",{o},{h},{l},{c},{v}.0,116562.0,0.0",
        kind="intraday",
        market="XHKG",
        symbols=("MHImain",),
    ),
    Example(
        shape="qlib",
        file="features.csv",
        head=_QLIB,
        row="{s},{t:%Y-%m-%d},{o},{h},{l},{c},{v}.0,1.0",
        said={"market": "us"},
    ),
    _days(
        shape="qlib_china",
        file="features.csv",
        head=_QLIB,
        row="{s},{t:%Y-%m-%d},{o},{h},{l},{c},{v}.0,0.0039",
        symbols=("SH600519", "SZ000001"),
    ),
    _days(
        shape="qlib_csv",
        file="sh600519.csv",
        head="symbol,date,open,high,low,close,volume,factor,change\n",
        row="{s},{t:%Y-%m-%d},{o},{h},{l},{c},{v}.0,0.0039,-0.0237",
        symbols=("SH600519",),
    ),
    Example(
        shape="futu_hong_kong",
        file="futu.csv",
        head=_FUTU,
        row=_FUTU_ROW,
        symbols=("HK.00700",),
        market="XHKG",
    ),
    Example(shape="futu_us", file="futu.csv", head=_FUTU, row=_FUTU_ROW, symbols=("US.AAPL",)),
    _days(shape="futu_china", file="f.csv", head=_FUTU, row=_FUTU_ROW, symbols=("SH.600519",)),
    Example(
        shape="futu",
        file="futu.csv",
        head=_FUTU,
        row=_FUTU_ROW,
        symbols=("JP.7203",),
        market="XTKS",
        said={"market": "XTKS"},
    ),
)
