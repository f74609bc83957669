"""Where the parts of a ticker's window are."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

USUAL_SIZE: Final = QSize(1374, 740)
LEAST_SIZE: Final = QSize(480, 400)
# What gives way where there is too little room, first to last: from how high, and from how much
# wider than the maps a window has it.
_TRUST_FROM_PX: Final = 660
_HISTORY_FROM_PX: Final = 560
_REASONS_FROM_PX: Final = 530
_CHARTS_PX: Final = 240
_AIR_PX: Final = 14
_SPACE_PX: Final = 12
_FOOT_PX: Final = 30


class Room(NamedTuple):
    """Which parts of a window there is room for; head and foot are always there.

    Attributes:
        trust: Whether the map can be trusted.
        history: The confidences.
        reasons: The reasons.
        maps: The maps, and what stands below them.
        charts: Candles and confidences.
    """

    trust: bool
    history: bool
    reasons: bool
    maps: bool
    charts: bool


def room_in(size: QSize, maps_px: int, *, comparing: bool) -> Room:
    """Return what a window of that size has room for.

    Args:
        size: Of the window.
        maps_px: How wide the maps are.
        comparing: Whether two maps were asked for; then they stay, and the charts give way.
    """
    high, wide = size.height(), size.width()
    both, maps = wide >= maps_px + _CHARTS_PX, wide >= maps_px + 2 * _AIR_PX
    return Room(
        trust=high >= _TRUST_FROM_PX,
        history=high >= _HISTORY_FROM_PX,
        reasons=high >= _REASONS_FROM_PX,
        maps=both or (comparing and maps),
        charts=both or not (comparing and maps),
    )


def lay_out(
    window: QWidget,
    header: QWidget,
    left: QWidget,
    right: QWidget,
    foot: Sequence[tuple[QWidget, int]],
) -> None:
    """Put a head over two columns over a foot; those at the foot by stretch."""
    columns = QHBoxLayout()
    columns.setContentsMargins(_AIR_PX, _AIR_PX, _AIR_PX, _AIR_PX)
    columns.setSpacing(_SPACE_PX)
    columns.addWidget(left, 1)
    columns.addWidget(right)
    window.setMinimumSize(LEAST_SIZE)
    column = QVBoxLayout(window)
    column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)  # parts give way instead
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
    row.setContentsMargins(0, 0, _AIR_PX, 0)
    for part, stretch in parts:
        row.addWidget(part, stretch)
    return foot
