"""Who is watched: a CSV file, or a list that the source knows by name; and what changes in it."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from models.data.times import instant
from server.feeds.base import ListedTicker, ListingChange
from server.feeds.live.source import UniverseTicker
from shared.contract import check_symbol
from shared.errors import DataError, InputMissingError, SettingsError
from shared.limits import MAX_NAME
from shared.markets import Market

_COLUMNS: Final = ("symbol", "name", "name_en", "market", "sector", "from", "to")


def is_file(universe: str) -> bool:
    """Return whether a universe is a file, and not the name of a list."""
    return universe.lower().endswith((".csv", ".txt")) or "/" in universe or "\\" in universe


def read_universe(path: Path, market: Market) -> tuple[UniverseTicker, ...]:
    """Return the tickers of a file.

    Args:
        path: CSV in UTF-8 with a heading; the column `symbol` must be there, others may be.
        market: In whose time `from` and `to` are, where they carry no zone.

    Raises:
        InputMissingError: The file does not exist or cannot be opened.
        DataError: It is not what it must be.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            names = tuple(reader.fieldnames or ())
            if "symbol" not in names:
                raise DataError(f"{path} must have a column symbol, has {', '.join(names)}")
            tickers = tuple(_ticker(row, path, reader.line_num, market) for row in reader)
    except OSError as e:
        raise InputMissingError(f"the universe {path} cannot be read: {e.strerror}") from e
    except (UnicodeDecodeError, csv.Error) as e:
        raise DataError(f"{path} is not a CSV file in UTF-8: {e}") from e
    return _once(tickers, path)


def _ticker(row: dict[str, str], path: Path, line: int, market: Market) -> UniverseTicker:
    told = {name: (row.get(name) or "").strip() for name in _COLUMNS}
    try:
        return UniverseTicker(
            symbol=check_symbol(told["symbol"]),
            name=told["name"][:MAX_NAME],
            name_en=told["name_en"][:MAX_NAME],
            segment=told["market"][:MAX_NAME],
            sector=told["sector"][:MAX_NAME],
            from_ms=instant(told["from"], market) if told["from"] else 0,
            until_ms=instant(told["to"], market) if told["to"] else 0,
        )
    except (DataError, SettingsError) as e:
        raise DataError(f"{path}, line {line}: {e}") from e


def _once(tickers: tuple[UniverseTicker, ...], path: Path) -> tuple[UniverseTicker, ...]:
    seen: set[str] = set()
    for ticker in tickers:
        if ticker.symbol in seen:
            raise DataError(f"{path} names {ticker.symbol} twice")
        seen.add(ticker.symbol)
    if not tickers:
        raise DataError(f"{path} names no ticker")
    return tickers


def listed_at(tickers: Iterable[UniverseTicker], now_ms: int) -> dict[str, ListedTicker]:
    """Return those that are listed at a moment, by symbol.

    Args:
        tickers: Of a universe.
        now_ms: ms since 1970 UTC.
    """
    return {
        t.symbol: ListedTicker(
            symbol=t.symbol,
            name=t.name or t.name_en or t.symbol,
            segment=t.segment or t.sector,
            name_en=t.name_en,
            sector=t.sector,
        )
        for t in tickers
        if t.from_ms <= now_ms and (t.until_ms == 0 or now_ms < t.until_ms)
    }


def change_of(
    before: dict[str, ListedTicker], after: dict[str, ListedTicker]
) -> ListingChange | None:
    """Return what changes a listing into another; None where they are the same.

    Args:
        before: By symbol.
        after: By symbol.
    """
    change = ListingChange(
        added=tuple(t for s, t in after.items() if s not in before),
        removed=tuple(s for s in before if s not in after),
        renamed={s: t for s, t in after.items() if s in before and before[s] != t},
    )
    return change if change != ListingChange() else None


def stamp_of(path: Path) -> tuple[int, int]:
    """Return by what a change of a file is noticed; zeros where it is not there."""
    try:
        told = path.stat()
    except OSError:
        return 0, 0
    return told.st_mtime_ns, told.st_size
