"""The line at the foot of a window: whether what it shows can be believed."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from client.state.colors import Rgb, Tokens
from client.state.freshness import Dot, Freshness
from client.ui.theme.theme import Theme, font, set_color
from client.ui.widgets.panel import ElidedLabel
from client.ui.widgets.plain_label import PlainLabel
from shared.protocol.messages import Status

_SPACE_PX: Final = 22
_LINK_PX: Final = 240  # that the state of link and data has in the narrowest window


def dropped_words(status: Status) -> str:
    """Return how many bars were taken, and how many were not and why, a reason a line."""
    lines = [f"{status.accepted:,} bars accepted"]
    counts = sorted(status.dropped.items(), key=lambda item: -item[1])
    lines += [f"{count:,} {reason.replace('_', ' ')}" for reason, count in counts]
    return "\n".join(lines)


class StatusLine(QWidget):
    """Dot and words on the left, what the window wants to add, and a remark on the right.

    Attributes:
        asked: What the server says of itself was clicked.
    """

    asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._dot = PlainLabel()
        self._link, self._server, self._remark = (ElidedLabel("muted") for _ in range(3))
        self._dot.setFont(font(14))
        self._dot.setText("●")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(7)
        row.addWidget(self._dot)
        row.addWidget(self._link)
        row.addSpacing(_SPACE_PX - row.spacing())
        row.addWidget(self._server)
        row.addStretch()
        row.addWidget(self._remark)
        for label in (self._link, self._server, self._remark):
            label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            label.setFont(font(12))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell of a click on what the server says of itself."""
        if self._server.geometry().contains(event.position().toPoint()):
            self.asked.emit()

    def show_freshness(self, freshness: Freshness) -> None:
        """Show the state of link and data."""
        self._link.show_words(freshness.words)
        # By its words: the hint of a label holds the minimum of before.
        needed = self._link.fontMetrics().horizontalAdvance(freshness.words) + 2
        self._link.setMinimumWidth(min(needed, _LINK_PX))
        set_color(self._dot, dot_color(freshness.dot, self._theme.tokens))

    def show_server(self, words: str, tip: str) -> None:
        """Show what the server says of itself."""
        self._server.show_words(words, tip)

    def show_remark(self, words: str) -> None:
        """Show something on the right."""
        self._remark.show_words(words)


def dot_color(dot: Dot, tokens: Tokens) -> Rgb:
    """Return the color of a dot."""
    return {
        "live": tokens.live,
        "played": tokens.played,
        "late": tokens.late,
        "lost": tokens.lost,
        "off": tokens.muted,
    }[dot]
