import numpy as np
import pytest

from client.state.decision import PAST, UNDECIDED, withheld
from client.state.explained import WAITING
from client.state.table import Table
from shared.columns import FORMING
from tests.kit.made_market import NEWEST, SYMBOL, MadeMarket
from tests.kit.maker import Maker


@pytest.fixture
def market(make: Maker) -> MadeMarket:
    return MadeMarket(make)


def table_of(market: MadeMarket, newest: int = NEWEST) -> tuple[Table, int]:
    table = Table()
    table.apply(market.update({2: (0.1, 0.2, 0.7)}, newest, universe=market.universe()))
    return table, table.row_of[SYMBOL]


@pytest.mark.parametrize(
    ("newest", "why"), [(NEWEST - 1, WAITING), (NEWEST, ""), (NEWEST + 1, WAITING)]
)
def test_a_map_is_shown_beside_the_row_of_the_same_bar_alone(
    market: MadeMarket, newest: int, why: str
) -> None:
    table, row = table_of(market)
    assert withheld(table, row, market.heatmap(SYMBOL, newest)) == why


def test_a_bar_that_forms_decides_nothing_so_the_map_of_the_one_before_stays(
    market: MadeMarket,
) -> None:
    table, row = table_of(market, NEWEST + 1)
    table.flags[row] |= FORMING
    heatmap = market.heatmap(SYMBOL)
    assert table.explains(heatmap, row)
    table.probabilities[row] = np.array([0.2, 0.2, 0.6], np.float32)
    assert not table.explains(heatmap, row)


def test_without_a_decision_of_now_there_is_no_map(market: MadeMarket) -> None:
    table, row = table_of(market)
    heatmap = market.heatmap(SYMBOL)
    table.flags[row] = 0
    assert withheld(table, row, heatmap) == UNDECIDED
    assert withheld(table, row, None) == ""
    assert withheld(table, None, heatmap) == ""
    table.apply(market.update(status=market.status(state="starting")))
    assert withheld(table, row, heatmap) == PAST
