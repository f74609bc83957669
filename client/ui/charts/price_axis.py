"""The axis of prices: its scale, its tags, and heights that are stretched by dragging it."""

import dataclasses
from collections.abc import Sequence
from typing import Final

import pyqtgraph as pg
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent, MouseDragEvent
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsSceneWheelEvent

from client.state.colors import Rgb
from client.state.price_scale import PriceScale, ScaleKind, log_ticks
from client.ui.charts.chart_axes import TAG_PX, Hairline, ValueAxis, Words, draw_tag
from client.ui.theme.theme import Look

_A_PIXEL: Final = 1.006  # of the heights in sight, a pixel of dragging
_A_NOTCH_PX: Final = 24  # of dragging, a notch of the wheel
_NOTCH: Final = 120


@dataclasses.dataclass(frozen=True)
class Tag:
    """A price that stands out at the axis.

    Attributes:
        height: Where it is.
        color: What it stands on.
    """

    height: float
    color: Rgb


class PriceAxis(ValueAxis):
    """Prices, those with a tag in front.

    Signals:
        stretched: Heights are to be multiplied by that.
        freed: Heights are to fit the bars again.
    """

    stretched = Signal(float)
    freed = Signal()

    def __init__(self, view: pg.ViewBox, look: Look) -> None:
        super().__init__(view, look)
        self._decimals, self._scale = 0, PriceScale()
        self._tags: Sequence[Tag] = ()
        self.setTickDensity(1.6)
        self.setCursor(Qt.CursorShape.SizeVerCursor)

    def set_decimals(self, decimals: int) -> None:
        """Show prices with so many decimals."""
        self._decimals = decimals

    def set_scale(self, scale: PriceScale) -> None:
        """Read heights by another scale."""
        if scale != self._scale:
            self._scale = scale
            self.update()

    def show_tags(self, tags: Sequence[Tag]) -> None:
        """Show other tags, the last one in front."""
        if tags != self._tags:
            self._tags = tags
            self.update(self.shape().boundingRect())

    def tickValues(
        self, low: float, high: float, size: float, /
    ) -> list[tuple[float, list[float]]]:
        """Return the heights of what reads as round numbers."""
        scale = self._scale
        first, last = scale.read(low), scale.read(high)
        wide = log_ticks(first, last) if scale.kind == ScaleKind.LOG else ()
        if wide:
            return [(min(wide), [scale.height(price) for price in wide])]
        levels = super().tickValues(first, last, size)
        return [(apart, [scale.height(read) for read in reads]) for apart, reads in levels]

    def tickStrings(self, values: list[float], scale: float, spacing: float, /) -> list[str]:
        """Return prices, or percent, as people read them."""
        return [self._scale.tick(v, self._decimals, spacing * scale) for v in values]

    def drawPicture(
        self, painter: QPainter, axis: Hairline, ticks: list[Hairline], words: list[Words], /
    ) -> None:
        """Draw prices, but none where a tag is, and the tags."""
        low, high = self.range
        tags = [tag for tag in self._tags if low <= tag.height <= high]
        # A price under a tag would be read as a part of it.
        places = [(high - tag.height) / (high - low) * self.size().height() for tag in tags]
        free = [w for w in words if all(abs(w[0].center().y() - y) > TAG_PX for y in places)]
        super().drawPicture(painter, axis, ticks, free)
        for tag, y in zip(tags, places, strict=True):
            box = QRectF(2, round(y) - TAG_PX / 2, self.size().width() - 2, TAG_PX)
            draw_tag(painter, box, tag.color, self._scale.label(tag.height, self._decimals))

    def mouseDragEvent(self, event: MouseDragEvent) -> None:
        """Stretch the heights: up for more of them, down for fewer."""
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self.stretched.emit(_A_PIXEL ** (event.pos().y() - event.lastPos().y()))

    def wheelEvent(self, event: QGraphicsSceneWheelEvent) -> None:
        """Stretch the heights."""
        event.accept()
        self.stretched.emit(_A_PIXEL ** (-event.delta() / _NOTCH * _A_NOTCH_PX))

    def mouseClickEvent(self, event: MouseClickEvent) -> None:
        """On a double click fit the heights to the bars again."""
        if event.double():
            self.freed.emit()
