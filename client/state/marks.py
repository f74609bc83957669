"""What the user said of tickers, and the lists that the user made."""

from collections.abc import Iterable
from typing import Annotated

import msgspec

from shared.limits import MAX_TICKERS, Name, Symbol

Tickers = Annotated[tuple[Symbol, ...], msgspec.Meta(max_length=MAX_TICKERS)]
FilterLine = Annotated[str, msgspec.Meta(max_length=500)]


class Marks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the user said of tickers, listed or not.

    Attributes:
        stars: Those that are the user's own.
        pins: Those that stand at the head of every list.
        muted: Those that stand at its foot, in grey, and are no buys.
        notes: What the user wrote of a ticker.
    """

    stars: Tickers = ()
    pins: Tickers = ()
    muted: Tickers = ()
    notes: dict[Symbol, Name] = {}

    def turned(self, kind: str, symbols: Iterable[str]) -> "Marks":
        """Return the marks with all of `symbols` in a field, or with none if all were in it.

        Args:
            kind: `stars`, `pins` or `muted`.
            symbols: Some tickers.
        """
        before: tuple[str, ...] = getattr(self, kind)
        wanted = set(symbols)
        after = set(before) - wanted if wanted <= set(before) else set(before) | wanted
        return msgspec.structs.replace(self, **{kind: tuple(sorted(after))})

    def noted(self, symbol: str, words: str) -> "Marks":
        """Return the marks with a note on a ticker; without one if there are no words."""
        notes = {s: note for s, note in self.notes.items() if s != symbol}
        if words:
            notes[symbol] = words
        return msgspec.structs.replace(self, notes=notes)


class OwnList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list that the user made: of tickers, or of whatever fits a filter.

    Attributes:
        tickers: Who is in it; nobody where it has a filter.
        filter: Who is in it, in the language of the field; empty for the tickers.
    """

    tickers: Tickers = ()
    filter: FilterLine = ""

    def with_tickers(self, symbols: Iterable[str]) -> "OwnList":
        """Return the list with these tickers behind its own."""
        tickers = tuple(dict.fromkeys((*self.tickers, *symbols)))
        return msgspec.structs.replace(self, tickers=tickers[:MAX_TICKERS])

    def without(self, symbols: Iterable[str]) -> "OwnList":
        """Return the list without these tickers."""
        gone = set(symbols)
        tickers = tuple(s for s in self.tickers if s not in gone)
        return msgspec.structs.replace(self, tickers=tickers)
