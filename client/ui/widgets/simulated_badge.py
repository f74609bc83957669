"""The badge that no window of a simulated market is without."""

from PySide6.QtWidgets import QLabel


class SimulatedBadge(QLabel):
    """SIMULATED; hidden until it is known that the market is."""

    def __init__(self) -> None:
        super().__init__("SIMULATED")
        self.setProperty("role", "badge")
        self.setToolTip("No bar is of a real market.")
        self.hide()
