"""What every chart over bars has in common: one shared axis, zoom, pan and a pointer that snaps."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from client.state import bar_axis
from client.state.bar_axis import BarRange
from client.ui.look import Look, faded, font

NO_BAR: Final = -1
_ZOOM_A_NOTCH: Final = 0.85
_NOTCH: Final = 120  # Qt counts wheels in eighths of a degree, 15 degrees a notch


class ChartAxis(QObject):
    """The bar axis that the charts of one window share.

    Signals:
        moved: Other bars are in sight, or there are more of them.
        pointed: The pointer is on the bar of that index, or on `NO_BAR`.

    Attributes:
        shown: The part in sight.
        count: How many bars there are.
        bar: The bar under the pointer, or `NO_BAR`.
        gutter: Room for labels right of the plots, in pixels.
    """

    moved = Signal()
    pointed = Signal(int)

    shown: BarRange
    count: int
    bar: int
    gutter: int

    def __init__(self) -> None:
        super().__init__()
        self.shown, self.count, self.bar, self.gutter = bar_axis.latest(0), 0, NO_BAR, 64

    def start_over(self, count: int) -> None:
        """Show the newest of `count` bars."""
        self.count = count
        self.show_range(bar_axis.latest(count))

    def grow(self, count: int, forgotten: int = 0) -> None:
        """Take note that there are `count` bars now, after `forgotten` old ones went."""
        before, self.count = self.count - forgotten, count
        self.show_range(bar_axis.follow(self.shown.panned(-forgotten), before, count))

    def show_range(self, shown: BarRange) -> None:
        """Bring another part in sight."""
        self.shown = shown
        self.moved.emit()

    def reset(self) -> None:
        """Bring the newest bars in sight, at the usual width."""
        self.show_range(bar_axis.latest(self.count))

    def pan(self, bars: float) -> None:
        """Move the view right by `bars`."""
        self.show_range(self.shown.panned(bars).within(self.count))

    def zoom(self, factor: float, anchor: float) -> None:
        """Show `factor` times as many bars, with position `anchor` where it is."""
        self.show_range(self.shown.zoomed(factor, anchor, self.count))

    def point(self, bar: int) -> None:
        """Move the pointer to a bar."""
        bar = bar if 0 <= bar < self.count else NO_BAR
        if bar != self.bar:
            self.bar = bar
            self.pointed.emit(bar)


class BarChart(QWidget):
    """A chart over a `ChartAxis`; what stands still is painted once and kept as a picture.

    A chart paints its picture in `paint_layer` and what follows the pointer in `paint_pointer`.
    """

    def __init__(self, axis: ChartAxis, look: Look) -> None:
        super().__init__()
        self.axis, self.look = axis, look
        self.pointer: QPointF | None = None
        self._layer: QPixmap | None = None
        self._dragged_from: tuple[float, BarRange] | None = None
        self.setFont(font(11))
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        axis.moved.connect(self.repaint_layer)
        axis.pointed.connect(self.update)
        look.changed.connect(self.repaint_layer)

    def plot(self) -> QRectF:
        """Return where bars are drawn."""
        return QRectF(0, 0, max(self.width() - self.axis.gutter, 1), self.height())

    def paint_layer(self, painter: QPainter) -> None:
        """Paint all that does not follow the pointer."""
        raise NotImplementedError

    def paint_pointer(self, painter: QPainter) -> None:
        """Paint what follows the pointer: by itself, a line through the bar."""
        if self.axis.bar != NO_BAR:
            x = round(self.x_of(self.axis.bar))
            line = faded(self.look.tokens.muted, 0.6)
            painter.fillRect(QRectF(x, 0, 1, self.plot().bottom()), line)

    def repaint_layer(self) -> None:
        """Forget the kept picture."""
        self._layer = None
        self.update()

    @property
    def bar_px(self) -> float:
        """How wide a bar is."""
        return max(self.width() - self.axis.gutter, 1) / self.axis.shown.width

    def x_of(self, position: float) -> float:
        """Return where a position of the axis is, in pixels."""
        return (position - self.axis.shown.first) * self.bar_px

    def position_at(self, x: float) -> float:
        """Return which position of the axis is at pixel `x`."""
        return self.axis.shown.first + x / self.bar_px

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show the kept picture, painted anew when it is out of date, and the pointer."""
        if self._layer is None:
            self._layer = self._painted_layer()
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._layer)
            self.paint_pointer(painter)

    def _painted_layer(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        layer = QPixmap(self.size() * ratio)
        layer.setDevicePixelRatio(ratio)
        layer.fill(Qt.GlobalColor.transparent)
        with QPainter(layer) as painter:
            painter.setFont(self.font())
            self.paint_layer(painter)
        return layer

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Forget the kept picture."""
        self.repaint_layer()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer, or pan when turned sideways."""
        turned = event.angleDelta()
        if abs(turned.x()) > abs(turned.y()):
            self.axis.pan(-turned.x() / _NOTCH * self.axis.shown.width * 0.1)
        else:
            factor = _ZOOM_A_NOTCH ** (turned.y() / _NOTCH)
            self.axis.zoom(factor, self.position_at(event.position().x()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the chart."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged_from = (event.position().x(), self.axis.shown)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the chart, or move the pointer."""
        self.pointer = event.position()
        if self._dragged_from is not None:
            start, shown = self._dragged_from
            moved = shown.panned((start - event.position().x()) / self.bar_px)
            self.axis.show_range(moved.within(self.axis.count))
        inside = event.position().x() < self.plot().right()
        self.axis.point(round(self.position_at(event.position().x())) if inside else NO_BAR)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the chart."""
        self._dragged_from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the newest bars again."""
        self.axis.reset()

    def leaveEvent(self, event: QEvent) -> None:
        """Take the pointer away."""
        self.pointer = None
        self.axis.point(NO_BAR)
        self.update()
