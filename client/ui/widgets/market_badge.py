"""The badge that no window is without whose market is not real, or not of now."""

from client.ui.widgets.plain_label import PlainLabel


class MarketBadge(PlainLabel):
    """SIMULATED or REPLAY; hidden until it is known that the market is one of them."""

    def __init__(self) -> None:
        super().__init__(role="badge")
        self.hide()

    def show_market(self, *, simulated: bool, played: bool) -> None:
        """Show whether the market is a simulated one, or a real one of another time."""
        self.setText("SIMULATED" if simulated else "REPLAY")
        tip = "No bar is of a real market." if simulated else "All bars are of another time."
        self.show_tip(tip)
        self.setVisible(simulated or played)
