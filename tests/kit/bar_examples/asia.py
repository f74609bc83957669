"""Japan, Taiwan and India."""

from functools import partial

from tests.kit.bar_files import Example

_japan = partial(Example, market="XTKS", symbols=("72030", "67580"), decimals=1, file="all.csv")
_india = partial(Example, market="XBOM", symbols=("RELIANCE", "TCS"), file="all.csv")
_UDIFF = (
    "TradDt,BizDt,Sgmt,Src,FinInstrmTp,FinInstrmId,ISIN,TckrSymb,SctySrs,XpryDt,FinInstrmNm,"
    "OpnPric,HghPric,LwPric,ClsPric,LastPric,PrvsClsgPric,TtlTradgVol,TtlTrfVal\n"
)

EXAMPLES = (
    _japan(
        shape="jquants",
        head="Date,Code,Open,High,Low,Close,UpperLimit,LowerLimit,Volume,TurnoverValue,"
        "AdjustmentFactor,AdjustmentOpen,AdjustmentHigh,AdjustmentLow,AdjustmentClose,"
        "AdjustmentVolume\n",
        row="{t:%Y-%m-%d},{s},{o},{h},{l},{c},0,0,{v}.0,6.05,1.0,{o},{h},{l},{c},{v}.0",
    ),
    _japan(
        shape="jquants_v2",
        file="bars.json",
        head='{"data":[',
        row='{{"Date":"{t:%Y-%m-%d}","Code":"{s}","O":{o},"H":{h},"L":{l},"C":{c},"UL":"0",'
        '"LL":"0","Vo":{v},"Va":6.05,"AdjFactor":1.0,"AdjO":{o},"AdjH":{h},"AdjL":{l},'
        '"AdjC":{c},"AdjVo":{v}}}',
        join=",",
        foot="]}",
    ),
    _japan(
        shape="kaggle_jpx",
        head="RowId,Date,SecuritiesCode,Open,High,Low,Close,Volume,AdjustmentFactor,"
        "ExpectedDividend,SupervisionFlag,Target\n",
        row="{t:%Y%m%d}_{s},{t:%Y-%m-%d},{s},{o},{h},{l},{c},{v},1.0,,False,0.00073",
        symbols=("1301", "1332"),
    ),
    _japan(
        shape="yahoo_japan",
        file="{s}.csv",
        head="日付,始値,高値,安値,終値,出来高,調整後終値\n",
        row="{t:%Y年%-m月%-d日},{o},{h},{l},{c},{v},{c}",
        symbols=("7203",),
        newest_first=True,
        encoding="shift_jis",
    ),
    Example(
        shape="finmind",
        file="taiwan.csv",
        head="date,stock_id,Trading_Volume,Trading_money,open,max,min,close,spread,"
        "Trading_turnover\n",
        row="{t:%Y-%m-%d},{s},{v},16549618748,{o},{h},{l},{c},0.0,22366",
        symbols=("2330", "0050"),
        market="XTAI",
    ),
    _india(
        shape="kite",
        file="{s}.csv",
        head="date,open,high,low,close,volume,oi\n",
        row="{t:%Y-%m-%d %H:%M:%S}{off},{o},{h},{l},{c},{v},0",
        symbols=("RELIANCE",),
        kind="intraday",
    ),
    _india(
        shape="kite_json",
        file="{s}.json",
        head='{"status":"success","data":{"candles":[',
        row='["{t:%Y-%m-%dT%H:%M:%S%z}",{o},{h},{l},{c},{v}]',
        join=",",
        foot="]}}",
        symbols=("RELIANCE",),
        kind="intraday",
    ),
    _india(
        shape="kite_json_oi",
        file="{s}.json",
        head='{"status":"success","data":{"candles":[',
        row='["{t:%Y-%m-%dT%H:%M:%S%z}",{o},{h},{l},{c},{v},0]',
        join=",",
        foot="]}}",
        symbols=("RELIANCE",),
        kind="intraday",
    ),
    _india(
        shape="nse",
        file="cm{t:%d%b%Y}bhav.csv",
        head="SYMBOL,SERIES,OPEN,HIGH,LOW,CLOSE,LAST,PREVCLOSE,TOTTRDQTY,TOTTRDVAL,TIMESTAMP,"
        "TOTALTRADES,ISIN,\n",
        row="{s},EQ,{o},{h},{l},{c},1.0,1.0,{v},11012345678.90,{t:%d-%b-%Y},152310,INE002A01018,",
    ),
    _india(
        shape="nse_udiff",
        head=_UDIFF,
        row="{t:%Y-%m-%d},{t:%Y-%m-%d},CM,NSE,STK,2885,INE002A01018,{s},EQ,,RELIANCE LTD,"
        "{o},{h},{l},{c},1.0,1.0,{v},11012345678.90",
    ),
    _india(
        shape="bse_udiff",
        head=_UDIFF,
        row="{t:%Y-%m-%d},{t:%Y-%m-%d},CM,BSE,STK,500325,INE002A01018,{s},A,,RELIANCE LTD,"
        "{o},{h},{l},{c},1.0,1.0,{v},11012345678.90",
    ),
    _india(
        shape="nse_full",
        head="SYMBOL, SERIES, DATE1, PREV_CLOSE, OPEN_PRICE, HIGH_PRICE, LOW_PRICE, LAST_PRICE, "
        "CLOSE_PRICE, AVG_PRICE, TTL_TRD_QNTY, TURNOVER_LACS\n",
        row="{s}, EQ, {t:%d-%b-%Y}, 1.0, {o}, {h}, {l}, 1.0, {c}, 1.0, {v}, 110123.45",
    ),
    _india(
        shape="nse_site",
        file="{s}.csv",
        head='"Date ","series ","OPEN ","HIGH ","LOW ","PREV. CLOSE ","ltp ","close ","vwap ",'
        '"VOLUME ","VALUE ","No of trades "\n',
        row='"{t:%d-%b-%Y}","EQ","{o}","{h}","{l}","1.00","1.00","{c}","1.00","{v:,}","1","2"',
        symbols=("RELIANCE",),
        newest_first=True,
        encoding="utf-8-sig",
    ),
    _india(
        shape="nsepy",
        head="Date,Symbol,Series,Prev Close,Open,High,Low,Last,Close,VWAP,Volume,Turnover,Trades\n",
        row="{t:%Y-%m-%d},{s},EQ,1.0,{o},{h},{l},1.0,{c},1.0,{v},563831000000.0,",
    ),
    _india(
        shape="bse",
        file="EQ{t:%d%m%y}.CSV",
        head="SC_CODE,SC_NAME,SC_GROUP,SC_TYPE,OPEN,HIGH,LOW,CLOSE,LAST,PREVCLOSE,NO_TRADES,"
        "NO_OF_SHRS,NET_TURNOV,TDCLOINDI\n",
        row="{s},RELIANCE    ,A,Q,{o},{h},{l},{c},1.0,1.0,15000,{v},318765432.00,",
        symbols=("500325", "500002"),
    ),
    _india(
        shape="bse_isin",
        file="EQ_ISINCODE_{t:%d%m%y}.CSV",
        head="SC_CODE,SC_NAME,SC_GROUP,SC_TYPE,OPEN,HIGH,LOW,CLOSE,LAST,PREVCLOSE,NO_TRADES,"
        "NO_OF_SHRS,NET_TURNOV,TDCLOINDI,ISIN_CODE,TRADING_DATE\n",
        row="{s},RELIANCE    ,A,Q,{o},{h},{l},{c},1.0,1.0,15000,{v},3187.00,,INE002,{t:%d-%b-%y}",
        symbols=("500325", "500002"),
    ),
    _india(
        shape="bse_pages",
        file="{s}.csv",
        head="Date,Open Price,High Price,Low Price,Close Price,WAP,No.of Shares,No. of Trades\n",
        row="{t:%-d-%B-%Y},{o},{h},{l},{c},1.0,{v},15000",
        symbols=("500325",),
        newest_first=True,
    ),
)
