"""The Korea Exchange, and the packages that ask it or Naver.

Since 2026-09-14 the day has two ends. What the exchange calls a day ends at 15:30, what Naver does
at 20:00.
"""

from typing import Final

from models.data.sources.shape import Shape

_FDR: Final = "https://github.com/FinanceData/FinanceDataReader"
_PYKRX: Final = "https://github.com/sharebook-kr/pykrx"
_KRX: Final = "http://data.krx.co.kr"

SHAPES: Final[tuple[Shape, ...]] = (
    Shape(
        name="fdr_krx",
        title="FinanceDataReader, which asks Naver",
        has=("Date", "Open", "High", "Low", "Close", "Volume", "Change"),
        lacks=("Symbol", "Ticker", "Code", "Adj Close", "UpDown", "Amount", "Last", "Settle"),
        adjusted=True,
        evening=True,
        source=_FDR,
    ),
    Shape(
        name="fdr_krx_detail",
        title="FinanceDataReader, KRX: and indices",
        has=("Open", "High", "Low", "Close", "Volume", "UpDown", "Comp", "Amount", "MarCap"),
        market="krx",
        adjusted=True,
        source=_FDR,
    ),
    Shape(
        name="fdr_marcap",
        title="marcap, all tickers of the Korea Exchange a year",
        has=("Code", "Date", "Open", "High", "Low", "Close", "Volume", "ChagesRatio", "Marcap"),
        columns={"symbol": "Code"},
        market="krx",
        adjusted=False,
        source="https://github.com/FinanceData/marcap",
    ),
    Shape(
        name="fdr_listing",
        title="FinanceDataReader, StockListing",
        has=("Open", "High", "Low", "Close", "Volume", "ChagesRatio", "Marcap"),
        lacks=("Date",),
        refused="a listing holds one row a ticker and no date",
        source=_FDR,
    ),
    Shape(
        name="pykrx",
        title="pykrx, adjusted, which asks Naver",
        has=("날짜", "시가", "고가", "저가", "종가", "거래량", "등락률"),
        lacks=("거래대금", "대비", "전일비", "티커", "NAV"),
        adjusted=True,
        evening=True,
        source=_PYKRX,
    ),
    Shape(
        name="pykrx_raw",
        title="pykrx, adjusted=False",
        has=("날짜", "시가", "고가", "저가", "종가", "거래량", "거래대금", "등락률"),
        lacks=("대비", "전일비", "NAV"),
        adjusted=False,
        source=_PYKRX,
    ),
    Shape(
        name="pykrx_day",
        title="pykrx, all tickers of a day",
        has=("티커", "시가", "고가", "저가", "종가", "거래량", "거래대금", "등락률"),
        lacks=("날짜", "일자", "Date"),
        columns={"symbol": "티커"},
        file_date=r"(?<!\d)(?P<y>20\d\d)-?(?P<m>\d\d)-?(?P<d>\d\d)(?!\d)",
        market="krx",
        adjusted=False,
        source=_PYKRX,
    ),
    Shape(
        name="pykrx_price_change",
        title="pykrx, get_market_price_change",
        has=("시가", "종가", "변동폭", "등락률", "거래량"),
        lacks=("고가", "저가"),
        refused="the open is the close of another day, and there is no high and no low",
        source=_PYKRX,
    ),
    Shape(
        name="pykrx_etf",
        title="pykrx, funds",
        has=("날짜", "NAV", "시가", "고가", "저가", "종가", "거래량"),
        market="krx",
        source=_PYKRX,
    ),
    Shape(
        name="pykrx_index",
        title="pykrx, indices",
        has=("날짜", "시가", "고가", "저가", "종가", "거래량", "거래대금", "상장시가총액"),
        market="krx",
        source=_PYKRX,
    ),
    Shape(
        name="krx_data",
        title="KRX data system, one ticker",
        has=("일자", "종가", "대비", "등락률", "시가", "고가", "저가", "거래량", "상장주식수"),
        lacks=("종목코드",),
        columns={"time": "일자"},
        market="krx",
        source=_KRX,
    ),
    Shape(
        name="krx_data_index",
        title="KRX data system, one index",
        has=("일자", "종가", "대비", "등락률", "시가", "고가", "저가", "거래량", "상장시가총액"),
        columns={"time": "일자"},
        market="krx",
        source=_KRX,
    ),
    Shape(
        name="krx_data_day",
        title="KRX data system, all tickers of a day",
        has=("종목코드", "종가", "대비", "등락률", "시가", "고가", "저가", "거래량"),
        lacks=("일자", "날짜", "Date"),
        refused="it holds one day and does not say which; add a column 일자",
        source=_KRX,
    ),
    Shape(
        name="krx_data_indices",
        title="KRX data system, all indices of a day",
        has=("지수명", "종가", "대비", "등락률", "시가", "고가", "저가", "거래량"),
        lacks=("일자", "날짜", "Date"),
        refused="it holds one day and does not say which; add a column 일자",
        source=_KRX,
    ),
    Shape(
        name="krx_openapi",
        title="KRX Open API, stocks and funds",
        has=("BAS_DD", "ISU_CD", "TDD_CLSPRC", "TDD_OPNPRC", "TDD_HGPRC", "TDD_LWPRC"),
        columns={"time": "BAS_DD", "symbol": "ISU_CD", "volume": "ACC_TRDVOL"},
        market="krx",
        adjusted=False,
        source="https://openapi.krx.co.kr",
    ),
    Shape(
        name="krx_openapi_index",
        title="KRX Open API, indices",
        has=("BAS_DD", "IDX_NM", "CLSPRC_IDX", "OPNPRC_IDX", "HGPRC_IDX", "LWPRC_IDX"),
        columns={
            "time": "BAS_DD",
            "symbol": "IDX_NM",
            "open": "OPNPRC_IDX",
            "high": "HGPRC_IDX",
            "low": "LWPRC_IDX",
            "close": "CLSPRC_IDX",
            "volume": "ACC_TRDVOL",
        },
        market="krx",
        source="https://openapi.krx.co.kr",
    ),
    Shape(
        name="krx_site",
        title="KRX data system, what its pages load",
        has=("TRD_DD", "TDD_CLSPRC", "TDD_OPNPRC", "TDD_HGPRC", "TDD_LWPRC"),
        columns={"time": "TRD_DD", "volume": "ACC_TRDVOL"},
        market="krx",
        source=_KRX,
    ),
    Shape(
        name="data_go_kr",
        title="data.go.kr, prices of stocks",
        has=("basDt", "srtnCd", "clpr", "mkp", "hipr", "lopr", "trqu"),
        columns={"time": "basDt", "symbol": "srtnCd"},
        market="krx",
        adjusted=False,
        source="https://www.data.go.kr/data/15094808/openapi.do",
    ),
)
