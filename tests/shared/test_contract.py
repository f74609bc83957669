import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import contract
from shared.errors import DataError
from tests.kit.for_each import for_each


def test_the_window_is_six_bars_of_eight_features() -> None:
    assert contract.WINDOW_SHAPE == (6, 8)
    assert contract.CLASS_NAMES == ("down", "flat", "up")


@pytest.mark.parametrize("symbol", ["005930", "BTC-USD", "BTC/USDT", "BRK-B", "삼성전자", "0"])
def test_a_symbol_is_kept_as_it_is(symbol: str) -> None:
    assert contract.check_symbol(symbol) == symbol


@pytest.mark.parametrize("symbol", ["", " ", "A B", "A\n", "/A", "x" * 33, "\x00"])
def test_what_cannot_name_a_ticker_is_refused(symbol: str) -> None:
    with pytest.raises(DataError):
        contract.check_symbol(symbol)


@given(st.integers(1, 9999), st.sampled_from("smhd"))
def test_an_interval_keeps_its_length_under_its_shortest_name(number: int, unit: str) -> None:
    seconds = contract.interval_seconds(f"{number}{unit}")
    if seconds < 10_000:
        assert contract.interval_seconds(contract.interval_name(seconds)) == seconds


@for_each("interval", ["", "5", "m", "0m", "-1d", "1w", "1.5h", "٣m"])
def test_what_is_no_interval_is_refused(interval: str) -> None:
    with pytest.raises(DataError):
        contract.interval_seconds(interval)


def test_a_bar_must_last() -> None:
    with pytest.raises(DataError):
        contract.interval_name(0)
