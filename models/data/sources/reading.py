"""What was understood of files of bars: the facts that head every report and every start."""

import datetime
from typing import Literal

import msgspec


class BarSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One bar as it was understood.

    Attributes:
        symbol: The ticker.
        open_at: When it began, UTC.
        close_at: When it was complete, UTC.
        open: Price in currency; the others likewise.
        high: The highest.
        low: The lowest.
        close: The last.
        volume: In units.
    """

    symbol: str
    open_at: datetime.datetime
    close_at: datetime.datetime
    open: float
    high: float
    low: float
    close: float
    volume: float


class DirtFound(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows that were dropped or mended for one reason, and the first of them.

    Attributes:
        reason: As in `models.data.bars.DropReason`.
        rows: How many there are.
        dropped: Whether they are gone; else they were kept after a repair.
        file: Where the first one stands.
        row: Its place below the names of the columns, from 1.
        column: What is wrong in it; empty where the whole row is.
        cell: What stands there.
    """

    reason: str
    rows: int
    dropped: bool
    file: str
    row: int
    column: str = ""
    cell: str = ""

    def __str__(self) -> str:
        """Return the finding as people read it."""
        column = f", column {self.column}: {self.cell!r}" if self.column else ""
        return f"{self.reason} {self.rows:,}, first in {self.file}, row {self.row}{column}"


class FileReading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How files of bars were read, or why they were refused.

    Attributes:
        refused: Why nothing was read, in a sentence; None where something was.
        source: The shapes that were recognized.
        market: Name or code of the market.
        timezone: IANA zone of the market.
        stamp: Whether the times in the files are those of opens or closes.
        interval: Length of a bar, such as 5m.
        adjusted: Whether prices are adjusted for splits; None where nobody says.
        evening: Whether daily bars run to the end of the evening's trading.
        session: Whether intraday bars are those of the regular session alone; empty in a refusal.
        tickers: Who is in them.
        bars: Rows that were kept.
        dropped: Rows that were not, by reason.
        mended: Rows that were kept after a repair, by reason.
        findings: The same, each with its first row, the most harmful first.
        first: The oldest bar.
        last: The newest one.
        files: How many were read.
        left_out: Files and tickers that were not, and why.
        missing_sessions: Sessions between the first and the last bar of a ticker without a bar,
            of all tickers; intraday bars are counted by their days.
        extra_sessions: Dates that have bars and, by the calendar, no session.
        assumed_sessions: Dates that have bars and lie beyond the horizon of the calendar.
        jumps: Moves of more than 31% between two closes.
        suspicious: Columns that hold what no market makes, in sentences.
        notes: What else a reader should know, the most harmful first, in sentences.
    """

    refused: str | None = None
    source: str = ""
    market: str = ""
    timezone: str = ""
    stamp: Literal["open", "close", ""] = ""
    interval: str = ""
    adjusted: bool | None = None
    evening: bool = False
    session: Literal["regular", "extended", ""] = ""
    tickers: tuple[str, ...] = ()
    bars: int = 0
    dropped: dict[str, int] = {}
    mended: dict[str, int] = {}
    findings: tuple[DirtFound, ...] = ()
    first: BarSaid | None = None
    last: BarSaid | None = None
    files: int = 0
    left_out: dict[str, str] = {}
    missing_sessions: int = 0
    extra_sessions: int = 0
    assumed_sessions: int = 0
    jumps: int = 0
    suspicious: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def facts(self) -> dict[str, tuple[str, ...]]:
        """Return what was understood, by name; every report and every start begins with it."""
        if self.refused is not None:
            return {"refused": (self.refused,)}
        tickers = ", ".join(self.tickers[:8]) + " …" * (len(self.tickers) > 8)
        said = {
            "source": (f"{self.source}; {self.files} file{'s' * (self.files != 1)}",),
            "market": (f"{self.market}, {self.timezone}",),
            "bars": (f"{self.bars:,} of {self.interval}, {self._meaning()}",),
            "tickers": (f"{len(self.tickers):,}: {tickers}",),
            "span": (self._span(),),
            "dropped": tuple(str(f) for f in self.findings if f.dropped) or ("none",),
            "mended": tuple(str(f) for f in self.findings if not f.dropped) or ("none",),
            "sessions": (self._sessions(),),
            "left out": tuple(self.left_out.values()),
            "suspicious": self.suspicious,
            "note": self.notes,
        }
        return {name: sentences for name, sentences in said.items() if sentences}

    def lines(self) -> list[str]:
        """Return the facts, a line each."""
        return [f"{name:<12} {text}" for name, said in self.facts().items() for text in said]

    def _meaning(self) -> str:
        return meaning(self.stamp, self.adjusted, evening=self.evening)

    def _sessions(self) -> str:
        extra = f"{self.extra_sessions:,} dates that have none by the calendar"
        assumed = f"{self.assumed_sessions:,} beyond the calendar's horizon, taken for usual days"
        return ", ".join(
            (
                f"{self.missing_sessions:,} without a bar",
                *([extra] if self.extra_sessions else []),
                *([assumed] if self.assumed_sessions else []),
                f"{self.jumps:,} jumps",
            )
        )

    def _span(self) -> str:
        if self.first is None or self.last is None:
            return "none"
        return f"{self.first.close_at:%Y-%m-%d %H:%M} to {self.last.close_at:%Y-%m-%d %H:%M} UTC"


def meaning(stamp: str, adjusted: bool | None, *, evening: bool) -> str:
    """Return what the times and prices of bars mean, in a clause.

    Args:
        stamp: Whether times are those of opens or closes.
        adjusted: Whether prices are adjusted for splits; None where nobody says.
        evening: Whether daily bars run to the end of the evening's trading.
    """
    prices = {True: "adjusted", False: "not adjusted", None: "nobody says whether adjusted"}
    late = "days run to the end of the evening, " if evening else ""
    return f"stamped by their {stamp}, {late}{prices[adjusted]}"
