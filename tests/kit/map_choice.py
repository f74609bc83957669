"""What a user does in the window of a ticker, done to the end."""

from client.state.explained import Choice, Explained
from client.ui.ticker.map_panel import MapPanel
from shared.contract import Class
from tests.kit.made_market import METHODS, SYMBOL, MadeMarket


def see(panel: MapPanel, explained: Explained, choice: Choice, market: MadeMarket) -> None:
    """Have a choice answered and shown."""
    explained.choose(choice)
    by_name = {method.name: method for method in METHODS}
    answers = {
        wish: market.explanation(
            by_name[wish.method], target=Class.UP if wish.target is None else wish.target
        )
        for wish in explained.wishes()
    }
    explained.apply(market.update(explanations={SYMBOL: answers}))
    panel.show_explained(explained, market.universe())
