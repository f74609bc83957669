"""The axes of charts: dates by bar, and values on the right with hairlines across the view."""

import datetime
import sys
from collections.abc import Sequence
from typing import Final, Literal

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from client.state import bar_axis, colors
from client.state.bar_axis import NO_BAR
from client.state.colors import Rgb
from client.ui.theme.theme import Look, font

_BEHIND_VIEWS: Final = -200  # pyqtgraph's views are at -100
_DATES_PX: Final = 20
_DATES_APART_PX: Final = 72
TAG_PX: Final = 18
_TAG_AIR_PX: Final = 7

Hairline = tuple[QPen, QPointF, QPointF]
Words = tuple[QRectF, Qt.AlignmentFlag, str]


class PlainAxis(pg.AxisItem):
    """An axis of words alone, without a line or ticks."""

    def __init__(self, orientation: Literal["right", "bottom"], look: Look) -> None:
        super().__init__(orientation)
        self.look = look
        self.setPen(QPen(Qt.PenStyle.NoPen))
        self.setStyle(tickFont=font(11), tickLength=0)
        look.changed.connect(self.dress)
        self.dress()

    def dress(self) -> None:
        """Take on the colors of the theme."""
        self.setTextPen(QColor(*self.look.tokens.muted))

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw at once, not by way of a picture: Qt takes longer to play text than to draw it."""
        try:
            specs = self.generateDrawSpecs(painter)
            if specs is not None:
                self.drawPicture(painter, *specs)
        except Exception:  # noqa: BLE001 - told here: let go, pyqtgraph would swallow it elsewhere
            sys.excepthook(*sys.exc_info())


class DateAxis(PlainAxis):
    """Dates below the bars they belong to."""

    def __init__(self, look: Look) -> None:
        super().__init__("bottom", look)
        self._times: Sequence[datetime.datetime] = ()
        self._apart = 0  # what the labels were made for; 0 when they are out of date
        self._labels: dict[int, str] = {}
        self._tag = (NO_BAR, "")
        self.setHeight(_DATES_PX)

    def show_times(self, times: Sequence[datetime.datetime]) -> None:
        """Label other bars, which closed at `times`."""
        self._times, self._apart = times, 0
        self.update()

    def tickValues(
        self, low: float, high: float, size: float, /
    ) -> list[tuple[float, list[float]]]:
        """Return one level of ticks: the bars in sight that have a label."""
        # The labels hang on how many bars lie between two, and not on where the view stands: while
        # the chart is dragged they stay on their bars instead of jumping from one to the next.
        apart = max(round(_DATES_APART_PX * (high - low) / size), 1)
        if apart != self._apart:
            self._apart, self._labels = apart, dict(bar_axis.time_ticks(self._times, apart))
        return [(apart, [i for i in self._labels if low <= i <= high])]

    def tickStrings(self, values: list[float], scale: float, spacing: float, /) -> list[str]:
        """Return the labels of bars."""
        return [self._labels[round(value)] for value in values]

    def show_tag(self, bar: int, words: str) -> None:
        """Have the time of a bar stand out; of `NO_BAR` none does."""
        self._tag = (bar, words)
        self.update()

    def drawPicture(
        self, painter: QPainter, axis: Hairline, ticks: list[Hairline], words: list[Words], /
    ) -> None:
        """Draw times, but none under the tag, and the tag."""
        bar, said = self._tag
        low, high = self.range
        if not low <= bar <= high or bar == NO_BAR:
            super().drawPicture(painter, axis, ticks, words)
            return
        x = (bar - low) / (high - low) * self.size().width()
        width = painter.fontMetrics().horizontalAdvance(said) + 2 * _TAG_AIR_PX
        left = min(max(x - width / 2, 0), self.size().width() - width)
        box = QRectF(round(left), 1, width, TAG_PX)
        free = [w for w in words if not w[0].intersects(box)]
        super().drawPicture(painter, axis, ticks, free)
        draw_tag(painter, box, self.look.tokens.raised, said)


class ValueAxis(PlainAxis):
    """Values right of a view, and hairlines across it."""

    def __init__(self, view: pg.ViewBox, look: Look) -> None:
        super().__init__("right", look)
        self.linkToView(view)
        # The hairlines are ticks as long as the view: behind it, or they would cross the candles.
        self.setZValue(_BEHIND_VIEWS)
        self.setGrid(255)
        self.setStyle(tickTextOffset=9, maxTickLevel=0, tickAlpha=255)

    def dress(self) -> None:
        """Take on the colors of the theme."""
        super().dress()
        tokens = self.look.tokens
        self.setTickPen(QColor(*colors.mix(tokens.hairline, tokens.panel, 0.7)))


class ShareAxis(ValueAxis):
    """Probabilities."""

    def tickStrings(self, values: list[float], scale: float, spacing: float, /) -> list[str]:
        """Return shares in percent; none where there can be none."""
        digits = 0 if spacing * scale >= 0.01 else 1
        return [f"{100 * v:.{digits}f}%" if 0 <= v <= 1 else "" for v in values]


def draw_tag(painter: QPainter, box: QRectF, color: Rgb, words: str) -> None:
    """Draw words that stand out on a color."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*color))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(QColor(*colors.readable((255, 255, 255), color)))
    painter.drawText(box.adjusted(_TAG_AIR_PX, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words)
