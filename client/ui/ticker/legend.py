"""The color bar beside a map, with words."""

from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter

from client.state import text
from client.state.ramp import Ramp
from client.ui.theme.theme import Look, font

LEGEND_PX: Final = 86
_LEFT_PX: Final = 14
_BAR_PX: Final = 10


def paint_legend(painter: QPainter, box: QRectF, look: Look, ramp: Ramp, limit: float) -> None:
    """Paint the ramp from the bottom of `box` to its top, and what its ends mean."""
    left, top, bottom = box.left() + _LEFT_PX, box.top(), box.bottom()
    gradient = QLinearGradient(0, bottom, 0, top)
    for share in np.linspace(0, 1, 17).tolist():
        gradient.setColorAt(share, QColor(*ramp.colors[round(share * (len(ramp.colors) - 1))]))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawRoundedRect(QRectF(left, top, _BAR_PX, bottom - top), 2, 2)
    painter.setPen(QColor(*look.tokens.muted))
    painter.setFont(font(10))
    for y, words in _words(ramp, limit, top, bottom):
        line = QRectF(left + 16, y - 8, LEGEND_PX, 16)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)


def _words(ramp: Ramp, limit: float, top: float, bottom: float) -> list[tuple[float, str]]:
    if not ramp.signed:
        size = text.significant(limit).removeprefix("+")
        return [(top + 7, "strong"), (top + 21, size), (bottom - 7, "0")]
    return [
        (top + 7, "+ for"),
        (top + 21, text.significant(limit)),
        ((top + bottom) / 2, "0"),
        (bottom - 21, text.significant(-limit)),
        (bottom - 7, "− against"),
    ]
