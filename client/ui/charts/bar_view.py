"""What every chart over bars has in common: the bars in sight, and the one that is pointed at."""

from collections.abc import Callable
from typing import Final

import numpy as np
import pyqtgraph as pg
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent, MouseDragEvent
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPen
from PySide6.QtWidgets import (
    QGraphicsGridLayout,
    QGraphicsSceneHoverEvent,
    QGraphicsSceneWheelEvent,
)

from client.state import bar_axis
from client.state.bar_axis import NO_BAR, BarRange
from client.ui.charts.bar_shade import BarShade
from client.ui.theme.theme import Look, faded
from shared.contract import Int64

# The lowest and highest value of the bars in a range, or None where there are none.
ValueRange = Callable[[BarRange], tuple[float, float] | None]

_NOTCH: Final = 120  # Qt counts wheels in eighths of a degree, 15 degrees a notch
_PAN_A_NOTCH: Final = 0.1  # of the bars in sight


class Timeline(QObject):
    """The bar axis that the views of one window share.

    Signals:
        pointed: The pointer is on the bar of that index, or on `NO_BAR`.
        lit: The bar of that index is to be lit, or `NO_BAR`.
        clicked: The bar of that index was clicked at; `NO_BAR` after a double click.

    Attributes:
        bar: The bar under the pointer, or `NO_BAR`.
    """

    pointed = Signal(int)
    lit = Signal(int)
    clicked = Signal(int)

    bar: int

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bar = NO_BAR
        self._count = 0
        self._bar_ms: Int64 = np.empty(0, np.int64)  # what the range in sight refers to
        self._views: list[BarView] = []

    def add(self, view: "BarView") -> None:
        """Let another view show the same bars."""
        self._views.append(view)
        view.setXLink(self._views[0])

    @property
    def shown(self) -> BarRange:
        """The part in sight."""
        first, last = self._views[0].viewRange()[0]
        return BarRange(first, last)

    def show_bars(self, bar_ms: Int64) -> None:
        """Take note that the charts show the bars that close at `bar_ms`, (n,) int64, rising.

        The user's zoom outlasts new bars, and a time without any.
        """
        self._count = len(bar_ms)
        if not self._count:
            self.point(NO_BAR)
        elif not np.array_equal(bar_ms, self._bar_ms):
            shown = bar_axis.kept(self.shown, self._bar_ms, bar_ms)
            self._bar_ms = bar_ms
            most = bar_axis.whole(self._count)
            for view in self._views:
                view.setLimits(xMin=most.first, xMax=most.last, minXRange=bar_axis.FEWEST_BARS)
            self.show_range(shown)

    def show_range(self, shown: BarRange) -> None:
        """Bring another part in sight."""
        self._views[0].setXRange(shown.first, shown.last, padding=0)

    def reset(self) -> None:
        """Bring the newest bars in sight, at the usual width."""
        self.show_range(bar_axis.latest(self._count))

    def pan(self, bars: float) -> None:
        """Move the view right by `bars`."""
        self._views[0].translateBy(x=bars)

    def zoom(self, factor: float) -> None:
        """Show `factor` times as many bars, about the middle one."""
        self._views[0].scaleBy(x=factor)

    def reveal(self, bar: int) -> None:
        """Bring a bar in sight, at the width that is there."""
        first, last = self.shown
        if not first <= bar <= last:
            self.pan(bar - (first + last) / 2)

    def click(self, bar: int) -> None:
        """Tell that a bar was clicked at, if there is one."""
        if 0 <= bar < self._count:
            self.clicked.emit(bar)

    def point(self, bar: int) -> None:
        """Move the pointer to a bar."""
        bar = bar if 0 <= bar < self._count else NO_BAR
        if bar != self.bar:
            self.bar = bar
            self.pointed.emit(bar)


class BarView(pg.ViewBox):
    """A view of the bars of a `Timeline`: the mouse pans and zooms bars.

    Signals:
        hovered: The pointer is at that QPointF, in bars and units of the view, or nowhere: None.
        measured: With Shift, the pointer was dragged from the first QPointF to the second one, in
            bars and units of the view.
        clicked: It was clicked at, wherever.

    Attributes:
        is_auto: Whether the values of the bars in sight fill the height.
    """

    hovered = Signal(object)
    measured = Signal(QPointF, QPointF)
    clicked = Signal()

    is_auto: bool

    def __init__(self, timeline: Timeline, look: Look, padding: float = 0.0) -> None:
        super().__init__(enableMenu=False)
        self._timeline, self._look, self._padding = timeline, look, padding
        self._extent: ValueRange = lambda _: None
        self._pointer: QPointF | None = None
        self.is_auto = True
        self._line = pg.InfiniteLine(angle=90)
        self._lit = BarShade()
        for mark in (self._line, self._lit):
            mark.hide()
            self.addItem(mark, ignoreBounds=True)
        self.disableAutoRange()
        self.setMouseEnabled(x=True, y=False)
        self.setAcceptHoverEvents(True)
        timeline.add(self)
        timeline.pointed.connect(self._show_pointed)
        timeline.lit.connect(self._show_lit)
        # Left to pyqtgraph, it would be done while painting, and make it paint a second time.
        self.sigRangeChanged.connect(self.updateMatrix)
        self.sigRangeChanged.connect(self._follow_pointer)
        look.changed.connect(self._dress)
        self._dress()

    def fit_to(self, extent: ValueRange) -> None:
        """From now on, let the values of the bars in sight fill the height.

        pyqtgraph's own ranging of y would paint the whole view for each move of the pointer.
        """
        self._extent = extent
        self.sigXRangeChanged.connect(self.fit)

    def fit(self) -> None:
        """Fill the height again, after bars changed; not where the user stretched it."""
        extent = self._extent(self._timeline.shown)
        if extent is not None and self.is_auto:
            self.setYRange(*extent, padding=self._padding)

    def stretch(self, factor: float) -> None:
        """Show `factor` times the heights, about the middle; dragging moves them from now on."""
        self._set_auto(auto=False)
        self.scaleBy(y=factor)

    def free(self) -> None:
        """Let the values of the bars in sight fill the height again."""
        self._set_auto(auto=True)
        self.fit()

    def _set_auto(self, *, auto: bool) -> None:
        self.is_auto = auto
        self.setMouseEnabled(x=True, y=not auto)

    def wheelEvent(self, ev: QGraphicsSceneWheelEvent, axis: int | None = None) -> None:
        """Zoom about the pointer, or pan when turned sideways."""
        if ev.orientation() == Qt.Orientation.Horizontal:
            first, last = self._timeline.shown
            self._timeline.pan(-ev.delta() / _NOTCH * _PAN_A_NOTCH * (last - first))
            ev.accept()
        else:
            super().wheelEvent(ev, 0)  # bars alone; heights have their axis

    def mouseDragEvent(self, ev: MouseDragEvent, axis: int | None = None) -> None:
        """Pan, or measure with Shift; the pointer stays on its bar."""
        if axis is None:
            self._pointer = ev.pos()
        if axis is None and ev.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            ev.accept()
            self.measured.emit(self.mapToView(ev.buttonDownPos()), self.mapToView(ev.pos()))
        else:
            super().mouseDragEvent(ev, axis)

    def mouseClickEvent(self, ev: MouseClickEvent) -> None:
        """Tell which bar was clicked at; on a double click show the newest bars, and none so."""
        self.clicked.emit()
        if ev.double():
            self._timeline.reset()
            self._timeline.clicked.emit(NO_BAR)
        elif ev.button() == Qt.MouseButton.LeftButton:
            self._timeline.click(round(self.mapToView(ev.pos()).x()))

    def hoverMoveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Move the pointer."""
        self._pointer = event.pos()
        self._follow_pointer()

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Take the pointer away."""
        self._pointer = None
        self._timeline.point(NO_BAR)
        self.hovered.emit(None)

    def _follow_pointer(self) -> None:
        if self._pointer is not None:
            place = self.mapToView(self._pointer)
            self._timeline.point(round(place.x()))
            self.hovered.emit(place)

    def _show_pointed(self, bar: int) -> None:
        self._line.setVisible(bar != NO_BAR)
        self._line.setValue(bar)

    def _show_lit(self, bar: int) -> None:
        if bar == NO_BAR:
            self._lit.hide()
        else:
            self._lit.show_bars(bar, bar)

    def _dress(self) -> None:
        self._line.setPen(QPen(faded(self._look.tokens.muted, 0.6), 0))
        self._lit.set_brush(QBrush(faded(self._look.tokens.text, 0.16)))


class Chart(pg.GraphicsView):
    """A grid of views and their axes; keys are left to the window it is in.

    Attributes:
        grid: Where views and axes are added.
    """

    grid: QGraphicsGridLayout

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look, self.grid = look, self.centralLayout
        self.grid.setSpacing(0)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        look.changed.connect(self.dress)

    def dress(self) -> None:
        """Take on the colors of the theme."""
        self.setBackground(QColor(*self.look.tokens.panel))
