"""How a number stands in a list: its heading, its words, what it sorts by, and its place."""

import enum
from typing import Literal

import msgspec


class CellFormat(enum.Enum):
    """How the value of a cell reads; `client.state.cell_text` has the words of each."""

    TEXT = "text"
    PRICE = "price"  # with the digits of the market's prices
    CHANGE = "change"  # of the price since the session before: an arrow, and a percentage
    SHARE = "share"  # of 1, as a whole percentage
    SHARES = "shares"  # every class's, one beside the other
    WINNER = "winner"  # the class with the greatest share, as an arrow
    NUMBER = "number"  # with `digits` after the point
    BAR_TIME = "bar_time"  # close of a bar, ms since 1970 UTC: the time of day today, else the date
    AGE = "age"  # close of a bar, ms since 1970 UTC: how long ago in the market
    STAR = "star"  # whether the ticker is one of the user's own
    TREND = "trend"  # the up confidence on the newest bars, as a line
    MAP = "map"  # the heatmap in small
    REASON = "reason"  # the strongest cells of the heatmap in words


class Blank(enum.Enum):
    """Which rows have no value in a cell: they say so, and sort last in both directions."""

    NEVER = "never"
    UNPRICED = "unpriced"  # no bar came yet
    UNDECIDED = "undecided"  # the model has no opinion yet
    ZERO = "zero"  # the value itself is 0


class Emphasis(enum.Enum):
    """How loud the words of a cell are."""

    STRONG = "strong"
    PLAIN = "plain"
    QUIET = "quiet"


class ColumnCell(msgspec.Struct, frozen=True, kw_only=True):
    """How a column, or one of its numbers, stands in lists.

    Attributes:
        name: The identifier in the code.
        heading: What stands above it.
        short: What stands above it in a terminal; None where it is not shown there.
        place: Lists go from the least place, on the left, to the greatest.
        reads: How its value reads.
        part: Which number of a row it is, where a row has several; it sorts by that one.
        digits: After the point, for `CellFormat.NUMBER`.
        blank: Which rows have none.
        falling: Whether the first click sorts from high to low.
        align: Where heading and words stand.
        emphasis: How loud it is.
        width: Room that it wants in the list of the desk, in pixels.
        least: Room that it can do with; None for `width`.
        most: Room beyond which it has no use for more, in pixels; None for any.
        stretch: Its part of the room that is left over.
        gives_way: Where there is no room for all, the greatest goes first; 0 never does.
        shown: Whether it stands in the list until somebody chooses otherwise.
        sorts: Whether rows can be sorted by it.
    """

    name: str
    heading: str
    short: str | None = None
    place: int
    reads: CellFormat
    part: int | None = None
    digits: int = 2
    blank: Blank = Blank.NEVER
    falling: bool = True
    align: Literal["left", "center", "right"] = "right"
    emphasis: Emphasis = Emphasis.QUIET
    width: int = 80
    least: int | None = None
    most: int | None = None
    stretch: int = 1
    gives_way: int = 10
    shown: bool = True
    sorts: bool = True
