"""Paints one row of the watch-list from its values: no delegate, no model index, no style."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap, QPolygonF

from client.state import colors, text
from client.state.list_cells import LIST_CELLS
from client.state.trends import Trends
from client.ui.theme.theme import RowPens, Theme, font, mono
from client.ui.watchlist.miniatures import Miniatures, paint_lines
from client.ui.watchlist.row import Row
from client.ui.widgets.prepared_text import PreparedText
from shared.cells import Blank, CellFormat, ColumnCell, Emphasis
from shared.contract import Class, Int64

ROW_PX: Final = 32
PAD_PX: Final = 8
# What is painted without its words.
PICTURES: Final = (CellFormat.MAP, CellFormat.REASON)
_BAR_PX: Final = 10
_HALF_GLYPH_PX: Final = 6.5
_GLYPH_PX: Final = 16
_PIN_PX: Final = 3  # of the mark at the edge of a row that is pinned
_LATE: Final = 0.4  # of the color of a map that waits for the one of the decision in its row
_CHARACTER_PX: Final = 6.5  # that one takes in a reason, about


@dataclasses.dataclass(frozen=True)
class TextSpan:
    """Where a column stands, in pixels from the left."""

    left: int
    width: int

    @property
    def right(self) -> int:
        """The first pixel that is no longer in it."""
        return self.left + self.width


class RowPainter:
    """Paints rows in the colors of `theme`.

    Attributes:
        stale: Whether all values are old; then everything is grey, as a row is that is old itself.
        ratio: Pixels of the screen for one of ours.
    """

    stale: bool
    ratio: float

    def __init__(self, theme: Theme) -> None:
        self.stale, self.ratio = False, 1.0
        self._theme = theme
        self._mono = PreparedText(mono(12))
        self._plain = PreparedText(font(14))
        self._bold = PreparedText(font(13, QFont.Weight.DemiBold))
        self._small = PreparedText(font(12))
        self._tiny = PreparedText(font(10))
        self._miniatures = Miniatures(theme)
        theme.changed.connect(self._dress)
        self._dress()

    def paint(
        self, painter: QPainter, row: Row, columns: Mapping[int, TextSpan], area: QRect
    ) -> None:
        """Paint the given columns of `row` into `area`, which is a whole row."""
        pens = self._pens(row)
        left, top, width, foot = area.left(), area.top(), area.width(), area.bottom()
        painter.fillRect(left, top, width, area.height() - 1, pens.tint)
        painter.fillRect(left, foot, width, 1, self._hairline)
        if row.pinned:
            painter.fillRect(left, top, _PIN_PX, area.height() - 1, self._pin)
        middle = top + area.height() / 2
        for column, span in columns.items():
            self._cell(painter, row, column, span, middle, pens)

    def prepare(self, rows: Sequence[Row]) -> None:
        """Make what all these rows need, before they are painted one by one."""
        for grey in (False, True):
            fits = (row for row in rows if self._is_grey(row) == grey)
            glances = [row.glance for row in fits if row.glance is not None]
            self._miniatures.prepare(glances, grey=grey)

    def paint_trends(
        self,
        painter: QPainter,
        rows: Sequence[Row],
        trends: Trends,
        which: Int64,
        span: TextSpan,
        top: int,
        base_rate: float | None,
    ) -> None:
        """Paint how the confidence moved, a line a row.

        Args:
            painter: Open.
            rows: (k,) what stands in the rows, which lie below each other.
            trends: Of all rows of the table.
            which: (k,) int64, the rows of the table.
            span: Where the column stands.
            top: Where the first row begins.
            base_rate: Of the model, which is dotted; None where it is not known.
        """
        area = QRectF(span.left + PAD_PX, top, span.width - 2 * PAD_PX, ROW_PX)
        line = QColor(*self._theme.tokens.accent_text).rgb()
        grey = self._theme.stale.muted.color().rgb()
        colors_ = [grey if self._is_grey(row) else line for row in rows]
        limits = (trends.low, trends.high)
        dots = None if base_rate is None else (base_rate, grey)
        paint_lines(painter, trends.of(which), limits, area, ROW_PX, colors_, self.ratio, dots)

    def _dress(self) -> None:
        # Made once a theme: 38 rows would make them 38 times a frame.
        tokens = self._theme.tokens
        self._hairline, self._pin = QColor(*tokens.hairline), QColor(*tokens.accent)
        self._star = QPen(QColor(*tokens.badge_text))
        fresh = (tokens.accent, tokens.flat, tokens.down)
        old = (tokens.flat_line, tokens.flat, tokens.raised)
        self._shares = [QColor(*color) for color in fresh]
        self._grey_shares = [QColor(*color) for color in old]

    def _is_grey(self, row: Row) -> bool:
        return self.stale or row.stale or row.muted

    def _pens(self, row: Row) -> RowPens:
        if self._is_grey(row):
            return self._theme.stale
        if row.probabilities is None:
            return self._theme.undecided
        # Made once for each whole percent: what is readable on a tint takes a search, and nobody
        # sees less than a percent.
        return self._theme.rows[row.tint]

    def _cell(
        self, painter: QPainter, row: Row, section: int, span: TextSpan, y: float, pens: RowPens
    ) -> None:
        listed, words = LIST_CELLS[section], row.words.get(section, "")
        painter.setPen(pens.text)
        match listed.cell.reads:
            case CellFormat.TEXT if listed.source == "symbols":
                self._mono.draw(painter, words, span.left + PAD_PX * 2, y)
            case CellFormat.TEXT if listed.source == "sectors":
                painter.setPen(pens.muted)
                sector = self._small.elided(words, span.width - 2 * PAD_PX)
                self._small.draw(painter, sector, span.left + PAD_PX, y)
            case CellFormat.TEXT:
                self._name(painter, row, span, y, pens)
            case CellFormat.CHANGE if words != text.NOTHING:
                self._change(painter, row.values[section], span.right - PAD_PX, y, pens)
            case CellFormat.STAR:
                painter.setPen(self._star)
                wide = self._plain.width(words)
                self._plain.draw(painter, words, span.left + (span.width - wide) / 2, y)
            case CellFormat.MAP if row.glance is not None:
                grey = self._is_grey(row)
                painter.setOpacity(_LATE if row.late else 1.0)
                self._miniatures.paint(painter, row.glance, span.left + PAD_PX, y, grey=grey)
                painter.setOpacity(1.0)
            case CellFormat.REASON if row.glance is not None:
                painter.setPen(pens.muted if row.late else pens.text)
                room = span.width - 2 * PAD_PX
                reason = self._small.elided(row.glance.words(room / _CHARACTER_PX), room)
                self._small.draw(painter, reason, span.left + PAD_PX, y)
            case CellFormat.MAP | CellFormat.REASON:
                pass
            case CellFormat.WINNER | CellFormat.SHARES:
                self._drawn(painter, row, listed.cell, span, y, pens)
            case _:
                self._words(painter, words, listed.cell, span.right - PAD_PX, y, pens)

    def _drawn(
        self, painter: QPainter, row: Row, cell: ColumnCell, span: TextSpan, y: float, pens: RowPens
    ) -> None:
        # What stands as a picture rather than in words; nothing stands for nothing.
        shares = row.probabilities
        if shares is None:
            return
        if cell.reads is CellFormat.SHARES:
            self._bar(painter, shares, span, y, grey=self._is_grey(row))
        else:
            winner = max(Class, key=lambda c: shares[c])
            words = text.class_word(winner)
            painter.setPen(pens.text if winner == Class.UP else pens.muted)
            wide = self._small.width(words)
            self._small.draw(painter, words, span.left + (span.width - wide) / 2, y)

    def _words(
        self, painter: QPainter, words: str, cell: ColumnCell, right: float, y: float, pens: RowPens
    ) -> None:
        strong = cell.emphasis is Emphasis.STRONG
        if words == text.NOTHING and cell.blank is Blank.UNDECIDED:
            # One dash a row says that there is no opinion.
            painter.setPen(pens.muted)
            if strong:
                self._plain.draw_to(painter, words, right, y)
        elif cell.emphasis is Emphasis.QUIET:
            painter.setPen(pens.muted)
            self._small.draw_to(painter, words, right, y)
        else:
            (self._bold if strong else self._plain).draw_to(painter, words, right, y)

    def _name(self, painter: QPainter, row: Row, span: TextSpan, y: float, pens: RowPens) -> None:
        room, x = span.width - 2 * PAD_PX, span.left + PAD_PX
        if row.noted:
            room -= 16
            self._tiny.draw(painter, "✎", x + room + 4, y)
        name = self._plain.elided(row.name, room)
        gap = self._plain.draw(painter, name, x, y) + 6 if name else 0
        if gap + self._tiny.width(row.segment) <= room:  # the name comes first
            painter.setPen(pens.muted)
            self._tiny.draw(painter, row.segment, x + gap, y + 1.5)

    def _change(
        self, painter: QPainter, change: float, right: float, y: float, pens: RowPens
    ) -> None:
        moves = {"up": pens.up, "flat": pens.flat, "down": pens.down}
        painter.setPen(moves[colors.direction(change)])
        width = self._plain.draw_to(painter, text.change(change), right, y)
        if change:
            winner = Class.UP if change > 0 else Class.DOWN
            _glyph(painter, winner, right - width - 12, y, pens, self.ratio)

    def _bar(
        self,
        painter: QPainter,
        shares: tuple[float, float, float],
        span: TextSpan,
        y: float,
        *,
        grey: bool,
    ) -> None:
        left, width = span.left + PAD_PX, span.width - 2 * PAD_PX
        top, start = round(y - _BAR_PX / 2), left
        said = 0.0
        parts = (Class.UP, Class.FLAT, Class.DOWN)
        for part, color in zip(parts, self._grey_shares if grey else self._shares, strict=True):
            said += shares[part]
            end = left + round(said * width)
            painter.fillRect(start, top, end - start, _BAR_PX, color)
            start = end


def _glyph(painter: QPainter, move: Class, x: float, y: float, pens: RowPens, ratio: float) -> None:
    color = (pens.up if move == Class.UP else pens.down).color().rgb()
    at = QPoint(round(x) - _GLYPH_PX // 2, round(y) - _GLYPH_PX // 2)
    painter.drawPixmap(at, _triangle(color, ratio, up=move == Class.UP))


@functools.lru_cache(maxsize=1_024)
def _triangle(rgb: int, ratio: float, *, up: bool) -> QPixmap:
    # Smoothing its edges costs more than all else in its cell, so it is done once a color.
    picture = QPixmap(round(_GLYPH_PX * ratio), round(_GLYPH_PX * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    middle, half, tip = _GLYPH_PX / 2, _HALF_GLYPH_PX, (-5.0 if up else 5.0)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(rgb))
        foot = middle - tip
        points = [(middle - half, foot), (middle + half, foot), (middle, middle + tip)]
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    return picture
