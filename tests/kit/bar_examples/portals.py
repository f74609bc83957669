"""Portals that people save from by hand."""

from functools import partial

from tests.kit.bar_files import Example

_US = {"market": "us"}
_en = partial(Example, newest_first=True, said=_US)
_POINT = '"{c:,}","{o:,}","{h:,}","{l:,}","{v}","1.00%"'

EXAMPLES = (
    _en(
        shape="investing_en",
        file="{s} Historical Data.csv",
        head='"Date","Price","Open","High","Low","Vol.","Change %"\n',
        row='"{t:%m/%d/%Y}",' + _POINT,
        encoding="utf-8-sig",
    ),
    _en(
        shape="investing_ko",
        file="{s} 과거 데이터.csv",
        head='"날짜","종가","시가","고가","저가","거래량","변동 %"\n',
        row='"{t:%Y- %m- %d}",' + _POINT,
        symbols=("005930",),
        market="krx",
        decimals=0,
        encoding="utf-8-sig",
        said={"market": "krx"},
    ),
    _en(
        shape="investing_de",
        head='"Datum";"Zuletzt";"Eröffn.";"Hoch";"Tief";"Vol.";"+/- %"\n',
        row='"{t:%d.%m.%Y}";{c};{o};{h};{l};{v};"-0,75%"',
    ),
    _en(
        shape="investing_ja",
        head='"日付け","終値","始値","高値","安値","出来高","変化率 %"\n',
        row='"{t:%Y年%m月%d日}",' + _POINT,
    ),
    _en(
        shape="investing_zh",
        head='"日期","收盘","开盘","高","低","交易量","涨跌幅"\n',
        row='"{t:%Y-%-m-%-d}",' + _POINT,
    ),
    _en(
        shape="investing_ru",
        head='"Дата","Цена","Откр.","Макс.","Мин.","Объём","Изм. %"\n',
        row='"{t:%d.%m.%Y}",' + _POINT,
    ),
    _en(
        shape="investing_fr",
        head='"Date","Dernier","Ouv."," Plus Haut","Plus Bas","Vol.","Variation %"\n',
        row='"{t:%d/%m/%Y}",' + _POINT,
    ),
    _en(
        shape="investing_es",
        head='"Fecha","Último","Apertura","Máximo","Mínimo","Vol.","% var."\n',
        row='"{t:%d.%m.%Y}",' + _POINT,
    ),
    _en(
        shape="investing_pt",
        head='"Data","Último","Abertura","Máxima","Mínima","Vol.","Var%"\n',
        row='"{t:%d.%m.%Y}",' + _POINT,
    ),
    _en(
        shape="investing_tr",
        head='"Tarih","Şimdi","Açılış","Yüksek","Düşük","Hac.","Fark %"\n',
        row='"{t:%d.%m.%Y}",' + _POINT,
    ),
    Example(
        shape="nasdaq",
        head="Date,Close/Last,Volume,Open,High,Low\n",
        row="{t:%m/%d/%Y},${c},{v},${o},${h},${l}",
        newest_first=True,
    ),
    Example(
        shape="marketwatch",
        file="STOCK_US_XNAS_{s}.csv",
        head="Date,Open,High,Low,Close,Volume\n",
        row='{t:%m/%d/%Y},"{o}","{h}","{l}","{c}","{v:,}"',
        newest_first=True,
    ),
    Example(
        shape="stooq_polish",
        head="Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen\n",
        row="{t:%Y-%m-%d},{o},{h},{l},{c},{v}",
        said=_US,
    ),
    Example(  # WSJ: blanks after commas, years of two digits
        shape="generic",
        head="Date, Open, High, Low, Close, Volume\n",
        row="{t:%m/%d/%y}, {o}, {h}, {l}, {c}, {v}",
        newest_first=True,
    ),
)
