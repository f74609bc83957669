import pytest

from models.data.sources.symbols import markets_of
from server.feeds.invented import companies


@pytest.mark.parametrize("count", [1, 300, 5_000, 100_000])
def test_no_two_companies_share_a_name_or_a_symbol(count: int) -> None:
    listed = companies(count)
    assert len({c.name for c in listed}) == count
    assert len({c.symbol for c in listed}) == count


def test_symbols_look_korean() -> None:
    assert markets_of(c.symbol for c in companies(100_000)).keys() == {"krx"}
    assert companies(2)[0] == ("100010", "Gaon Electronics", "KOSPI")


def test_no_company_repeats_a_word_and_both_segments_occur() -> None:
    listed = companies(5_000)
    assert all(len(set(c.name.split())) == len(c.name.split()) for c in listed)
    assert {c.segment for c in listed} == {"KOSPI", "KOSDAQ"}
