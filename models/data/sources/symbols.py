"""Where a ticker trades, told from how it is written; what tells nothing is not guessed.

Codes of six digits are Korean here: the exchanges of Shanghai and Shenzhen write them too, but
their vendors add .SS or .SZ or are known by the names of their columns.
"""

import re
from collections.abc import Iterable
from typing import Final

_SUFFIXES: Final = {
    **dict.fromkeys(("KS", "KQ", "KRX", "KP"), "XKRX"),
    **dict.fromkeys(("T", "TYO", "JP"), "XTKS"),
    **dict.fromkeys(("HK",), "XHKG"),
    **dict.fromkeys(("SS", "SZ", "SH", "XSHG", "XSHE", "BJ"), "XSHG"),
    **dict.fromkeys(("TW", "TWO"), "XTAI"),
    **dict.fromkeys(("L", "LN", "UK"), "XLON"),
    **dict.fromkeys(("DE", "XETRA"), "XETR"),
    **dict.fromkeys(("F", "FRA"), "XFRA"),
    **dict.fromkeys(("PA", "FR"), "XPAR"),
    **dict.fromkeys(("AS",), "XAMS"),
    **dict.fromkeys(("BR",), "XBRU"),
    **dict.fromkeys(("MI",), "XMIL"),
    **dict.fromkeys(("MC",), "XMAD"),
    **dict.fromkeys(("LS",), "XLIS"),
    **dict.fromkeys(("SW", "VX"), "XSWX"),
    **dict.fromkeys(("ST",), "XSTO"),
    **dict.fromkeys(("OL",), "XOSL"),
    **dict.fromkeys(("CO",), "XCSE"),
    **dict.fromkeys(("HE",), "XHEL"),
    **dict.fromkeys(("VI",), "XWBO"),
    **dict.fromkeys(("WA",), "XWAR"),
    **dict.fromkeys(("IR",), "XDUB"),
    **dict.fromkeys(("TO", "V"), "XTSE"),
    **dict.fromkeys(("AX",), "XASX"),
    **dict.fromkeys(("NZ",), "XNZE"),
    **dict.fromkeys(("NS", "BO", "NSE", "BSE"), "XBOM"),
    **dict.fromkeys(("SA",), "BVMF"),
    **dict.fromkeys(("MX",), "XMEX"),
    **dict.fromkeys(("SI",), "XSES"),
    **dict.fromkeys(("BK",), "XBKK"),
    **dict.fromkeys(("JK",), "XIDX"),
    **dict.fromkeys(("KL",), "XKLS"),
    **dict.fromkeys(("ME", "MCX"), "XMOS"),
    **dict.fromkeys(("TA",), "XTAE"),
    **dict.fromkeys(("JO",), "XJSE"),
    **dict.fromkeys(("SR",), "XSAU"),
    **dict.fromkeys(("IS",), "XIST"),
    **dict.fromkeys(("US",), "us"),
}
_INDICES: Final = {
    **dict.fromkeys(
        ("KS11", "KQ11", "KS200", "KS50", "KS100", "KRX100", "KOSPI", "KOSDAQ"), "XKRX"
    ),
    **dict.fromkeys(("GSPC", "SPX", "DJI", "IXIC", "NDX", "RUT", "VIX", "US500"), "us"),
    **dict.fromkeys(("N225", "JP225", "TOPX"), "XTKS"),
    **dict.fromkeys(("HSI", "HSCE"), "XHKG"),
    **dict.fromkeys(("SSEC", "CSI300"), "XSHG"),
    **dict.fromkeys(("FTSE", "FTMC"), "XLON"),
    **dict.fromkeys(("GDAXI",), "XETR"),
    **dict.fromkeys(("FCHI",), "XPAR"),
    **dict.fromkeys(("NSEI", "BSESN"), "XBOM"),
}
_STABLE: Final = "USDT|USDC|BUSD|FDUSD|TUSD|DAI|USDE"
_CURRENCIES: Final = (
    "USD|EUR|JPY|GBP|KRW|CHF|AUD|CAD|NZD|CNH|CNY|HKD|SGD|SEK|NOK|MXN|ZAR|TRY|PLN|INR"
)
_COINS: Final = (
    "BTC|XBT|ETH|XRP|LTC|BCH|ADA|SOL|DOGE|DOT|TRX|BNB|AVAX|LINK|XLM|ETC|EOS|XMR|NEO|ATOM|NEAR|SHIB|"
    "PEPE|MATIC|POL|UNI|APT|ARB|OP|SUI|TON|FIL|ALGO|AAVE"
)
_QUOTES: Final = rf"{_STABLE}|{_CURRENCIES}|BTC|ETH|BNB|BRL"
_SWAP: Final = r"(?:[-_:](?:PERP|SWAP|USDT|USD|USDC|BTC|UM|CM|\d{6}|\d{1,2}[A-Z]{3}\d{2}))*"

_PAIRS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[A-Z0-9]{{1,12}}[-/_](?:{_QUOTES}){_SWAP}",  # BTC-USDT, BTC/USDT:USDT
        r"(?:KRW|USDT|BTC|USD|EUR)[-_][A-Z0-9]{1,12}",  # KRW-XRP: Upbit puts the quote first
        rf"[A-Z0-9]{{2,12}}(?:{_STABLE}){_SWAP}",  # BTCUSDT
        rf"(?:X|T|PI_|PF_|FI_)?(?:{_COINS})Z?(?:{_QUOTES}){_SWAP}",  # XBTUSD, tBTCUSD
        rf"(?:{_COINS})[-_](?:PERP|PERPETUAL|SWAP)",
    )
)
_FOREX: Final = re.compile(rf"(?:{_CURRENCIES})[-/_.]?(?:{_CURRENCIES})(?:=X)?|X(?:AU|AG)USD")
_KOREAN: Final = re.compile(r"A?[0-9][0-9A-Z]{5}|[가-힣][가-힣A-Z0-9&·\- ]*")
_AMERICAN: Final = re.compile(r"[A-Z]{1,5}(?:[.-][A-Z]{1,2})?")
_COIN: Final = re.compile(_COINS)
_DATE: Final = re.compile(r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")  # 240131
# What stands beside a ticker in names of files, and is none itself.
_NOISE: Final = re.compile(
    r"\d{1,3}(?:m|min|mins|minute|minutes|h|hour|d|day|w|s|t|k)|[a-z]+|M\d{1,2}|H\d|D1|W1|MN1?|"
    r"DAT|ASCII|MT|CSV|OHLC|OHLCV|BID|ASK|ALL|DAILY|HOURLY|WEEKLY|MINUTE|"
    r"[일주월분]봉|주가|시세|데이터|차트",
)


def market_of(symbol: str) -> str:
    """Return the name of the market that a symbol trades in; empty where its form tells none."""
    upper = symbol.upper().removeprefix("^")
    if upper in _INDICES:
        return _INDICES[upper]
    if _FOREX.fullmatch(upper):
        return "24/5"
    if any(pair.fullmatch(upper) for pair in _PAIRS):
        return "crypto"
    head, _, suffix = upper.rpartition(".")
    if head and suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if _KOREAN.fullmatch(upper):
        return "krx"
    # A coin without its quote has the form of an American ticker, and some are both.
    american = _AMERICAN.fullmatch(symbol) and not _COIN.fullmatch(symbol)
    return "us" if american else ""


def markets_of(symbols: Iterable[str]) -> dict[str, list[str]]:
    """Return the symbols by the market that their form tells; empty for those that tell none.

    A short name and the code of the same exchange are one market.
    """
    same = {"XKRX": "krx", "XNYS": "us", "24/7": "crypto"}
    found: dict[str, list[str]] = {}
    for symbol in symbols:
        name = market_of(symbol)
        found.setdefault(same.get(name, name), []).append(symbol)
    return found


def symbol_in(stem: str) -> str:
    """Return the ticker that a file's name holds: 005930 of `005930_1d`; else the whole name."""
    if market_of(stem):
        return stem
    spans = [s for s in _spans(stem) if not _NOISE.fullmatch(s)]
    certain = [s for s in spans if market_of(s) not in ("", "us") and s not in _INDICES]
    if certain:
        # Longest first, so that BTC-USDT of `BTC-USDT_5m` is not taken for BTC.
        return max(certain, key=len)
    tickers = {s for s in spans if market_of(s) == "us"}
    return tickers.pop() if len(tickers) == 1 else stem


def _spans(stem: str) -> list[str]:
    # All runs of words of a name, with what stands between them; small letters are words of people.
    parts = re.split(r"([_\s\-()@,]+)", stem)
    places = range(0, len(parts), 2)
    spans = ["".join(parts[i : j + 1]) for i in places for j in places if j >= i]
    dates = sum(_DATE.fullmatch(part) is not None for part in parts)
    return [
        s
        for s in spans
        if s and not re.search(r"[a-su-z]", s) and not (dates > 1 and _DATE.fullmatch(s))
    ]
