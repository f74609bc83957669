"""Portals that people save from by hand: investing.com in its languages, and American sites."""

from typing import Final

from models.data.sources.shape import Shape

_INVESTING: Final = "https://www.investing.com/equities/apple-computer-inc-historical-data"


def _investing(language: str, title: str, names: tuple[str, str, str, str, str, str, str]) -> Shape:
    # The close stands before the open, and what it is called differs.
    time, close, opens, high, low, volume = names[:6]
    return Shape(
        name=f"investing_{language}",
        title=f"investing.com, {title}",
        has=names,
        lacks=("Adj Close", "전일비"),
        columns={
            "time": time,
            "open": opens,
            "high": high,
            "low": low,
            "close": close,
            "volume": volume,
        },
        adjusted=True,
        asks=("market",),
        source=_INVESTING,
    )


SHAPES: Final[tuple[Shape, ...]] = (
    _investing("en", "English", ("Date", "Price", "Open", "High", "Low", "Vol.", "Change %")),
    _investing("ko", "Korean", ("날짜", "종가", "시가", "고가", "저가", "거래량", "변동 %")),
    _investing("de", "German", ("Datum", "Zuletzt", "Eröffn.", "Hoch", "Tief", "Vol.", "+/- %")),
    _investing("ja", "Japanese", ("日付け", "終値", "始値", "高値", "安値", "出来高", "変化率 %")),
    _investing("zh", "Chinese", ("日期", "收盘", "开盘", "高", "低", "交易量", "涨跌幅")),
    _investing("ru", "Russian", ("Дата", "Цена", "Откр.", "Макс.", "Мин.", "Объём", "Изм. %")),
    _investing(
        "fr",
        "French",
        ("Date", "Dernier", "Ouv.", "Plus Haut", "Plus Bas", "Vol.", "Variation %"),
    ),
    _investing(
        "es", "Spanish", ("Fecha", "Último", "Apertura", "Máximo", "Mínimo", "Vol.", "% var.")
    ),
    _investing(
        "pt", "Portuguese", ("Data", "Último", "Abertura", "Máxima", "Mínima", "Vol.", "Var%")
    ),
    _investing("tr", "Turkish", ("Tarih", "Şimdi", "Açılış", "Yüksek", "Düşük", "Hac.", "Fark %")),
    Shape(
        name="nasdaq",
        title="nasdaq.com",
        has=("Date", "Close/Last", "Volume", "Open", "High", "Low"),
        columns={"close": "Close/Last"},
        adjusted=True,
        source="https://www.nasdaq.com/market-activity/quotes/historical",
    ),
    Shape(
        name="marketwatch",
        title="MarketWatch",
        has=("Date", "Open", "High", "Low", "Close", "Volume"),
        file_name=r"^STOCK_US_",
        file_symbol=r"^STOCK_US_[A-Z]+_(?P<symbol>[A-Z.]+)\.",
        market="us",
        source="https://www.marketwatch.com/investing/stock/aapl/download-data",
    ),
    Shape(
        name="stooq_polish",
        title="Stooq, Polish pages",
        has=("Data", "Otwarcie", "Najwyzszy", "Najnizszy", "Zamkniecie", "Wolumen"),
        columns={
            "time": "Data",
            "open": "Otwarcie",
            "high": "Najwyzszy",
            "low": "Najnizszy",
            "close": "Zamkniecie",
            "volume": "Wolumen",
        },
        adjusted=True,
        asks=("market",),
        source="https://stooq.pl",
    ),
)
