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
        tickers: Who is in them.
        bars: Rows that were kept.
        dropped: Rows that were not, by reason.
        mended: Rows that were kept after a repair, by reason.
        first: The oldest bar.
        last: The newest one.
        files: How many were read.
        left_out: Files and tickers that were not, and why.
        missing_sessions: Sessions between the first and the last bar of a ticker without a bar,
            of all tickers; intraday bars are counted by their days.
        jumps: Moves of more than 31% between two closes.
        notes: What else a reader should know, the most harmful first, in sentences.
    """

    refused: str | None = None
    source: str = ""
    market: str = ""
    timezone: str = ""
    stamp: Literal["open", "close", ""] = ""
    interval: str = ""
    adjusted: bool | None = None
    tickers: tuple[str, ...] = ()
    bars: int = 0
    dropped: dict[str, int] = {}
    mended: dict[str, int] = {}
    first: BarSaid | None = None
    last: BarSaid | None = None
    files: int = 0
    left_out: dict[str, str] = {}
    missing_sessions: int = 0
    jumps: int = 0
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return what was understood, a line each, for people."""
        if self.refused is not None:
            return [f"refused      {self.refused}"]
        adjusted = {True: "adjusted", False: "not adjusted", None: "nobody says whether adjusted"}
        facts = {
            "source": f"{self.source}; {self.files} file{'s' * (self.files != 1)}",
            "market": f"{self.market}, {self.timezone}",
            "bars": f"{self.bars:,} of {self.interval}, stamped by their {self.stamp}, "
            f"{adjusted[self.adjusted]}",
            "tickers": f"{len(self.tickers):,}: {', '.join(self.tickers[:8])}"
            + (" …" if len(self.tickers) > 8 else ""),
            "span": self._span(),
            "dropped": _counts(self.dropped),
            "mended": _counts(self.mended),
            "sessions": f"{self.missing_sessions:,} without a bar; {self.jumps:,} jumps",
        }
        lines = [f"{name:<12} {text}" for name, text in facts.items()]
        lines += [f"{'left out':<12} {why}" for why in self.left_out.values()]
        return lines + [f"{'note':<12} {note}" for note in self.notes]

    def _span(self) -> str:
        if self.first is None or self.last is None:
            return "none"
        return f"{self.first.close_at:%Y-%m-%d %H:%M} to {self.last.close_at:%Y-%m-%d %H:%M} UTC"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"
