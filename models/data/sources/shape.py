"""A shape: what a source's files look like and what their numbers mean, declared once."""

import datetime
import functools
import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Annotated, Final, Literal

import msgspec

from models.data.sources.names import normal

ColumnOfRole = dict[str, str]  # role to column, as `models.data.sources.names` calls the roles
Asked = Literal["market", "timezone"]
NUMBER: Final = r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"  # for patterns of rows without names


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way in which a source writes bars.

    Attributes:
        name: What `--source` takes.
        title: What people call it.
        has: Columns without which a file is not of this shape, in any spelling of case and blanks.
        lacks: Columns with which it is not.
        cells: Column to what its cell in the first row looks like; a regular expression that must
            fit whole. For sources whose names of columns are the same and whose numbers are not.
        columns: Role to column, where the usual names would choose another one; an empty one where
            they would choose wrongly and there is none.
        volume_of: Columns whose sum is the volume, where no single one holds it.
        keep: Column to the values of rows that count: other boards, and bars that are not closed,
            stand beside them.
        order: Roles of the cells of a file without names, `-` for those of no use.
        pattern: What the first row of a file without names looks like, cells joined by commas; a
            regular expression that must fit whole.
        file_name: What the name of a file looks like; a regular expression found anywhere in it.
        file_symbol: Where the name of a file holds the ticker; a regular expression with the group
            `symbol`. Empty where it is to be looked for.
        file_date: Where the name of a file holds the date of its rows, which hold none; a regular
            expression with the groups `y`, `m` and `d`.
        zone: IANA zone of times without one; empty for that of the market.
        stamp: Whether intraday bars carry the time they open or close; `auto` asks the sessions.
        market: Where its tickers trade; empty to tell it from the symbols.
        adjusted: Whether prices are adjusted for splits; None where that differs.
        price_scale: What prices are multiplied by.
        signed: Prices carry the direction of the change as a sign.
        volume_scale: What volumes are multiplied by, to become shares or coins.
        evening: Daily bars run to the close of the evening's trading, where there is any.
        day_zone: IANA zone at whose midnight a day of currencies ends; empty where nobody
            says so.
        asks: What the files do not tell and nothing may be taken for: the `market` where a name of
            letters alone may trade anywhere, the `timezone` of times without one and of epochs.
        refused: Why these are no bars that can be read, in a clause; empty if they are.
        source: Where this is written down for all to see.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_]*$")]
    title: str
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    cells: dict[str, str] = {}
    columns: ColumnOfRole = {}
    volume_of: tuple[str, ...] = ()
    keep: dict[str, tuple[str, ...]] = {}
    order: tuple[str, ...] = ()
    pattern: str = ""
    file_name: str = ""
    file_symbol: str = ""
    file_date: str = ""
    zone: str = ""
    stamp: Literal["auto", "open", "close"] = "auto"
    market: str = ""
    adjusted: bool | None = None
    price_scale: float = 1.0
    signed: bool = False
    volume_scale: float = 1.0
    evening: bool = False
    day_zone: str = ""
    asks: tuple[Asked, ...] = ()
    refused: str = ""
    source: str = ""

    @property
    def telling(self) -> int:
        """Return how much a file must show to be of this shape; the most telling one is it."""
        return len(self.has) + len(self.lacks) + len(self.cells) + 3 * bool(self.file_name)

    def fits_names(self, columns: Sequence[str], file: str, first: Sequence[str] = ()) -> bool:
        """Return whether a file is of this shape.

        Args:
            columns: What they are called.
            file: The file's name.
            first: The cells of the first row, one a column; none where there is no row.
        """
        there = _normal(tuple(columns))
        if not self.has or normal(self.has[0]) not in there:  # so it is with most
            return False
        if not _normal(self.has) <= there or _normal(self.lacks) & there:
            return False
        if not self.cells:
            return self._fits_file(file)
        cells = {normal(c): cell for c, cell in zip_longest(columns, first, fillvalue="")}
        looks = all(re.fullmatch(p, cells[normal(c)].strip()) for c, p in self.cells.items())
        return looks and self._fits_file(file)

    def fits_row(self, cells: Sequence[str], file: str) -> bool:
        """Return whether a file without names whose first row is this is of this shape."""
        if not self.pattern or len(cells) != len(self.order):
            return False
        row = ",".join(cell.strip() for cell in cells)
        return re.fullmatch(self.pattern, row) is not None and self._fits_file(file)

    def symbol_in(self, file: str) -> str:
        """Return the ticker that a file's name holds, in capitals; empty where that is not told."""
        match = re.search(self.file_symbol, file) if self.file_symbol else None
        return match["symbol"].upper() if match else ""

    def date_in(self, file: str) -> datetime.date | None:
        """Return the date that a file's name holds; None where it holds none."""
        match = re.search(self.file_date, file) if self.file_date else None
        if match is None:
            return None
        year = int(match["y"])
        try:
            return datetime.date(
                year if year > 99 else 2000 + year, int(match["m"]), int(match["d"])
            )
        except ValueError:
            return None

    def _fits_file(self, file: str) -> bool:
        return not self.file_name or re.search(self.file_name, file) is not None


@functools.lru_cache(maxsize=4_096)  # asked of every shape for every file of a folder
def _normal(columns: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normal(c) for c in columns)


GENERIC = Shape(name="generic", title="columns by their usual names")
