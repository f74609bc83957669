"""Which columns the list has, in which order, and how wide each is; free of Qt."""

from collections.abc import Container
from typing import Annotated, Final

import msgspec

from client.state.list_cells import LIST_CELLS, ListCell
from shared.cells import ColumnCell
from shared.limits import Identifier

NARROWEST_PX: Final = 24
_WIDEST_PX: Final = 2_000
_NAMES: Final = tuple(listed.cell.name for listed in LIST_CELLS)

ColumnWidth = Annotated[int, msgspec.Meta(ge=NARROWEST_PX, le=_WIDEST_PX)]


class ColumnLayout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the user chose of columns; what it does not name is as it was declared.

    Attributes:
        order: From left to right; a column that is missing stands where it was declared.
        shown: Whether a column is in the list.
        widths: Of those that were made wider or narrower, in pixels.
    """

    order: tuple[Identifier, ...] = ()
    shown: dict[Identifier, bool] = {}
    widths: dict[Identifier, ColumnWidth] = {}

    def shows(self, cell: ColumnCell) -> bool:
        """Return whether a column is chosen."""
        return self.shown.get(cell.name, cell.shown)

    def with_shown(self, name: str, *, shown: bool) -> "ColumnLayout":
        """Return the layout with or without a column."""
        return msgspec.structs.replace(self, shown=self.shown | {name: shown})

    def with_width(self, name: str, width: int) -> "ColumnLayout":
        """Return the layout with a column of this width."""
        width = min(max(width, NARROWEST_PX), _WIDEST_PX)
        return msgspec.structs.replace(self, widths=self.widths | {name: width})

    def ordered(self) -> tuple[ListCell, ...]:
        """Return all columns from left to right, also those that are not chosen."""
        order = [name for name in dict.fromkeys(self.order) if name in _NAMES]
        for place, name in enumerate(_NAMES):
            if name not in order:
                before = _NAMES[place - 1] if place else None
                order.insert(order.index(before) + 1 if before else 0, name)
        return tuple(LIST_CELLS[_NAMES.index(name)] for name in order)


GIVEN_SETS: Final = {
    "Standard": ColumnLayout(),
    "Figures": ColumnLayout(
        shown={
            "bar": False, "trend": False, "why": False, "reason": False,
            "flat": True, "down": True, "changed": True,
        }
    ),
    "Reasons": ColumnLayout(shown={"last": False, "bar": False, "age": False}),
}  # fmt: skip


def placed(layout: ColumnLayout, room: int, empty: Container[str] = ()) -> dict[str, int]:
    """Return the columns that stand in the list, from left to right, with their widths in pixels.

    Where there is no room for all, the least important ones are left out; what room is left over
    goes to those that have a use for it. Those that remain may need more room than there is.

    Args:
        layout: What the user chose.
        room: Pixels from left to right.
        empty: Columns in which no row says anything: they take no room.
    """
    cells = [e.cell for e in layout.ordered() if layout.shows(e.cell) and e.cell.name not in empty]
    cells = [_as_sized(cell, layout.widths) for cell in cells]
    while sum(map(_least, cells)) > room:
        last = max(cells, key=lambda cell: cell.gives_way)
        if last.gives_way == 0:
            break
        cells.remove(last)
    widths = [_least(cell) for cell in cells]
    _grow(widths, [cell.width for cell in cells], [1] * len(cells), room)
    most = [cell.width if not cell.stretch else cell.most or _WIDEST_PX for cell in cells]
    parts = [cell.stretch for cell in cells]
    _grow(widths, most, parts, room)
    _grow(widths, [_WIDEST_PX] * len(cells), parts, room)  # a hole would be worse than wide cells
    return dict(zip((cell.name for cell in cells), widths, strict=True))


def _as_sized(cell: ColumnCell, widths: dict[str, int]) -> ColumnCell:
    width = widths.get(cell.name)
    if width is None:
        return cell
    return msgspec.structs.replace(cell, width=width, least=width, most=width, stretch=0)


def _least(cell: ColumnCell) -> int:
    return cell.width if cell.least is None else cell.least


def _grow(widths: list[int], limits: list[int], parts: list[int], room: int) -> None:
    # Hand out what is left in proportion; who has enough leaves the rest to the others.
    spare = room - sum(widths)
    while spare > 0:
        open_ = [i for i in range(len(widths)) if parts[i] and widths[i] < limits[i]]
        total = sum(parts[i] for i in open_)
        if not open_:
            return
        share = max(spare // total, 1)
        for i in open_:
            more = min(share * parts[i], limits[i] - widths[i], spare)
            widths[i] += more
            spare -= more
