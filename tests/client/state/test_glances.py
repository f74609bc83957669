import numpy as np
import pytest

from client.state.captions import cell_tip
from client.state.cell_text import Circumstances, words
from client.state.glances import Glances
from client.state.list_cells import list_cell
from client.state.table import Table
from client.state.update import Update
from shared.features import UNNAMED
from tests.kit.made_market import MadeMarket
from tests.kit.maker import Maker


@pytest.fixture
def market(make: Maker) -> MadeMarket:
    return MadeMarket(make)


def listed(market: MadeMarket, *updates: Update) -> Table:
    table = Table()
    for update in (market.start((0.1, 0.1, 0.8), (0.0, 0.0, 0.0)), *updates):
        table.apply(update)
    return table


def test_a_map_says_why_as_fully_as_there_is_room(market: MadeMarket) -> None:
    glances = Glances()
    glances.take({"AAPL": market.heatmap("AAPL")})
    glance = glances.of("AAPL")
    assert glance is not None
    assert glance.added == pytest.approx(glance.heatmap.saliency * glance.heatmap.scaled)
    assert glance.words(20) == "feature 1 5 bars ago ↓ · feature 2 5 bars ago ↓"
    assert glance.words(90).startswith("feature 1 5 bars ago is -0.024")
    assert glances.of("AAPL") is glance
    assert glances.of("MSFT") is None


def test_a_list_has_only_the_map_of_the_decision_in_the_row(market: MadeMarket) -> None:
    now, before = market.heatmap("000020"), market.heatmap("000020", newest=40)
    reason, why = list_cell("reason"), list_cell("why")
    table = listed(market, market.update(heatmaps={"000020": now, "005930": now}))
    among = Circumstances.of(market.universe(), 0)
    rows = np.array([0, 1, 2])
    said = words(table, reason, rows, among)
    assert [bool(s) for s in said] == [True, False, False]
    assert cell_tip(table, 0, why).count("\n") == 1
    assert cell_tip(table, 0, list_cell("bar")).startswith("up 80% · flat 10% · down 10%")
    assert words(table, list_cell("star"), rows, among) == ["", "", ""]
    table.apply(market.update(heatmaps={"000020": before}))
    assert words(table, reason, rows, among) == ["", "", ""]
    assert cell_tip(table, 0, reason).endswith("the map of the newest is on its way")
    assert cell_tip(table, 1, reason) == ""


def test_a_card_names_the_features_and_another_run_forgets_the_maps(market: MadeMarket) -> None:
    table = listed(market, market.update(heatmaps={"000020": market.heatmap("000020")}))
    glance = table.glance(0)
    assert glance is not None
    assert glance.reasons[0].named not in UNNAMED
    table.apply(market.start((0.1, 0.1, 0.8)))
    assert table.glance(0) is None
