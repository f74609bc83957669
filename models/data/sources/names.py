"""What columns are called: in the languages and by the vendors that people's files come from."""

import functools
import re
from collections.abc import Iterable
from typing import Final

_ROLES: Final[dict[str, str]] = {
    # The order within a role is that of preference: the first one present is taken. What other
    # columns are called too (first, last, min, shares, code, name) stands at the end.
    "time": (
        "datetime timestamp date time 일시 일자 날짜 기준일자 거래일자 거래일 영업일자 日期 "
        "交易日期 日期时间 日時 日付 日付け 年月日 дата datum fecha tarih tsevent windowstart "
        "opentime timeopen starttime timeperiodstart gmttime localtime bartime bardate tradedate "
        "tradetime timekey tradingdate tradingday dt ts t unix unixtimestamp unixtime epoch "
        "candledatetimeutc candledatetimekst stckbsopdate bsopdate basdd trddd basdt cntrtm "
        "dtyyyymmdd dlycaldt traddt date1 체결시간 체결일자 체결시각 period begin minute kst data"
    ),
    "clock": "clock timeofday hour 시간 시각 stckcntghour 时间 時刻 время uhrzeit hms",
    "open": (
        "open 시가 개장가 시초가 시작가 开盘 开盘价 今开 開盤 開盤價 始値 寄付 openprice openpric "
        "openingprice stckoprc tddopnprc opnprcidx mkp openprc opnprc opnpric priceopen dlyopen o "
        "1open openbid bidopen eröffnung eröffn erster открытие откр ценаоткрытия ouverture ouv "
        "apertura abertura otwarcie açılış opn dopen first"
    ),
    "high": (
        "high 고가 최고가 最高 最高价 最高價 高値 highprice highpric highestprice stckhgpr "
        "tddhgprc hgprcidx hipr highprc hgprc hghpric pricehigh dlyhigh h 2high highbid bidhigh "
        "askhi hoch tageshoch максимум макс plushaut máximo máxima massimo najwyzszy najwyższy "
        "yüksek hgh dhigh 高 max"
    ),
    "low": (
        "low 저가 최저가 最低 最低价 最低價 安値 lowprice lowpric lowestprice stcklwpr tddlwprc "
        "lwprcidx lopr lowprc lwprc lwpric pricelow dlylow l 3low lowbid bidlow bidlo tief "
        "tagestief минимум мин plusbas mínimo mínima minimo najnizszy najniższy düşük dlow 低 min"
    ),
    "close": (
        "close 종가 收盘 收盘价 收盤 收盤價 終値 closeprice closepric closingprice tradeprice "
        "stckclpr stckprpr tddclsprc clsprcidx clpr closeprc clsprc clspric priceclose c 4close "
        "closebid bidclose closelast schlusskurs schluss zuletzt закрытие ценазакрытия clôture "
        "cierre fechamento zamkniecie zamknięcie clos dlyprc prc curprc 현재가 最新价 lastprice "
        "last latest dernier último şimdi price цена cls dclose"
    ),
    "volume": (
        "volume 거래량 成交量 成交股數 交易量 出来高 売買高 vol tradingvolume tradevolume "
        "tottrdqty ttltrdqnty ttltradgvol trdqty trdeqty trqu acctrdvol acmlvol cntgvol "
        "acctradevolume candleacctradevolume targetvolume volumefrom volumetraded qty v 5volume "
        "6volume basevolume volumebase totalvolume totalquantity jdiffvol evol tvol dlyvol "
        "numberofshares noofshrs noofshares 누적거래량 체결량 stuecke stücke wolumen hac volumen "
        "umsatz объем объём tickvol tickvolume tickqty shares volumebtc volumexbt volumeeth "
        "volumeltc volumexrp volumebch volumeada volumesol volumedoge volumedot volumetrx "
        "volumebnb volumeavax volumelink volumexlm volumeetc volumeeos volumexmr volumezec "
        "volumedash volumeneo volumematic volumeuni volumeatom"
    ),
    "adj_close": (
        "adjclose adjustedclose adjclosingprice adjcloseprice adjustedcloseprice closeadj "
        "closeadjusted adjustmentclose adjustedprice adjprice adjc aclose closeadjustedprice "
        "5adjustedclose closingpriceadjusted totalreturnclose 수정종가 수정주가 조정종가 "
        "复权收盘价 后复权价 調整後終値 調整済終値 修正終値 還原收盤價 berschluss cierreajustado "
        "fechamentoajustado clôtureajustée adjpx adjprc"
    ),
    "symbol": (
        "symbol ticker tickersymbol 종목코드 단축코드 티커 심볼 tscode tic instrument "
        "instrumentid vtsymbol orderbookid windcode concode isusrtcd srtncd shrncode mkscshrniscd "
        "itemcode symbolcode stockcode stockid stkcd stocksymbol secid seccode securitycode "
        "securitiescode scode sccode tckrsymb tradingsymbol productid instrumentname currencypair "
        "pair contract permno sid assetid asset 股票代码 证券代码 證券代號 代码 代號 合约代码 "
        "合约 証券コード 銘柄コード コード 銘柄 тикер код ativo papel isucd code stock 종목 s "
        "market symbolname isin isincd name 종목명 名称 securityname companyname"
    ),
    "factor": "factor adjfactor adjustmentfactor cumfactor cfacpr",
}
ROLES: Final[dict[str, tuple[str, ...]]] = {
    role: tuple(names.split()) for role, names in _ROLES.items()
}
Roles = dict[str, list[str]]  # role to columns that can hold it, the most telling first

_UNIT: Final = re.compile(r"\((?!\w*usdt?\))[^()]*\)$")  # close (won); not what volume is in
_MARKS: Final = re.compile(r"[\s_.\-/$:*()\[\]]")
_UNNAMED: Final = frozenset(("", "unnamed:0", "index", "level0"))

PRICES: Final = ("open", "high", "low", "close")
NEEDED: Final = (*PRICES, "volume")


@functools.lru_cache(maxsize=4_096)  # a folder has the same names in each of its files
def normal(name: object) -> str:
    """Return a column's name without what writers vary: case, blanks, marks and brackets."""
    text = str(name).strip().strip("<>\"'#").casefold()
    if text.isalnum():
        return text
    return _MARKS.sub("", _UNIT.sub("", text))


def roles(names: Iterable[object]) -> Roles:
    """Return the columns that can hold each role, the most telling first.

    Args:
        names: As the file writes them.
    """
    columns = [(str(name), normal(name)) for name in names]
    found: Roles = {}
    for role, known in ROLES.items():
        ranked = [(known.index(n), name) for name, n in columns if n in known]
        if ranked:
            found[role] = [name for _, name in sorted(ranked, key=lambda pair: pair[0])]
    return found


def times_among(columns: Iterable[str], found: Roles) -> list[str]:
    """Return the columns that can hold the times of the rows, the most telling first.

    Args:
        columns: As the file writes them.
        found: Their roles.
    """
    taken = {found[role][0] for role in NEEDED if role in found}
    times = [c for c in found.get("time", []) if c not in taken]
    # pandas writes its index without a name.
    return times or [c for c in columns if normal(c) in _UNNAMED][:1]


def is_header(cells: Iterable[str]) -> bool:
    """Return whether a line names columns: at least three roles of a bar stand in it."""
    return len(roles(cells).keys() & {*PRICES, "time", "volume"}) >= 3
