"""What the desk remembers of its user from one run to the next; free of Qt and of files."""

from collections.abc import Iterable
from typing import Final

import msgspec

from client.state.column_layout import ColumnLayout
from client.state.filter_language import FilterError, RowFilter, parse
from client.state.filter_terms import Among, StateIs, TextIs
from client.state.marks import Marks, OwnList
from shared.limits import Identifier, Name

ALL: Final = "all"
BUYS: Final = "buys"  # those worth a look
EVERY_BUY: Final = "every-buy"
STARS: Final = "stars"
# What the name of a list of one's own, of a market segment and of an industry stands behind.
OWN: Final = "own:"
SEGMENT: Final = "segment:"
SECTOR: Final = "sector:"


class Workspace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that the user arranged in the list; what is left out is as at the first start.

    Attributes:
        columns: Which columns there are, and where.
        column_sets: Those that were kept under a name.
        sort: Name of the column that rows are sorted by.
        falling: Whether from high to low.
        marks: What the user said of tickers.
        lists: The lists that the user made, by name, as they stand from left to right.
        shown: Which list is shown: `all`, `buys`, `every-buy`, `stars`, `own:NAME`,
            `segment:NAME` or `sector:NAME`.
        chosen: The ticker that was selected; empty without one.
        top: The ticker on the first row; empty where the list stood at its head.
    """

    columns: ColumnLayout = ColumnLayout()
    column_sets: dict[Name, ColumnLayout] = {}
    sort: Identifier = "up"
    falling: bool = True
    marks: Marks = Marks()
    lists: dict[Name, OwnList] = {}
    shown: str = ALL
    chosen: str = ""
    top: str = ""

    def own(self, key: str) -> OwnList | None:
        """Return the list of one's own that a key names; None where it names none."""
        return self.lists.get(key.removeprefix(OWN)) if key.startswith(OWN) else None

    def row_filter(self) -> RowFilter:
        """Return which rows the list that is shown has."""
        own = self.own(self.shown)
        if own is not None:
            return _of_own(own)
        for prefix, field in ((SEGMENT, "market"), (SECTOR, "sector")):
            if self.shown.startswith(prefix):
                return RowFilter((TextIs(field, self.shown.removeprefix(prefix)),))
        state = {BUYS: "strong", EVERY_BUY: "buy", STARS: "star"}.get(self.shown)
        return RowFilter() if state is None else RowFilter((StateIs((state,)),))

    def with_list(self, name: str, own: OwnList | None) -> "Workspace":
        """Return the workspace with a list of this name; without one if it is None."""
        lists = dict(self.lists)
        lists.pop(name, None) if own is None else lists.update({name: own})
        gone = own is None and self.shown == f"{OWN}{name}"
        return msgspec.structs.replace(self, lists=lists, shown=ALL if gone else self.shown)

    def with_list_moved(self, key: str, place: str) -> "Workspace":
        """Return the workspace with one list of one's own where another is, both by their keys."""
        names, name, other = list(self.lists), key.removeprefix(OWN), place.removeprefix(OWN)
        if name not in names or other not in names:
            return self
        at = names.index(other)
        names.remove(name)
        names.insert(at, name)
        return msgspec.structs.replace(self, lists={one: self.lists[one] for one in names})

    def without_tickers(self, symbols: Iterable[str]) -> "Workspace":
        """Return the workspace with `symbols` out of the list that is shown.

        A list of one's own loses them, that of stars takes their stars; all others mute them.
        """
        own = self.own(self.shown)
        if own is not None and not own.filter:
            return self.with_list(self.shown.removeprefix(OWN), own.without(symbols))
        kind = "stars" if self.shown == STARS else "muted"
        turned = [s for s in symbols if (s in getattr(self.marks, kind)) == (kind == "stars")]
        if not turned:
            return self
        return msgspec.structs.replace(self, marks=self.marks.turned(kind, turned))


def _of_own(own: OwnList) -> RowFilter:
    if not own.filter:
        return RowFilter((Among(frozenset(own.tickers)),))
    try:
        return parse(own.filter)
    except FilterError as e:  # of another version
        return e.rest
