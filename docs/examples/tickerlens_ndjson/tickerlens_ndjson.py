"""A feed of lines of JSON: `tickerlens-server --feed ndjson:bars.ndjson`.

    {"list": ["AAPL", "MSFT"]}
    {"symbol": "AAPL", "ms": 1700000000000, "ohlcv": [1, 2, 1, 2, 100], "history": true}
    {"live": true}
    {"symbol": "MSFT", "ms": 1700000300000, "ohlcv": [5, 6, 5, 6, 100]}
    {"list": ["AAPL", "NVDA"]}

The first line lists the tickers; another list later lets tickers go and come.
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np

from server.feeds.base import (
    BarBatch,
    FeedEvent,
    HistoryEnd,
    ListedTicker,
    Listing,
    ListingChange,
)
from server.feeds.kind import FeedKind
from shared.errors import DataError, InputMissingError
from shared.markets import MARKETS


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[feed.ndjson]`."""

    interval: Annotated[str, msgspec.Meta(description="length of a bar, such as `5m`")] = "1d"
    market: Annotated[str, msgspec.Meta(description="`krx`, `us` or `crypto`")] = "us"
    follow: Annotated[
        bool, msgspec.Meta(description="wait for lines that a program adds to the file")
    ] = False


class Line(msgspec.Struct, frozen=True):
    """One line; what is not given has no meaning in it."""

    list: tuple[str, ...] = ()
    live: bool = False
    symbol: str = ""
    ms: int = 0
    ohlcv: tuple[float, float, float, float, float] | None = None
    history: bool = False


class NdjsonFeed:
    """The lines of a file, and those that come if it is followed."""

    def __init__(self, path: Path, settings: Settings) -> None:
        try:
            self._file = path.open("rb")
        except OSError as e:
            raise InputMissingError(f"{path} cannot be read: {e.strerror}") from e
        self._follow = settings.follow
        self._stopped = threading.Event()
        self._symbols = self._decode(self._file.readline()).list
        self._row_of = {symbol: row for row, symbol in enumerate(self._symbols)}
        self._rows = len(self._symbols)  # that were ever given
        self.listing = Listing(
            symbols=self._symbols,
            names=self._symbols,
            markets=("",) * self._rows,
            market=MARKETS[settings.market],
            interval=settings.interval,
            label=f"lines of {path.name}",
            simulated=False,
            played=not settings.follow,  # else a bar that is late is late
        )

    def events(self) -> Iterator[FeedEvent]:
        """Yield what the lines say, one after the other."""
        for text in self._lines():
            line = self._decode(text)
            if line.list:
                yield self._relist(line.list)
            elif line.live:
                yield HistoryEnd()
            else:
                yield BarBatch(
                    rows=np.array([self._row_of[line.symbol]]),
                    bar_ms=np.array([line.ms]),
                    ohlcv=np.array([line.ohlcv], dtype=np.float64),
                    history=line.history,
                )

    def stop(self) -> None:
        """End the wait for the next line."""
        self._stopped.set()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _lines(self) -> Iterator[bytes]:
        # A writer may have written half a line.
        waiting = b""
        while not self._stopped.is_set():
            waiting += self._file.readline()
            if waiting.endswith(b"\n"):
                yield waiting
                waiting = b""
            elif not self._follow:
                return
            else:
                self._stopped.wait(0.2)

    def _relist(self, symbols: tuple[str, ...]) -> ListingChange:
        removed = [s for s in self._row_of if s not in symbols]
        added = [s for s in symbols if s not in self._row_of]
        for symbol in removed:
            del self._row_of[symbol]
        for symbol in added:
            self._row_of[symbol], self._rows = self._rows, self._rows + 1
        return ListingChange(
            removed=tuple(removed),
            added=tuple(ListedTicker(symbol=symbol, name=symbol) for symbol in added),
        )

    def _decode(self, text: bytes) -> Line:
        try:
            return msgspec.json.decode(text, type=Line)
        except msgspec.DecodeError as e:
            raise DataError(f"a line is none of this feed: {e}") from e


FEED = FeedKind(
    settings=Settings, open=lambda argument, settings: NdjsonFeed(Path(argument), settings)
)
