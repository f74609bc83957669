"""A cell of a map, and the way from one to the next by keys."""

import dataclasses
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt

from shared.contract import STEPS


@dataclasses.dataclass(frozen=True)
class Cell:
    """One of the cells.

    Attributes:
        step: The bar, 0 is the oldest.
        feature: The row, in the order of the feature set; 0 where only time counts.
    """

    step: int
    feature: int


_WAYS: Final[Mapping[int, tuple[int, int]]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


def moved(cell: Cell | None, key: int, rows: int) -> Cell | None:
    """Return where an arrow key leads, no further than the edge; None for other keys.

    Args:
        cell: Where one is; None begins with the newest bar of the first row.
        key: The key, as Qt numbers it.
        rows: How many rows there are.
    """
    way = _WAYS.get(key)
    if way is None:
        return None
    if cell is None:
        return Cell(STEPS - 1, 0)
    step, feature = cell.step + way[0], cell.feature + way[1]
    return Cell(min(max(step, 0), STEPS - 1), min(max(feature, 0), rows - 1))
