"""What the cells of a list say; the same for the desk and the terminal."""

import dataclasses
import datetime
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from client.state import text
from client.state.list_cells import ListCell
from client.state.table import Table
from shared.cells import CellFormat, ColumnCell
from shared.contract import Class, Int64, interval_seconds
from shared.protocol.answers import Universe


@dataclasses.dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What the words of a number depend on beside the number.

    Attributes:
        decimals: Digits after the point of a price.
        zone: Where times are told.
        market_ms: What time it is in the market, ms since 1970 UTC; 0 where that is not known.
        interval_s: Length of a bar, s.
    """

    decimals: int
    zone: datetime.tzinfo
    market_ms: int
    interval_s: int

    @classmethod
    def of(cls, universe: Universe, market_ms: int) -> "Circumstances":
        """Return those of a universe at a time of its market, ms since 1970 UTC."""
        zone = text.zone_of(universe.timezone)
        return cls(
            decimals=universe.decimals,
            zone=zone,
            market_ms=market_ms,
            interval_s=interval_seconds(universe.interval),
        )


def words(table: Table, listed: ListCell, rows: Int64, among: Circumstances) -> list[str]:
    """Return what the column says in each of `rows`, (k,) int64 rows of the table."""
    if listed.cell.reads is CellFormat.TEXT:
        return [_texts(table, listed.source, row) for row in rows.tolist()]
    if listed.cell.reads in _OF_ROW:
        return [_OF_ROW[listed.cell.reads](table, row) for row in rows.tolist()]
    say, cell = _WORDS[listed.cell.reads], listed.cell
    values, blank = table.values(listed, rows).tolist(), table.is_blank(listed, rows).tolist()
    return [
        text.NOTHING if nothing else say(value, cell, among)
        for value, nothing in zip(values, blank, strict=True)
    ]


def _texts(table: Table, source: str, row: int) -> str:
    symbol = table.symbols[row]
    if source == "symbols":
        return symbol
    if source == "sectors":
        return table.sectors[row]
    return f"{text.distinct(table.names[row], symbol)} {table.segments[row]}".strip()


def _star(table: Table, row: int) -> str:
    return "★" if table.starred[row] else ""


def _trend(table: Table, row: int) -> str:
    known = table.trends.of(np.array([row]))[0]
    known = known[~np.isnan(known)]
    if len(known) < 2:
        return ""
    return f"{text.percent(float(known[0]))} → {text.percent(float(known[-1]))}"


def _reason(table: Table, row: int) -> str:
    glance = table.glance(row)
    return "" if glance is None else glance.brief


def _change(value: float, cell: ColumnCell, among: Circumstances) -> str:
    return f"{text.arrow(value)} {text.change(value)}".lstrip()


_OF_ROW: Final[Mapping[CellFormat, Callable[[Table, int], str]]] = {
    CellFormat.STAR: _star,
    CellFormat.TREND: _trend,
    CellFormat.MAP: lambda table, row: "",  # a picture, of which the reason beside it is the words
    CellFormat.REASON: _reason,
}
_WORDS: Final[Mapping[CellFormat, Callable[[Any, ColumnCell, Circumstances], str]]] = {
    CellFormat.PRICE: lambda value, cell, among: text.price(value, among.decimals),
    CellFormat.CHANGE: _change,
    CellFormat.SHARE: lambda value, cell, among: text.percent(value),
    CellFormat.SHARES: lambda value, cell, among: " · ".join(map(text.percent, reversed(value))),
    CellFormat.WINNER: lambda value, cell, among: text.class_word(Class(value)),
    CellFormat.NUMBER: lambda value, cell, among: text.plain(value, cell.digits),
    CellFormat.BAR_TIME: lambda value, cell, among: text.bar_stamp(
        value, among.market_ms, among.interval_s, among.zone
    ),
    CellFormat.AGE: lambda value, cell, among: (
        text.age(among.market_ms - value) if among.market_ms else text.NOTHING
    ),
}
