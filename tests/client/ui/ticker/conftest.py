import pytest
from pytestqt.qtbot import QtBot

from client.state.explained import Explained
from client.ui.theme.theme import Theme
from client.ui.ticker.map_panel import MapPanel
from tests.kit.made_market import METHODS, SYMBOL, MadeMarket


@pytest.fixture
def explained(market: MadeMarket) -> Explained:
    explained = Explained(SYMBOL, METHODS)
    explained.apply(market.update(heatmaps={SYMBOL: market.heatmap(SYMBOL)}))
    return explained


@pytest.fixture
def panel(explained: Explained, theme: Theme, market: MadeMarket, qtbot: QtBot) -> MapPanel:
    panel = MapPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(740, 380)
    panel.show_explained(explained, market.universe())
    panel.show()
    return panel
