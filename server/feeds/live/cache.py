"""Closed bars on disk, so that the next start asks the vendor only for what came since.

`SOURCE/MARKET/INTERVAL/YYYY-MM/NNNNNN.parquet` hold the bars as they came, later files correct
earlier ones; `known.json` says between which moments the bars of each ticker are complete. Every
file is written under a temporary name and renamed, bars before what is known of them: whatever
kills the program, what is known is there. A damaged file is left out and asked for again.
"""

import logging
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import platformdirs
import polars as pl

from server.feeds.base import BarBatch
from server.feeds.live.settings import LiveSettings
from shared.contract import Float64, Int64
from shared.markets import Market

log = logging.getLogger(__name__)

_SCHEMA: Final = {
    "symbol": pl.String,
    "bar_ms": pl.Int64,
    "open": pl.Float64,
    "high": pl.Float64,
    "low": pl.Float64,
    "close": pl.Float64,
    "volume": pl.Float64,
}
_PRICES: Final = ("open", "high", "low", "close", "volume")
_KNOWN: Final = "known.json"
_TIME_BITS: Final = 41  # of a time in ms, until 2039
_MANY: Final = 32  # files of a month, from which on they are joined


class KnownSpan(msgspec.Struct, frozen=True, array_like=True):
    """Between which moments the bars of a ticker are complete.

    Attributes:
        from_ms: Bars that closed later than this are kept, ms since 1970 UTC.
        until_ms: Up to and with this one.
    """

    from_ms: int
    until_ms: int


class BarCache:
    """The kept bars of one source, market and interval; one program at a time writes them.

    Args:
        folder: Of that source, market and interval; it is made with the first bars.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = _read_known(folder / _KNOWN)
        self._waiting: list[pl.DataFrame] = []
        self._spans: dict[str, KnownSpan] = {}

    def known(self, symbol: str) -> KnownSpan | None:
        """Return what is kept of a ticker, what waits to be written included."""
        return self._spans.get(symbol) or self._known.get(symbol)

    def put(self, symbol: str, bar_ms: Int64, ohlcv: Float64, span: KnownSpan) -> None:
        """Keep bars of a ticker with the next `flush`.

        Args:
            symbol: The ticker.
            bar_ms: (n,) int64, close of each bar, ms since 1970 UTC.
            ohlcv: (n, 5) float64.
            span: What is known of the ticker with them.
        """
        if len(bar_ms):
            self._wait([symbol] * len(bar_ms), bar_ms, ohlcv)
        self._spans[symbol] = span

    def go_on(self, symbols: Sequence[str], bar_ms: Int64, ohlcv: Float64) -> None:
        """Keep bars that follow without a hole what is known of their tickers, or correct it.

        Args:
            symbols: (n,) their tickers; of those of which nothing is known nothing is kept.
            bar_ms: (n,) int64, close of each bar, ms since 1970 UTC.
            ohlcv: (n, 5) float64.
        """
        kept = [(i, s, known) for i, s in enumerate(symbols) if (known := self.known(s))]
        if not kept:
            return
        place = np.array([i for i, _, _ in kept])
        self._wait([s for _, s, _ in kept], bar_ms[place], ohlcv[place])
        for (_, symbol, known), ms in zip(kept, bar_ms[place].tolist(), strict=True):
            self._spans[symbol] = KnownSpan(known.from_ms, max(known.until_ms, ms))

    def flush(self) -> None:
        """Write what waits.

        Raises:
            OSError: The disk is full or not ours; what waits is kept for the next try.
        """
        if not self._spans:
            return
        if self._waiting:
            bars = pl.concat(self._waiting)
            month = pl.from_epoch("bar_ms", "ms").dt.strftime("%Y-%m").alias("month")
            for (name,), part in (
                bars.with_columns(month)
                .partition_by("month", as_dict=True, include_key=False)
                .items()
            ):
                self._write(self._folder / str(name), part)
            self._waiting.clear()
        self._known |= self._spans
        replace_file(self._folder / _KNOWN, msgspec.json.encode(self._known))
        self._spans.clear()

    def read(self, rows: Mapping[str, int], from_ms: int) -> BarBatch:
        """Return what is known of tickers, by row and then by time.

        Args:
            rows: The row of each, by symbol.
            from_ms: Bars that closed later than this, ms since 1970 UTC.
        """
        by_row = sorted(rows, key=rows.__getitem__)
        spans = {s: k for s in by_row if (k := self._known.get(s)) is not None}
        bars = pl.concat([pl.DataFrame(schema=_SCHEMA), *self._parts(from_ms)])
        asked = list(spans)
        of, bar_ms = _places(bars["symbol"], asked), bars["bar_ms"].to_numpy()
        place = _in_order(
            of,
            bar_ms,
            np.array([max(k.from_ms, from_ms) for k in spans.values()] + [0]),
            np.array([k.until_ms for k in spans.values()] + [0]),
        )
        row_of = np.array([rows[symbol] for symbol in asked], np.int64)
        found = row_of[of[place]]
        ohlcv = np.empty((len(found), len(_PRICES)))
        for i, name in enumerate(_PRICES):
            ohlcv[:, i] = bars[name].to_numpy()[place]
        return BarBatch(rows=found, bar_ms=bar_ms[place].copy(), ohlcv=ohlcv, history=True)

    def tidy(self) -> None:
        """Join the files of each month that has many; each bar stands once then."""
        for month in self._months(0):
            if len(_segments(month)) >= _MANY:
                self._join(month)

    def _wait(self, symbols: list[str], bar_ms: Int64, ohlcv: Float64) -> None:
        prices = {name: ohlcv[:, i] for i, name in enumerate(_PRICES)}
        columns = {"symbol": symbols, "bar_ms": bar_ms, **prices}
        self._waiting.append(pl.DataFrame(columns, schema=_SCHEMA))

    def _parts(self, from_ms: int) -> list[pl.DataFrame]:
        return [part for month in self._months(from_ms) for _, part in self._readable(month)]

    def _months(self, from_ms: int) -> Sequence[Path]:
        first = str(np.datetime64(from_ms, "ms").astype("datetime64[M]"))
        if not self._folder.is_dir():
            return []
        return sorted(p for p in self._folder.iterdir() if p.is_dir() and p.name >= first)

    def _readable(self, month: Path) -> list[tuple[Path, pl.DataFrame]]:
        found = []
        for path in _segments(month):
            try:
                part = pl.read_parquet(path, memory_map=False).match_to_schema(_SCHEMA)
            except (OSError, pl.exceptions.PolarsError) as e:
                log.warning("%s cannot be read and is left out: %s", path.name, e)
                self._forget(month)
                path.rename(path.with_suffix(".damaged"))
                continue
            found.append((path, part))
        return found

    def _forget(self, month: Path) -> None:
        # Whose bars were in it is not known: nothing up to the end of its month is known any more.
        after = np.datetime64(month.name, "M") + 1
        end_ms = int(after.astype("datetime64[ms]").astype(np.int64))
        self._known = {
            symbol: KnownSpan(max(span.from_ms, end_ms), span.until_ms)
            for symbol, span in self._known.items()
            if span.until_ms > end_ms
        }

    def _write(self, month: Path, part: pl.DataFrame) -> None:
        month.mkdir(parents=True, exist_ok=True)
        newest = max((int(p.stem) for p in _segments(month)), default=0)
        _write_parquet(month / f"{newest + 1:06}.parquet", part)
        if newest + 1 >= _MANY and len(_segments(month)) >= _MANY:
            self._join(month)

    def _join(self, month: Path) -> None:
        # The joined bars take the place of the newest file; the older ones only repeat them then.
        parts = self._readable(month)
        if len(parts) < 2:
            return
        whole = pl.concat([part for _, part in parts]).unique(
            ["symbol", "bar_ms"], keep="last", maintain_order=True
        )
        _write_parquet(parts[-1][0], whole.sort("symbol", "bar_ms"))
        for path, _ in parts[:-1]:
            path.unlink(missing_ok=True)


def cache_folder(settings: LiveSettings, name: str, market: Market) -> Path:
    """Return where the bars of one source, market and interval are kept.

    Args:
        settings: Of the feed.
        name: What tells the bars of the source from those of others.
        market: Where they trade.
    """
    home = Path(platformdirs.user_cache_dir("tickerlens", appauthor=False)) / "bars"
    root = Path(settings.cache) if settings.cache else home
    session = "" if settings.session == "regular" else "-extended"
    calendar = f"{market.calendar.replace('/', '-')}{session}"
    return root / re.sub("[^A-Za-z0-9_.-]", "-", name) / calendar / settings.interval


def _places(symbols: pl.Series, asked: list[str]) -> Int64:
    # (n,) which of those asked for each symbol is, or how many they are where it is none: looked up
    # once for all that stand in a row.
    run = symbols.rle_id().to_numpy().astype(np.int64)
    first = np.flatnonzero(np.diff(run, prepend=-1))
    place = symbols.gather(first).replace_strict(
        asked, range(len(asked)), default=len(asked), return_dtype=pl.Int64
    )
    places: Int64 = place.to_numpy()[run]
    return places


def _in_order(nth: Int64, bar_ms: Int64, from_ms: Int64, until_ms: Int64) -> Int64 | slice:
    # Where the bars stand that lie in the span of their ticker, by ticker and time: of those of one
    # close the one that was written last.
    inside = (bar_ms > from_ms[nth]) & (bar_ms <= until_ms[nth])
    key = (nth << _TIME_BITS) + bar_ms
    if inside.all() and (key[1:] > key[:-1]).all():
        return slice(None)  # as they were joined
    place = np.flatnonzero(inside)
    place = place[np.argsort(key[place], kind="stable")]
    last = np.append(np.diff(key[place]) != 0, True)[: len(place)]
    chosen: Int64 = place[last]
    return chosen


def _segments(month: Path) -> list[Path]:
    return sorted(p for p in month.glob("*.parquet") if p.stem.isdigit())


def _read_known(path: Path) -> dict[str, KnownSpan]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, KnownSpan])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as e:
        log.warning("the list of what is kept cannot be read, so that nothing is: %s", e)
        return {}


def _write_parquet(path: Path, part: pl.DataFrame) -> None:
    aside = path.with_suffix(f".{os.getpid()}")
    part.write_parquet(aside, compression="zstd")
    aside.replace(path)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file as a whole: whoever reads it finds all of the old one or of the new one.

    Raises:
        OSError: It cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(f".{os.getpid()}")
    aside.write_bytes(content)
    aside.replace(path)
