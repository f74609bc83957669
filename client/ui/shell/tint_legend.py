"""The legend of the colors of rows, at the head of the desk; a click changes the scale."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton

from client.state import colors, text
from client.state.tint_scale import ABSOLUTE, TintScale
from client.ui.theme.theme import Theme, font
from client.ui.widgets.prepared_text import PreparedText

_STEPS: Final = 8
_STEP_PX, _LEAST_PX, _MOST_PX = 9, 4, 16
_GAP_PX, _PAD_PX, _HEIGHT_PX = 6, 8, 26


class TintLegend(QToolButton):
    """Where color begins, how it grows, and where it is full.

    Args:
        theme: The colors.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "list")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._theme, self._words = theme, PreparedText(font(11))
        self._scale, self._wide = ABSOLUTE, True
        theme.changed.connect(self.update)
        self.show_scale(ABSOLUTE)

    def show_scale(self, scale: TintScale) -> None:
        """Show another scale."""
        self._scale = scale
        self.setAccessibleName(f"Colors from {scale.sentence}")
        other = "Click for the model's own scale" if scale is ABSOLUTE else "Click for one scale of"
        hint = other if scale is ABSOLUTE else f"{other} all models"
        self.setToolTip(text.tip(f"Rows are colored from {scale.sentence}", hint))
        self.updateGeometry()
        self.update()

    def set_wide(self, wide: bool) -> None:
        """Say in words what the colors are, or leave that to the tool-tip."""
        if wide != self._wide:
            self._wide = wide
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return the room that the colors and the words take."""
        parts = [*self._ends(), *([self._scale.words] if self._wide else [])]
        words = sum(self._words.width(part) + _GAP_PX for part in parts)
        return QSize(round(2 * _PAD_PX + _STEPS * _STEP_PX + words), _HEIGHT_PX)

    def _ends(self) -> tuple[str, str]:
        return text.percent(self._scale.low), text.percent(self._scale.high)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the steps between their two confidences."""
        tokens, middle = self._theme.tokens, self.height() / 2
        first, last = self._ends()
        with QPainter(self) as painter:
            painter.setPen(QColor(*tokens.muted))
            x = _PAD_PX + self._words.draw(painter, first, _PAD_PX, middle) + _GAP_PX
            for step in range(1, _STEPS + 1):
                height = _LEAST_PX + (_MOST_PX - _LEAST_PX) * step / _STEPS
                tint = QColor(*colors.row_tint(step / _STEPS, tokens))
                area = QRectF(x, middle + _MOST_PX / 2 - height, _STEP_PX - 1, height)
                painter.fillRect(area, tint)
                x += _STEP_PX
            x += _GAP_PX - 1
            x += self._words.draw(painter, last, x, middle) + _GAP_PX
            if self._wide:
                self._words.draw(painter, self._scale.words, x, middle)
