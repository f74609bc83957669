"""Moscow, São Paulo, Euronext, the Nordic exchanges and German portals."""

from typing import Final

from models.data.sources.shape import Shape

_FINAM: Final = "https://www.finam.ru/profile/moex-akcii/sberbank/export"
_FINAM_BARS: Final = ("<TICKER>", "<PER>", "<DATE>", "<TIME>", "<OPEN>", "<CLOSE>", "<VOL>")
_FINAM_FILE: Final = r"^[A-Za-z0-9.\-]+_\d{6}_\d{6}\.(csv|txt)"
_MOEX: Final = "https://iss.moex.com/iss/reference"
_MOEX_CANDLES: Final = ("open", "close", "high", "low", "value", "volume", "begin", "end")
_EVENING: Final = "its days hold a session of the evening whose end no calendar here knows"

SHAPES: Final[tuple[Shape, ...]] = (
    Shape(
        name="finam",
        title="Finam, intraday",
        has=_FINAM_BARS,
        lacks=("<OPENINT>",),
        file_name=_FINAM_FILE,
        zone="Europe/Moscow",
        asks=("market",),
        source=_FINAM,
    ),
    Shape(
        name="finam_days",
        title="Finam, days, weeks and months",
        has=_FINAM_BARS,
        lacks=("<OPENINT>",),
        cells={"<PER>": "D|W|M"},
        file_name=_FINAM_FILE,
        refused=_EVENING,
        source=_FINAM,
    ),
    Shape(
        name="b3_cotahist",
        title="B3, historical series of fixed width (COTAHIST)",
        has=("datpreg", "codneg", "tpmerc", "preabe", "preult", "quatot", "fatcot"),
        columns={
            "time": "datpreg",
            "symbol": "codneg",
            "open": "preabe",
            "high": "premax",
            "low": "premin",
            "close": "preult",
            "volume": "quatot",
        },
        # The cash market; options and forwards are other things, and so are lots of a thousand.
        keep={"tpmerc": ("010",), "fatcot": ("0000001",)},
        market="BVMF",
        adjusted=False,
        price_scale=0.01,
        source="https://www.b3.com.br/data/files/33/67/B9/50/D84057102C784E47AC094EA8/SeriesHistoricas_Layout.pdf",
    ),
    Shape(
        name="moex",
        title="Moscow Exchange, history",
        has=("BOARDID", "TRADEDATE", "SECID", "OPEN", "LOW", "HIGH", "LEGALCLOSEPRICE", "CLOSE"),
        refused=_EVENING,
        source=_MOEX,
    ),
    Shape(
        name="moex_candles",
        title="Moscow Exchange, candles",
        has=_MOEX_CANDLES,
        columns={"time": "begin"},
        zone="Europe/Moscow",
        stamp="open",
        market="XMOS",
        source=_MOEX,
    ),
    Shape(
        name="moex_days",
        title="Moscow Exchange, candles of days",
        has=_MOEX_CANDLES,
        cells={"begin": r"\S+ 00:00:00"},
        refused=_EVENING,
        source=_MOEX,
    ),
    Shape(
        name="euronext",
        title="Euronext Live",
        has=("Date", "Open", "High", "Low", "Last", "Close", "Number of Shares"),
        columns={"close": "Close", "volume": "Number of Shares"},
        asks=("market",),
        source="https://live.euronext.com",
    ),
    Shape(
        name="nordic",
        title="Nasdaq Nordic",
        has=("Date", "Opening price", "High price", "Low price", "Closing price", "Total volume"),
        columns={"open": "Opening price", "close": "Closing price", "volume": "Total volume"},
        asks=("market",),
        source="https://www.nasdaq.com/european-market-activity",
    ),
    Shape(
        name="ariva",
        title="ariva.de",
        has=("Datum", "Erster", "Hoch", "Tief", "Schlusskurs", "Stuecke", "Volumen"),
        columns={"time": "Datum", "open": "Erster", "volume": "Stuecke"},  # Volumen is money
        asks=("market",),
        source="https://www.ariva.de",
    ),
    Shape(
        name="onvista",
        title="onvista.de",
        has=("Datum", "Eröffnung", "Hoch", "Tief", "Schluss", "Währung", "Volumen"),
        columns={"time": "Datum"},
        asks=("market",),
        source="https://www.onvista.de",
    ),
    Shape(
        name="boerse_frankfurt",
        title="Börse Frankfurt",
        has=("Datum", "Eröffnung", "Schluss", "Tageshoch", "Tagestief"),
        columns={"time": "Datum", "high": "Tageshoch", "low": "Tagestief"},
        asks=("market",),
        source="https://www.boerse-frankfurt.de",
    ),
)
