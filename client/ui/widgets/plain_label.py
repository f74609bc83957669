"""Labels that show text as text: names and sentences of others are never HTML, nor obeyed."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from client.state import text
from shared.plain_text import plain_lines, plain_text


class PlainLabel(QLabel):
    """A label; Qt's own guesses from each text whether it is HTML.

    Args:
        words: What it says at first.
        role: What it is to the style sheet.
    """

    def __init__(self, words: str = "", role: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setText(words)

    def setText(self, words: str) -> None:
        """Say something else."""
        super().setText(plain_text(words))

    def show_tip(self, *lines: str) -> None:
        """Say more under the pointer."""
        self.setToolTip(text.tip(*lines))


class PlainLines(PlainLabel):
    """A label whose line breaks are ours."""

    def setText(self, words: str) -> None:
        """Say something else, on as many lines as it has."""
        QLabel.setText(self, plain_lines(words))
