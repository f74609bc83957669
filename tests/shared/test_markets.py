import pytest

from shared.errors import SettingsError
from shared.markets import market_of


@pytest.mark.parametrize(
    ("symbols", "market"),
    [
        (["005930", "00104K"], "krx"),
        (["BTC-USD", "ETH/USDT"], "crypto"),
        (["AAPL", "BRK-B"], "us"),
        (["005930", "AAPL"], "us"),
        ([], "us"),
    ],
)
def test_symbols_tell_their_market(symbols: list[str], market: str) -> None:
    assert market_of(symbols).name == market


def test_a_name_overrides_the_symbols() -> None:
    assert market_of(["AAPL"], "krx").timezone == "Asia/Seoul"


def test_an_unknown_market_is_refused() -> None:
    with pytest.raises(SettingsError, match="was 'moon'"):
        market_of([], "moon")
