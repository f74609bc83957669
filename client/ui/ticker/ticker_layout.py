"""Where the parts of a ticker's window are."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

USUAL_SIZE: Final = QSize(1374, 740)
_SPACE_PX: Final = 12
_FOOT_PX: Final = 30


def lay_out(
    window: QWidget,
    header: QWidget,
    left: QWidget,
    right: QWidget,
    foot: Sequence[tuple[QWidget, int]],
) -> None:
    """Put a head over two columns over a foot; those at the foot by stretch."""
    columns = QHBoxLayout()
    columns.setContentsMargins(14, 14, 14, 14)
    columns.setSpacing(_SPACE_PX)
    columns.addWidget(left, 1)
    columns.addWidget(right)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(header)
    column.addLayout(columns, 1)
    column.addWidget(_foot(foot))


def stacked(panels: Sequence[QWidget]) -> QWidget:
    """Return panels over each other, the first of which takes what room there is."""
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(_SPACE_PX)
    for panel in panels:
        layout.addWidget(panel, 1000 if panel is panels[0] else 0)
    layout.addStretch(1)
    return column


def _foot(parts: Sequence[tuple[QWidget, int]]) -> QFrame:
    foot = QFrame()
    foot.setProperty("role", "foot")
    foot.setFixedHeight(_FOOT_PX)
    row = QHBoxLayout(foot)
    row.setContentsMargins(0, 0, 14, 0)
    for part, stretch in parts:
        row.addWidget(part, stretch)
    return foot
