import msgspec
import numpy as np
import pytest

from client.state.filter_language import FIELDS, FilterError, completions, parse
from client.state.filter_terms import NUMBERS, TEXTS
from client.state.marks import Marks
from client.state.table import Table
from tests.kit.made_market import MadeMarket
from tests.kit.maker import Maker
from tests.kit.updates import an_update, row_changes

NAMES = ("삼성전자", "Apple Inc", "KODEX ETF", "신성")
SYMBOLS = ("005930", "AAPL", "069500", "011930")
MARKETS = ("KOSPI", "NASDAQ", "KOSPI", "KOSDAQ")


@pytest.fixture
def table(make: Maker) -> Table:
    make.symbols = SYMBOLS
    universe = msgspec.structs.replace(
        make.universe(names=NAMES),
        markets=MARKETS,
        names_en=("Samsung", "", "", "Shinsung"),
        sectors=("Chips", "Phones", "", "Steel & iron"),
    )
    shares = np.array([[0.1, 0.1, 0.8], [0.2, 0.5, 0.3], [0.7, 0.2, 0.1], [0, 0, 0]], np.float32)
    rows = row_changes(
        range(4),
        shares,
        last=np.array([100.0, 10, 5, 0]),
        change=np.array([0.03, -0.02, 0, 0], np.float32),
        bar_ms=np.full(4, int(MadeMarket(make).times(1)[0])),
    )
    table = Table()
    table.apply(an_update(universe=universe, rows=rows))
    table.mark(Marks(stars=("AAPL",)))
    return table


@pytest.mark.parametrize(
    ("line", "fitting"),
    [
        ("", [0, 1, 2, 3]),
        ("  APP ", [1]),
        ("0059", [0]),
        ("ㅅㅅ", [0, 3]),
        ("ㅅㅅ kospi", [0]),
        ("aapl,069500", [1, 2]),
        ("-etf", [0, 1, 3]),
        ('"kodex etf"', [2]),
        ("conf > 0.25", [0, 1]),
        ("conf>=80%", [0]),
        ("up<0.2", [2]),
        ("-conf>0.25", [2, 3]),
        ("change < -1%", [1]),
        ("change:3%", [0]),
        ("last > 7 last<50", [1]),
        ("market:kosdaq,NASDAQ", [1, 3]),
        ("sector:chip,phones", [0, 1]),
        ("samsung", [0]),
        ("name:shin", [3]),
        ("english:app", []),
        ("-market:KOSPI conf>0", [1]),
        ("class:up,down", [0, 2]),
        ("class:f", [1]),
        ("is:star", [1]),
        ("-is:decided", [3]),
        ("ticker:app", []),
        ("name:app", [1]),
        ("trend > 1%", []),
    ],
)
def test_a_line_says_which_rows(table: Table, line: str, fitting: list[int]) -> None:
    wanted = parse(line)
    for _ in range(2):  # what is remembered of the first time says the same
        assert np.flatnonzero(wanted.fits(table)).tolist() == fitting


@pytest.mark.parametrize(
    ("line", "sentence", "start"),
    [
        ("app confd>3", "there is no confd: try conf, flat", 4),
        ("conf >", "what conf> is held against is missing", 0),
        ("conf > much", "conf is a number, such as 0.4 or 40%, was much", 0),
        ("conf > 40", "conf is a share: write 40% or 0.4", 0),
        ("conf > 1,2", "conf is held against one number, not 2", 0),
        ("class:best", "class is down, flat, up, not best", 0),
        ("market > 3", "market is no number: write market:3", 0),
        ("-", "a word is missing after -", 0),
        ("x" * 501, "a filter has at most 500 characters", 500),
    ],
)
def test_a_line_that_cannot_be_understood_says_why(line: str, sentence: str, start: int) -> None:
    with pytest.raises(FilterError) as told:
        parse(line)
    assert str(told.value).startswith(sentence)
    assert told.value.start == start


def test_what_is_wrong_is_left_out(table: Table) -> None:
    with pytest.raises(FilterError) as told:
        parse("conf > class:up nonsense:5 market:KOSPI")
    assert str(told.value).startswith("conf is a number")
    assert np.flatnonzero(told.value.rest.fits(table)).tolist() == [0, 2]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("app c", ("app conf > ", "app change > ", "app class:")),
        ("-ma", ("-market:",)),
        ("class:", ("class:up", "class:flat", "class:down")),
        ("market:KOSPI,k", ("market:KOSPI,KOSDAQ", "market:KOSPI,KOSPI")),
        ("name:kod", ('name:"KODEX ETF"',)),
        ("sector:s", ('sector:"Steel & iron"',)),
        ("conf:", ()),
        ("", ()),
    ],
)
def test_what_was_begun_is_completed(table: Table, line: str, offered: tuple[str, ...]) -> None:
    assert completions(line, table) == offered


def test_every_field_is_told_of() -> None:
    assert FIELDS.keys() == {*NUMBERS, *TEXTS, "class", "is"}
