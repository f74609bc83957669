"""Who is listed now, and in which row each ticker stands for as long as the feed runs."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from server.feeds.base import ListedTicker, Listing, ListingChange
from shared.contract import Bool, Int64, check_symbol
from shared.errors import DataError
from shared.limits import MAX_NAME


@dataclass(frozen=True, kw_only=True)
class RosterColumns:
    """What is known of tickers, (n,) each, as the wire tells it.

    Attributes:
        symbols: The tickers.
        names: What people call them.
        markets: Their market segments.
        names_en: Their names in English; () where none is known.
        sectors: Their industries; () where none is known.
    """

    symbols: tuple[str, ...]
    names: tuple[str, ...]
    markets: tuple[str, ...]
    names_en: tuple[str, ...]
    sectors: tuple[str, ...]


def _known(texts: Iterable[str]) -> tuple[str, ...]:
    column = tuple(texts)
    return column if any(column) else ()


class Roster:
    """The tickers of a feed: a row for each that ever was, in the order in which they came.

    Attributes:
        listing: What the feed said before its first bar: market, bar length and source.
        revision: How often the tickers have changed since.
        rows: (n,) int64, rows of the tickers that are listed now, rising.

    Args:
        listing: What the feed plays.

    Raises:
        ValueError: It names a ticker twice, or one that has no proper symbol.
    """

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.revision = 0
        self.rows: Int64 = np.zeros(0, dtype=np.int64)
        self._tickers: list[ListedTicker] = []
        # Of each row, to be looked up many at once.
        self._symbols = np.zeros(0, dtype=object)
        self._is_listed = np.zeros(0, dtype=np.bool_)
        self._row_of: dict[str, int] = {}
        self._columns: RosterColumns | None = None
        for ticker in listing.tickers():
            self._add(ticker)
        self._refresh()

    def __len__(self) -> int:
        """Return how many rows there are, also of tickers that went."""
        return len(self._tickers)

    @property
    def tickers(self) -> list[ListedTicker]:
        """Return the tickers that are listed now, in the order of `rows`."""
        return [self._tickers[row] for row in self.rows.tolist()]

    @property
    def columns(self) -> RosterColumns:
        """Return what is known of `tickers`, by column: made once a revision."""
        if self._columns is None:
            listed = self.tickers
            self._columns = RosterColumns(
                symbols=tuple(ticker.symbol for ticker in listed),
                names=tuple(ticker.name for ticker in listed),
                markets=tuple(ticker.segment for ticker in listed),
                names_en=_known(ticker.name_en for ticker in listed),
                sectors=_known(ticker.sector for ticker in listed),
            )
        return self._columns

    @property
    def ever(self) -> tuple[str, ...]:
        """Return the symbol of every row; of a ticker that went, the last one it had."""
        return tuple(ticker.symbol for ticker in self._tickers)

    def row_of(self, symbol: str) -> int | None:
        """Return the row of a ticker that is listed now; None if there is none."""
        return self._row_of.get(symbol)

    def symbols(self, rows: Int64) -> tuple[str, ...]:
        """Return the tickers in some rows, (k,) int64."""
        return tuple(self._symbols[rows])

    def name(self, symbol: str) -> str:
        """Return what people call a ticker; the symbol itself of one that is not listed."""
        row = self._row_of.get(symbol)
        return symbol if row is None else self._tickers[row].name

    def listed(self, rows: Int64) -> Bool:
        """Return (k,) bool, whether the tickers in `rows`, (k,) int64, are listed now."""
        listed: Bool = self._is_listed[rows]
        return listed

    def apply(self, change: ListingChange) -> None:
        """Follow a change.

        Raises:
            ValueError: It does not fit: a ticker goes that is not listed, or comes twice.
        """
        for symbol in change.removed:
            del self._row_of[self._known(symbol)]
        for symbol, ticker in change.renamed.items():
            row = self._row_of.pop(self._known(symbol))
            self._claim(ticker, row)
            self._tickers[row] = ticker
        for ticker in change.added:
            self._add(ticker)
        self.revision += 1
        self._refresh()

    def _add(self, ticker: ListedTicker) -> None:
        self._claim(ticker, len(self._tickers))
        self._tickers.append(ticker)

    def _known(self, symbol: str) -> str:
        if symbol not in self._row_of:
            raise ValueError(f"{symbol!r} is not listed")
        return symbol

    def _claim(self, ticker: ListedTicker, row: int) -> None:
        try:
            check_symbol(ticker.symbol)
        except DataError as e:
            raise ValueError(str(e)) from e
        told = (ticker.name, ticker.segment, ticker.name_en, ticker.sector)
        if max(map(len, told)) > MAX_NAME:
            raise ValueError(f"the name of {ticker.symbol!r} is longer than {MAX_NAME}")
        if ticker.symbol in self._row_of:
            raise ValueError(f"{ticker.symbol!r} is listed twice")
        self._row_of[ticker.symbol] = row

    def _refresh(self) -> None:
        self._columns = None
        self.rows = np.array(sorted(self._row_of.values()), dtype=np.int64)
        self._symbols = np.array(self.ever, dtype=object)
        self._is_listed = np.zeros(len(self), dtype=np.bool_)
        self._is_listed[self.rows] = True
