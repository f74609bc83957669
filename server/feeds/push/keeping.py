"""What was pushed, on disk for the next start: closed bars, and the tickers that were announced."""

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from server.feeds.base import BarBatch, ListedTicker, ListingChange
from server.feeds.live.cache import BarCache, KnownSpan, replace_file

log = logging.getLogger(__name__)

_ANNOUNCED: Final = "announced.json"


class PushKeeper:
    """Keeps what was pushed to one endpoint, of one market and interval.

    Attributes:
        announced: The tickers that were announced and did not go, by symbol.
        trouble: Why nothing can be kept now; empty where it can.

    Args:
        folder: Where; None keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self.trouble = ""
        self._path = None if folder is None else folder / _ANNOUNCED
        self.announced = {} if self._path is None else _read(self._path)
        self._is_written = True
        self._bars = None if folder is None else BarCache(folder)

    def announce(self, change: ListingChange) -> None:
        """Note who came, went, or got another name."""
        for symbol in change.removed:
            self.announced.pop(symbol, None)
        for ticker in (*change.added, *change.renamed.values()):
            self.announced[ticker.symbol] = ticker
        self._is_written = False

    def restore(self, rows: Mapping[str, int], from_ms: int) -> BarBatch:
        """Return what is kept of tickers, by row and then by time; from now on more of them is.

        Args:
            rows: The row of each, by symbol.
            from_ms: Bars that closed later than this, ms since 1970 UTC.
        """
        none = np.zeros(0, np.int64), np.zeros((0, 5))
        if self._bars is None:
            return BarBatch(rows=none[0], bar_ms=none[0], ohlcv=none[1], history=True)
        self._bars.tidy()
        batch = self._bars.read(rows, from_ms)
        # Who pushes says himself what there is: whatever came is kept, since ever.
        for symbol in rows:
            if self._bars.known(symbol) is None:
                self._bars.put(symbol, *none, KnownSpan(0, 0))
        return batch

    def keep(self, symbols: Iterable[str], batch: BarBatch) -> None:
        """Keep closed bars with the next `flush`.

        Args:
            symbols: (n,) the tickers of the bars; each was restored before.
            batch: n bars.
        """
        if self._bars is not None and len(batch.rows):
            self._bars.go_on(tuple(symbols), batch.bar_ms, batch.ohlcv)

    def flush(self) -> None:
        """Write what waits; where that fails it is told, and tried again the next time."""
        if self._bars is None or self._path is None:
            return
        try:
            self._bars.flush()
            if not self._is_written:
                replace_file(self._path, msgspec.json.encode(tuple(self.announced.values())))
                self._is_written = True
            self.trouble = ""
        except OSError as e:
            self.trouble = f"what was pushed could not be kept on disk: {e.strerror}"


def _read(path: Path) -> dict[str, ListedTicker]:
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=tuple[ListedTicker, ...])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as e:
        log.warning("the list of announced tickers cannot be read, so that there is none: %s", e)
        return {}
    return {ticker.symbol: ticker for ticker in kept}
