from models.data.sources.symbols import market_of, markets_of, symbol_in
from tests.kit.for_each import for_each


@for_each(
    ("symbol", "market"),
    [
        *[(s, "krx") for s in ("005930", "00104K", "A005930", "0101N0", "삼성전자")],
        *[(s, "XKRX") for s in ("005930.KS", "035720.KQ", "KS11", "^KQ11")],
        *[(s, "crypto") for s in ("BTC-USD", "ETH/USDT", "BTCUSDT", "XBTUSD", "KRW-XRP")],
        *[(s, "crypto") for s in ("tBTCUSD", "BTC/USDT:USDT", "BTC-PERP", "BTC_KRW", "ETHBTC")],
        *[(s, "24/5") for s in ("EURUSD", "USD/JPY", "EURUSD=X", "XAUUSD")],
        *[(s, "us") for s in ("AAPL", "BRK-B", "BRK.B", "X", "^GSPC", "aapl.us")],
        *[("7203.T", "XTKS"), ("0700.HK", "XHKG"), ("600519.SS", "XSHG"), ("VOD.L", "XLON")],
        *[("SAP.DE", "XETR"), ("RELIANCE.NS", "XBOM"), ("PETR4.SA", "BVMF")],
        # What may trade anywhere, or is a coin here and a fund there, tells nothing.
        *[(s, "") for s in ("7203", "BTC", "aapl", "train_data", "data_1234_2024", "x")],
    ],
)
def test_a_symbol_tells_its_market(symbol: str, market: str) -> None:
    assert market_of(symbol) == market


def test_a_short_name_and_a_code_of_one_exchange_are_one_market() -> None:
    assert markets_of(["005930", "KS11", "AAPL"]) == {"krx": ["005930", "KS11"], "us": ["AAPL"]}


@for_each(
    ("stem", "symbol"),
    [
        ("005930", "005930"),
        ("005930_1d", "005930"),
        ("KRX_005930", "005930"),
        ("삼성전자_일봉", "삼성전자"),
        ("BTCUSDT-1m-2024-12", "BTCUSDT"),
        ("BTC-USDT", "BTC-USDT"),
        ("KRW-BTC_minute5", "KRW-BTC"),
        ("Bitstamp_BTCUSD_1h", "BTCUSD"),
        ("DAT_ASCII_EURUSD_M1_2023", "EURUSD"),
        ("AAPL_5min", "AAPL"),
        ("SBER_240101_240201", "SBER"),
        ("data_1234_2024", "data_1234_2024"),
        ("train_data", "train_data"),
    ],
)
def test_a_ticker_is_found_in_the_name_of_a_file(stem: str, symbol: str) -> None:
    assert symbol_in(stem) == symbol
