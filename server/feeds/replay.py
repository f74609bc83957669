"""Bars from files, one batch for each moment at which bars closed."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.data.sources.reader import read_bars
from models.data.times import instant
from server.feeds.base import KEPT, BarBatch, FeedEvent, HistoryEnd, ListedTicker, Listing
from server.feeds.settings import ReplaySettings
from shared.errors import DataError, InputMissingError
from shared.limits import MAX_NAME
from shared.reading import read_options


class ReplayFeed:
    """Files of bars, or folders of them, played in time order.

    The first `warmup` moments are history; with `begin`, the newest `KEPT` before it are.

    Args:
        path: The file or folder.
        settings: What to play of it.

    Raises:
        InputMissingError: A file does not exist or cannot be opened.
        DataError: A file is not what it must be, or holds no bar in the time asked for.
        SettingsError: `market`, `begin` or `end` is not one.
    """

    def __init__(self, path: Path, settings: ReplaySettings) -> None:
        bars = read_bars(path, read_options(settings))
        table = bars.table
        if settings.end:
            table = table.until(settings.end)
        moments, starts = np.unique(table.bar_ms, return_index=True)
        if len(moments) == 0:
            raise DataError(f"{path} holds no bar up to {settings.end}")
        self._table = table
        self._starts = np.append(starts, len(table.bar_ms)).tolist()
        self._first, self._live = 0, settings.warmup
        if settings.begin:
            begin_ms = instant(settings.begin, table.market)
            self._live = int(np.searchsorted(moments, begin_ms, side="right"))
            self._first = max(self._live - KEPT, 0)
        known = _read_names(Path(settings.names)) if settings.names else {}
        named = [known.get(s, ListedTicker(symbol=s, name=s)) for s in table.symbols]
        self.listing = Listing(
            symbols=table.symbols,
            names=tuple(n.name for n in named),
            markets=tuple(n.segment for n in named),
            names_en=tuple(n.name_en for n in named),
            sectors=tuple(n.sector for n in named),
            market=table.market,
            interval=table.interval,
            label=f"replay of {path.resolve().name}"[:200],
            simulated=False,
            played=True,
            repaired=table.repaired,
            facts=bars.reading.facts(),
        )

    def events(self) -> Iterator[FeedEvent]:
        """Yield the bars of one moment after the other."""
        table = self._table
        last = len(self._starts) - 1
        history = max(min(self._live, last) - self._first, 1)
        for moment in range(self._first, last):
            if moment == self._live:
                yield HistoryEnd()
            span = slice(self._starts[moment], self._starts[moment + 1])
            yield BarBatch(
                rows=table.row[span].astype(np.int64),
                bar_ms=table.bar_ms[span],
                ohlcv=table.ohlcv[span],
                history=moment < self._live,
                loaded=min((moment + 1 - self._first) / history, 1.0),
            )

    def stop(self) -> None:
        """Do nothing: all is read before the first event, and none is waited for."""

    def close(self) -> None:
        """Do nothing: the files are closed already."""


def _read_names(path: Path) -> dict[str, ListedTicker]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = {"symbol", "name", "market"}.difference(reader.fieldnames or ())
            if missing:
                raise DataError(f"{path} must have a column {' and '.join(sorted(missing))}")
            return {row["symbol"]: _named(row) for row in reader}
    except OSError as e:
        raise InputMissingError(f"the names {path} cannot be read: {e.strerror}") from e
    except (UnicodeDecodeError, csv.Error) as e:
        raise DataError(f"{path} is not a CSV file in UTF-8: {e}") from e


def _named(row: dict[str, str]) -> ListedTicker:
    # As long as the wire allows; a blank name is no name.
    return ListedTicker(
        symbol=row["symbol"],
        name=row["name"][:MAX_NAME] or row["symbol"],
        segment=row["market"][:MAX_NAME],
        name_en=row.get("name_en", "")[:MAX_NAME],
        sector=row.get("sector", "")[:MAX_NAME],
    )
