"""What was measured on a chart: a box from one place to another, and its words."""

from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QBrush, QColor, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from client.ui.charts.bar_view import BarView
from client.ui.theme.theme import Look, faded, font

_IN_FRONT: Final = 10  # of the candles


class MeasureMark(pg.GraphicsObject):
    """A box in a view of candles; hidden until something is measured.

    Args:
        view: Where it is.
        look: Its colors.
    """

    def __init__(self, view: BarView, look: Look) -> None:
        super().__init__()
        self._view, self._look = view, look
        self._box = QRectF()
        self._words = pg.TextItem()
        self._words.setFont(font(12))
        self._said = ""
        for item in (self, self._words):
            view.addItem(item, ignoreBounds=True)
            item.setZValue(_IN_FRONT)
        self.clear()
        look.changed.connect(self._dress)
        self._dress()

    @property
    def words(self) -> str:
        """What is measured; empty without anything."""
        return self._said

    def show_measure(self, start: QPointF, end: QPointF, words: str) -> None:
        """Show a box between two places in bars and heights, and what it measures."""
        self.prepareGeometryChange()
        self._box, self._said = QRectF(start, end).normalized(), words
        across, up = self._view.viewRange()
        # Towards the middle of the view, where there is room.
        right, high = end.x() > sum(across) / 2, end.y() > sum(up) / 2
        self._words.setAnchor((1.0 if right else 0.0, 0.0 if high else 1.0))
        self._words.setText(words)
        self._words.setPos(end)
        self._set_visible(visible=True)
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._said = ""
        self._set_visible(visible=False)

    def boundingRect(self) -> QRectF:
        """Return where the box is."""
        return self._box

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw the box."""
        painter.fillRect(self._box, faded(self._look.tokens.text, 0.12))

    def _set_visible(self, *, visible: bool) -> None:
        for item in (self, self._words):
            item.setVisible(visible)

    def _dress(self) -> None:
        tokens = self._look.tokens
        self._words.setColor(QColor(*tokens.text))
        self._words.fill = QBrush(QColor(*tokens.raised))
        self._words.update()
        self.update()
