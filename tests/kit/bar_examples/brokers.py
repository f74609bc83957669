"""Korean brokers and portals."""

from functools import partial

from tests.kit.bar_files import Example

_one = partial(Example, market="krx", symbols=("005930",), decimals=0)
_json = partial(_one, file="{s}.json", join=",", newest_first=True)
_SIGNED = "{sign}{o},{sign}{h},{sign}{l}"

EXAMPLES = (
    _one(
        shape="kiwoom_days",
        head="종목코드,현재가,거래량,거래대금,일자,시가,고가,저가,수정주가구분\n",
        row=",{sign}{c},{v},776000,{t:%Y%m%d}," + _SIGNED + ",",
        newest_first=True,
    ),
    _one(
        shape="kiwoom_minutes",
        head="현재가,거래량,체결시간,시가,고가,저가,수정주가구분\n",
        row="{sign}{c},{v},{t:%Y%m%d%H%M%S}," + _SIGNED + ",",
        kind="intraday",
        newest_first=True,
    ),
    _json(
        shape="kiwoom_rest_days",
        head='{"stk_cd":"005930","stk_dt_pole_chart_qry":[',
        row='{{"cur_prc":"{c}","trde_qty":"{v}","trde_prica":"776000","dt":"{t:%Y%m%d}",'
        '"open_pric":"{o}","high_pric":"{h}","low_pric":"{l}"}}',
        foot='],"return_code":0}',
    ),
    _json(
        shape="kiwoom_rest_minutes",
        head='{"stk_cd":"005930","stk_min_pole_chart_qry":[',
        row='{{"cur_prc":"{sign}{c}","trde_qty":"{v}","cntr_tm":"{t:%Y%m%d%H%M%S}",'
        '"open_pric":"{sign}{o}","high_pric":"{sign}{h}","low_pric":"{sign}{l}","pred_pre":"+150"}}',
        foot='],"return_code":0}',
        kind="intraday",
    ),
    _one(
        shape="kiwoom_hts",
        head="일자,시가,고가,저가,종가,전일비,등락률,거래량,거래대금(백만)\n",
        row='{t:%Y/%m/%d},"{o:,}","{h:,}","{l:,}","{c:,}",▲ 700,+1.00%,"{v:,}","776,000"',
        newest_first=True,
        encoding="cp949",
    ),
    _one(
        shape="creon",
        head="날짜,시간,시가,고가,저가,종가,거래량\n",
        row="{t:%Y%m%d},{t:%-H%M},{o},{h},{l},{c},{v}",
        kind="intraday",
        stamp="close",
        newest_first=True,
        said={"source": "creon", "stamp": "close"},
    ),
    _json(
        shape="ls",
        head='{"t8412OutBlock":{"shcode":"005930"},"t8412OutBlock1":[',
        row='{{"date":"{t:%Y%m%d}","time":"{t:%H%M%S}","open":{o},"high":{h},"low":{l},"close":{c},'
        '"jdiff_vol":{v},"value":7325,"jongchk":0,"rate":0.00,"sign":"2"}}',
        foot="]}",
        kind="intraday",
        stamp="close",
        newest_first=False,
        said={"stamp": "close"},
    ),
    _one(
        shape="kis_days",
        head="stck_bsop_date,stck_clpr,stck_oprc,stck_hgpr,stck_lwpr,acml_vol,acml_tr_pbmn,"
        "flng_cls_code,prtt_rate,mod_yn\n",
        row="{t:%Y%m%d},{c},{o},{h},{l},{v},776000000000,00,0.00,N",
        newest_first=True,
    ),
    _one(
        shape="kis_days_unified",
        head="stck_bsop_date,stck_clpr,stck_oprc,stck_hgpr,stck_lwpr,acml_vol\n",
        row="{t:%Y%m%d},{c},{o},{h},{l},{v}",
        newest_first=True,
        said={"source": "kis_days_unified"},
    ),
    _one(
        shape="kis_days_korean",
        head="주식 영업 일자,주식 종가,주식 시가2,주식 최고가,주식 최저가,누적 거래량\n",
        row="{t:%Y%m%d},{c},{o},{h},{l},{v}",
        newest_first=True,
    ),
    _one(
        shape="kis_minutes",
        head="stck_bsop_date,stck_cntg_hour,stck_prpr,stck_oprc,stck_hgpr,stck_lwpr,cntg_vol,"
        "acml_tr_pbmn\n",
        row="{t:%Y%m%d},{t:%H%M%S},{c},{o},{h},{l},{v},12936000000",
        kind="intraday",
        newest_first=True,
    ),
    Example(
        shape="kis_overseas_days",
        head="xymd,clos,sign,diff,rate,open,high,low,tvol,tamt,pbid\n",
        row="{t:%Y%m%d},{c},2,0.1,0.1,{o},{h},{l},{v},5251924,100.1",
        newest_first=True,
        said={"market": "us"},
    ),
    Example(
        shape="kis_overseas_minutes",
        head="tymd,xymd,xhms,kymd,khms,open,high,low,last,evol,eamt\n",
        row="{t:%Y%m%d},{t:%Y%m%d},{t:%H%M%S},20240102,233500,{o},{h},{l},{c},{v},5251924",
        kind="intraday",
        newest_first=True,
        said={"market": "us"},
    ),
    _json(
        shape="toss",
        head='{"result":{"candles":[',
        row='{{"timestamp":"{t:%Y-%m-%dT%H:%M:%S}{off}","openPrice":"{o}","highPrice":"{h}",'
        '"lowPrice":"{l}","closePrice":"{c}","volume":"{v}","currency":"KRW"}}',
        foot='],"nextBefore":null}}',
        kind="intraday",
        stamp="close",
    ),
    _json(
        shape="toss_index",
        head='{"result":{"candles":[',
        row='{{"timestamp":"{t:%Y-%m-%dT%H:%M:%S}{off}","openPrice":"{o}","highPrice":"{h}",'
        '"lowPrice":"{l}","closePrice":"{c}","volume":"{v}"}}',
        foot="]}}",
        symbols=("KOSPI",),
        kind="intraday",
        decimals=2,
    ),
    _one(
        shape="naver",
        head="날짜,시가,고가,저가,종가,거래량,외국인소진율\n",
        row="{t:%Y%m%d},{o},{h},{l},{c},{v},53.9",
    ),
    _one(
        shape="naver",  # as siseJson itself is written
        file="{s}.txt",
        head="\n [['날짜', '시가', '고가', '저가', '종가', '거래량', '외국인소진율'],\n",
        row='["{t:%Y%m%d}", {o}, {h}, {l}, {c}, {v}, 53.9]',
        join=",\n",
        foot="\n]\n",
    ),
    _one(
        shape="naver_fchart",
        file="{s}.xml",
        head='<?xml version="1.0" encoding="EUC-KR" ?>\n<protocol>\n<chartdata symbol="{s}" '
        'name="삼성전자" count="6" timeframe="day" precision="0" origintime="19900103">\n',
        row='<item data="{t:%Y%m%d}|{o}|{h}|{l}|{c}|{v}" />',
        foot="\n</chartdata>\n</protocol>\n",
        encoding="cp949",
    ),
    _one(
        shape="naver_table",
        head="날짜,종가,전일비,시가,고가,저가,거래량\n",
        row="{t:%Y.%m.%d},{c},700,{o},{h},{l},{v}",
        newest_first=True,
    ),
    _json(
        shape="daum",
        head='{"data":[',
        row='{{"symbolCode":"{s}","date":"{t:%Y-%m-%d} 00:00:00","tradePrice":{c}.0,'
        '"openingPrice":{o}.0,"highPrice":{h}.0,"lowPrice":{l}.0,"accTradeVolume":{v}}}',
        foot="]}",
        symbols=("A005930",),
    ),
)
