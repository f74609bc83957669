"""The program's icon, painted: a stack of up, flat and down, as in every row."""

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from client.state.colors import DARK

_PX: Final = 64
_BARS: Final = ((DARK.accent, 16, 44), (DARK.flat, 29, 30), (DARK.down_line, 42, 18))


def program_icon() -> QIcon:
    """Return the icon; it is the same in both themes."""
    pixmap = QPixmap(_PX, _PX)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(*DARK.panel))
        painter.drawRoundedRect(QRectF(0, 0, _PX, _PX), 14, 14)
        for color, top, width in _BARS:
            painter.setBrush(QColor(*color))
            painter.drawRoundedRect(QRectF(10, top, width, 9), 2, 2)
    return QIcon(pixmap)
