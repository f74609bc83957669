"""The numbers that are known of every ticker: each is declared here once, and travels from here.

The messages `confidence` and `snapshot`, the rows of the server, the desk's table, the watch-list,
the terminal and the table in docs/protocol.md follow from `COLUMNS`. One more number is one more
`Column` here, and whoever fills it in `server.market.state`.
"""

from typing import Final

import msgspec

from shared.cells import Blank, CellFormat, ColumnCell, Emphasis
from shared.contract import Class
from shared.limits import LAST_MS, MAX_PRICE, MIN_PRICE

# Bits of `flags`, one byte a row; bits that are not among them mean nothing here.
FORMING: Final = 1  # the last price is of a bar that has not closed
DECIDED: Final = 2  # the ticker has a full window; without it the probabilities are all zero
UP_WINS: Final = 4  # the winning class is 2 now

ALL_CLASSES: Final = (1 << len(Class)) - 1  # a prediction set that holds every class


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One number, or a few, that each ticker has.

    Attributes:
        name: The identifier, on the wire and in the code.
        dtype: numpy's name of the little-endian element type.
        shape: Of one row; empty for a single number.
        meaning: What it is, with its unit, and what stands where there is none; for people.
        low: The least value that can be; None for any.
        high: The greatest value that can be; None for any.
        since: The minor version of the protocol that added it; before that it reads as 0.
        cells: How it stands in lists; empty for one that is not shown there.
    """

    name: str
    dtype: str
    shape: tuple[int, ...] = ()
    meaning: str
    low: float | None = None
    high: float | None = None
    since: int = 0
    cells: tuple[ColumnCell, ...] = ()


COLUMNS: Final = (
    Column(
        name="probabilities",
        dtype="<f4",
        shape=(len(Class),),
        meaning="of down, flat, up; they add up to 1, or are all 0 where `DECIDED` is not set",
        low=0,
        high=1,
        cells=(
            ColumnCell(
                name="class",
                heading="Class",
                short="",
                place=40,
                reads=CellFormat.WINNER,
                blank=Blank.UNDECIDED,
                align="center",
                width=64,
                stretch=0,
                gives_way=3,
            ),
            ColumnCell(
                name="up",
                heading="Up confidence",
                short="Up",
                place=50,
                reads=CellFormat.SHARE,
                part=Class.UP,
                blank=Blank.UNDECIDED,
                emphasis=Emphasis.STRONG,
                width=152,
                least=60,
                stretch=0,
                gives_way=0,
            ),
            ColumnCell(
                name="bar",
                heading="Up · flat · down",
                place=60,
                reads=CellFormat.SHARES,
                part=Class.UP,
                blank=Blank.UNDECIDED,
                align="left",
                width=100,
                most=170,
                stretch=2,
                gives_way=6,
            ),
            ColumnCell(
                name="flat",
                heading="Flat",
                short="Flat",
                place=70,
                reads=CellFormat.SHARE,
                part=Class.FLAT,
                blank=Blank.UNDECIDED,
                width=60,
                stretch=0,
                gives_way=8,
                shown=False,
            ),
            ColumnCell(
                name="down",
                heading="Down",
                short="Down",
                place=80,
                reads=CellFormat.SHARE,
                part=Class.DOWN,
                blank=Blank.UNDECIDED,
                width=60,
                stretch=0,
                gives_way=8,
                shown=False,
            ),
        ),
    ),
    Column(
        name="last",
        dtype="<f8",
        meaning="newest price, in the market's currency; 0 before the first bar",
        low=0,
        high=MAX_PRICE,
        cells=(
            ColumnCell(
                name="last",
                heading="Last",
                short="Last",
                place=20,
                reads=CellFormat.PRICE,
                blank=Blank.UNPRICED,
                emphasis=Emphasis.PLAIN,
                width=92,
                most=130,
                gives_way=2,
            ),
        ),
    ),
    Column(
        name="change",
        dtype="<f4",
        meaning="`last` over the close before it, minus 1",
        low=-1,
        high=MAX_PRICE / MIN_PRICE,
    ),
    Column(
        name="bar_ms",
        dtype="<i8",
        meaning="close of the newest bar; 0 before the first bar",
        low=0,
        cells=(
            ColumnCell(
                name="changed",
                heading="Changed",
                short="Changed",
                place=100,
                reads=CellFormat.BAR_TIME,
                blank=Blank.ZERO,
                width=104,
                stretch=0,
                gives_way=9,
                shown=False,
            ),
            ColumnCell(
                name="age",
                heading="Age",
                short="Age",
                place=110,
                reads=CellFormat.AGE,
                blank=Blank.ZERO,
                falling=False,
                width=60,
                stretch=0,
                gives_way=7,
            ),
        ),
        high=LAST_MS,
    ),
    Column(
        name="flags",
        dtype="|u1",
        meaning="bits, below",
    ),
    Column(
        name="sets",
        dtype="|u1",
        meaning="prediction set: 1 for down, 2 for flat, 4 for up, added up; it holds the winner, "
        "or is 0 where there is none",
        low=0,
        high=ALL_CLASSES,
    ),
    Column(
        name="previous_close",
        dtype="<f8",
        meaning="regular close of the session before that of the newest bar; 0 where not known",
        low=0,
        high=MAX_PRICE,
        since=2,
        cells=(
            ColumnCell(
                name="change",
                heading="Change",
                short="Change",
                place=30,
                reads=CellFormat.CHANGE,
                blank=Blank.UNPRICED,
                emphasis=Emphasis.PLAIN,
                width=92,
                most=130,
                gives_way=0,
            ),
        ),
    ),
)
