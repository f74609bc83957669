"""The pointer and the wheel over a chart, and the colors that are seen there."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from client.ui.charts.bar_view import BarView, Chart

LEFT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


def spot(chart: Chart, view: BarView, bar: float, height: float = 0.5) -> QPoint:
    """Return the pixel of a bar, at a share of the view's height from its top."""
    box = view.sceneBoundingRect()
    first, last = view.viewRange()[0]
    x = box.left() + (bar - first) / (last - first) * box.width()
    return chart.mapFromScene(QPointF(x, box.top() + height * box.height()))


def turn(chart: Chart, at: QPoint, eighths: QPoint) -> None:
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    place = QPointF(at)
    on_screen = QPointF(chart.mapToGlobal(at))
    event = QWheelEvent(place, on_screen, QPoint(), eighths, *none, False)
    QApplication.sendEvent(chart.viewport(), event)


def mouse(
    chart: Chart,
    kind: QEvent.Type,
    at: QPoint,
    held: Qt.MouseButton = NO_BUTTON,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    # Not QTest, which moves the cursor of all windows, and warns of what pyqtgraph handles
    # without accepting it.
    place, on_screen = QPointF(at), QPointF(chart.mapToGlobal(at))
    button = NO_BUTTON if kind == QEvent.Type.MouseMove else LEFT
    event = QMouseEvent(kind, place, on_screen, button, held, keys)
    QApplication.sendEvent(chart.viewport(), event)


def point(chart: Chart, at: QPoint) -> None:
    mouse(chart, QEvent.Type.MouseMove, at)


def double_click(chart: Chart, at: QPoint) -> None:
    mouse(chart, QEvent.Type.MouseButtonDblClick, at, LEFT)
    mouse(chart, QEvent.Type.MouseButtonRelease, at)


def rgb(color: QColor) -> tuple[int, int, int]:
    return color.red(), color.green(), color.blue()


def color_at(chart: Chart, place: QPoint) -> tuple[int, int, int]:
    return rgb(chart.grab().toImage().pixelColor(place))
