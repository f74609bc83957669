"""The line at the foot of a window: whether what it shows can be believed."""

from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from client.clock import now_ms
from client.state import text
from client.state.colors import Rgb, Tokens
from client.state.health import Health
from client.ui.theme.theme import Theme, font, set_color
from shared.protocol.answers import Universe
from shared.protocol.messages import Status

_SPACE_PX: Final = 22


def health_words(health: Health, since: str) -> str:
    """Return the state of the link in a few words.

    Args:
        health: The state.
        since: When the newest message came, as a time of day.
    """
    if health.age_ms is None:
        return health.sentence
    if health.state == "live":
        return f"live · {text.age(health.age_ms)}"
    return f"{health.state} since {since} · {health.sentence}"


def dropped_words(status: Status) -> str:
    """Return how many bars were taken, and how many were not and why, a reason a line."""
    lines = [f"{status.accepted:,} bars accepted"]
    counts = sorted(status.dropped.items(), key=lambda item: -item[1])
    lines += [f"{count:,} {reason.replace('_', ' ')}" for reason, count in counts]
    return "\n".join(lines)


class StatusLine(QWidget):
    """Dot and words on the left, what the window wants to add, and a remark on the right."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._dot, self._link, self._server, self._remark = (QLabel() for _ in range(4))
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
            label.setProperty("role", "muted")
            label.setFont(font(12))

    def show_health(self, health: Health, universe: Universe | None) -> None:
        """Show the state of the link; times are those of the exchange."""
        zone = text.zone_of(universe.timezone if universe else "UTC")
        since = text.clock_and_zone(now_ms() - (health.age_ms or 0), zone)
        self._link.setText(health_words(health, since))
        set_color(self._dot, _dot_color(health, self._theme.tokens))

    def show_server(self, words: str, tip: str) -> None:
        """Show what the server says of itself."""
        self._server.setText(words)
        self._server.setToolTip(tip)

    def show_remark(self, words: str) -> None:
        """Show something on the right."""
        self._remark.setText(words)


def _dot_color(health: Health, tokens: Tokens) -> Rgb:
    colors = {"live": tokens.live, "late": tokens.late, "lost": tokens.lost}
    return colors.get(health.state, tokens.muted)
