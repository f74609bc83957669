"""The axes of charts: dates by bar, and values on the right with hairlines across the view."""

import dataclasses
import datetime
import sys
from collections.abc import Sequence
from typing import Final, Literal

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from client.state import bar_axis, colors, text
from client.state.bar_axis import NO_BAR
from client.state.colors import Rgb
from client.ui.theme.theme import Look, font

_BEHIND_VIEWS: Final = -200  # pyqtgraph's views are at -100
_DATES_PX: Final = 20
_DATES_APART_PX: Final = 72
_TAG_PX: Final = 18
_TAG_AIR_PX: Final = 7

_Hairline = tuple[QPen, QPointF, QPointF]
_Words = tuple[QRectF, Qt.AlignmentFlag, str]


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
        self, painter: QPainter, axis: _Hairline, ticks: list[_Hairline], words: list[_Words], /
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
        box = QRectF(round(left), 1, width, _TAG_PX)
        free = [w for w in words if not w[0].intersects(box)]
        super().drawPicture(painter, axis, ticks, free)
        _draw_tag(painter, box, self.look.tokens.raised, said, _TAG_AIR_PX)


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


@dataclasses.dataclass(frozen=True)
class Tag:
    """A price that stands out at the axis.

    Attributes:
        price: Where it is.
        color: What it stands on.
    """

    price: float
    color: Rgb


class PriceAxis(ValueAxis):
    """Prices, those with a tag in front."""

    def __init__(self, view: pg.ViewBox, look: Look) -> None:
        super().__init__(view, look)
        self._decimals = 0
        self._tags: Sequence[Tag] = ()
        self.setTickDensity(1.6)

    def set_decimals(self, decimals: int) -> None:
        """Show prices with so many decimals."""
        self._decimals = decimals

    def show_tags(self, tags: Sequence[Tag]) -> None:
        """Show other tags, the last one in front."""
        if tags != self._tags:
            self._tags = tags
            self.update(self.shape().boundingRect())

    def tickStrings(self, values: list[float], scale: float, spacing: float, /) -> list[str]:
        """Return prices as people read them."""
        return [text.price_tick(value, self._decimals, spacing * scale) for value in values]

    def drawPicture(
        self, painter: QPainter, axis: _Hairline, ticks: list[_Hairline], words: list[_Words], /
    ) -> None:
        """Draw prices, but none where a tag is, and the tags."""
        low, high = self.range
        tags = [tag for tag in self._tags if low <= tag.price <= high]
        # A price under a tag would be read as a part of it.
        places = [(high - tag.price) / (high - low) * self.size().height() for tag in tags]
        free = [w for w in words if all(abs(w[0].center().y() - y) > _TAG_PX for y in places)]
        super().drawPicture(painter, axis, ticks, free)
        for tag, y in zip(tags, places, strict=True):
            box = QRectF(2, round(y) - _TAG_PX / 2, self.size().width() - 2, _TAG_PX)
            _draw_tag(painter, box, tag.color, self._words(tag.price), _TAG_AIR_PX)

    def _words(self, price: float) -> str:
        return text.price(price, self._decimals)


def _draw_tag(painter: QPainter, box: QRectF, color: Rgb, words: str, air_px: int) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*color))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(QColor(*colors.readable((255, 255, 255), color)))
    painter.drawText(box.adjusted(air_px, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words)
