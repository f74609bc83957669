"""Bars that stand out, shaded over the whole height of a view."""

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QBrush, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget


class BarShade(pg.GraphicsObject):
    """A strip of a view; hidden until bars are shaded.

    pyqtgraph's own region comes with lines to drag it by, and takes four times as long to make: a
    window has six.
    """

    def __init__(self) -> None:
        super().__init__()
        self._first, self._last = 0, 0
        self._brush = QBrush()
        self.hide()

    def set_brush(self, brush: QBrush) -> None:
        """Shade in another color."""
        self._brush = brush
        self.update()

    def show_bars(self, first: int, last: int) -> None:
        """Shade the bars from one position to another, both among them."""
        self.prepareGeometryChange()
        self._first, self._last = first, last
        self.show()

    def viewRangeChanged(self) -> None:
        """Be as high as the view, when that shows other heights."""
        self.prepareGeometryChange()

    def boundingRect(self) -> QRectF:
        """Return where the strip is."""
        view = self.getViewBox()
        if view is None:
            return QRectF()
        low, high = view.viewRange()[1]
        return QRectF(self._first - 0.5, low, self._last - self._first + 1, high - low)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Fill the strip."""
        painter.fillRect(self.boundingRect(), self._brush)
