"""Several files' rows as one set of columns: one market, one length of bar, all tickers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from models.data.calendars.markets import CURRENCIES, market_named
from models.data.calendars.zone_clocks import DAY_MS
from models.data.sources.column_times import NONE
from models.data.sources.columnar import taken
from models.data.sources.local_times import to_utc
from models.data.sources.moments import Moments
from models.data.sources.part import Part
from models.data.sources.symbols import market_of, markets_of
from models.data.table import Int32
from shared.contract import Float64, Int64
from shared.errors import DataError, SettingsError
from shared.markets import Market
from shared.reading import ReadOptions

N = TypeVar("N", bound=np.generic)


@dataclass(frozen=True, kw_only=True, eq=False)
class Merged:
    """The rows of all files whose time could be read, n in all.

    Attributes:
        symbols: The tickers, sorted.
        row: (n,) int32, index into `symbols`.
        part: (n,) int32, which of the parts each row is of.
        moments: When each was stamped.
        stated_ms: (n,) int64, the same by the zone that its source declares, whatever was said of
            it, ms since 1970 UTC.
        ohlcv: (n, 5) float64, as in `Part`.
        place: Where the tickers trade.
        timeless: (m,) int64, the places, among all rows of all files, of those whose time could
            not be read; ascending.
        starts: (parts,) int64, where the rows of each part begin among all rows.
    """

    symbols: tuple[str, ...]
    row: Int32
    part: Int32
    moments: Moments
    stated_ms: Int64
    ohlcv: Float64
    place: Market
    timeless: Int64
    starts: Int64

    def where(self, row: int) -> tuple[int, int]:
        """Return the part that a row is of, and its place in that part.

        Args:
            row: Its place among the rows that have a time.
        """
        before = np.searchsorted(self.timeless - np.arange(len(self.timeless)), row, side="right")
        return self.whole(row + int(before))

    def whole(self, row: int) -> tuple[int, int]:
        """Return the part that a row is of, and its place in that part.

        Args:
            row: Its place among all rows.
        """
        part = int(np.searchsorted(self.starts, row, side="right")) - 1
        return part, row - int(self.starts[part])


def merge(parts: Sequence[Part], options: ReadOptions) -> Merged:
    """Return the rows of all parts as one.

    Raises:
        DataError: The tickers trade on several markets, or nothing tells on which; or dates stand
            beside times.
        SettingsError: The market or the zone is none.
    """
    symbols = tuple(sorted({s for part in parts for s in part.symbols}))
    place = _market(parts, symbols, options)
    rows = [_rows(p, symbols) for p in parts]
    utc = [to_utc(p.stamps.wall_ms, _zones(p), _zone(p, options, place), p.code) for p in parts]
    wall = _joined([p.stamps.wall_ms for p in parts])
    stamped = _joined(utc)
    stated = _joined([_stated(p, u, options) for p, u in zip(parts, utc, strict=True)])
    known = stamped != NONE
    kept = slice(None) if known.all() else known
    ohlcv = _joined([p.ohlcv for p in parts])
    grains = {p.stamps.grain for p in parts}
    if len(grains) > 1:
        raise DataError(_mixed_grains(parts))
    return Merged(
        symbols=symbols,
        row=_joined(rows)[kept],
        part=_part_of_each(parts)[kept],
        moments=Moments(wall_ms=wall[kept], utc_ms=stamped[kept], dates=grains == {"date"}),
        stated_ms=stated[kept],
        ohlcv=ohlcv if known.all() else taken(ohlcv, np.flatnonzero(known)),
        place=place,
        timeless=np.flatnonzero(~known),
        starts=np.cumsum([0, *(len(p.code) for p in parts[:-1])]),
    )


def _joined(arrays: Sequence[npt.NDArray[N]]) -> npt.NDArray[N]:
    # One file of many million rows need not be copied.
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _part_of_each(parts: Sequence[Part]) -> Int32:
    counts = [len(p.code) for p in parts]
    if len(parts) == 1:
        return np.broadcast_to(np.int32(0), counts[0])  # one number in memory, however many rows
    return np.repeat(np.arange(len(parts), dtype=np.int32), counts)


def _rows(part: Part, symbols: tuple[str, ...]) -> Int32:
    if part.symbols == symbols:
        return part.code
    index = {symbol: i for i, symbol in enumerate(symbols)}
    return np.array([index[s] for s in part.symbols], np.int32)[part.code]


def _mixed_grains(parts: Sequence[Part]) -> str:
    dated = next(p for p in parts if p.stamps.grain == "date")
    timed = next(p for p in parts if p.stamps.grain != "date")
    return (
        f"{dated.label} holds dates and {timed.label} times of day: bars of several lengths do not "
        "belong together"
    )


def _market(parts: Sequence[Part], symbols: tuple[str, ...], options: ReadOptions) -> Market:
    if options.market != "auto":
        return market_named(options.market)
    declared = {p.shape.market for p in parts}
    if "" not in declared and len(declared) == 1:
        return market_named(declared.pop())
    # A name of letters alone may trade anywhere where its source says nothing.
    asking = [s for p in parts if "market" in p.shape.asks for s in p.symbols]
    vague = {s for s in asking if s.isalpha() and market_of(s) in ("us", "krx")}
    found = markets_of(s for s in symbols if s not in vague)
    unknown = [*found.pop("", []), *sorted(vague)]
    if len(found) > 1:
        told = "; ".join(f"{s[0]} looks like {name}" for name, s in sorted(found.items()))
        raise DataError(f"the tickers seem to trade on several markets ({told}): say --market")
    if unknown and not found and declared - {""}:
        return market_named((declared - {""}).pop())
    if not found:
        raise DataError(
            f"nothing tells where {unknown[0]} trades, and its bars would close at another hour "
            "elsewhere: say --market krx, us, crypto, or a code such as XTKS"
        )
    # A stranger beside known tickers (an index beside stocks) closes with them.
    return market_named(next(iter(found)))


def _zones(part: Part) -> Int64 | None:
    # Some terminals write epochs of their own clock instead of UTC's.
    if "timezone" in part.shape.asks and part.stamps.form.startswith("epoch"):
        return None
    return part.stamps.zone_ms


def _stated(part: Part, utc: Int64, options: ReadOptions) -> Int64:
    # What was said goes before what a source declares; an audit holds the one against the other.
    if options.timezone in ("", part.shape.zone) or not part.shape.zone:
        return utc
    return to_utc(part.stamps.wall_ms, _zones(part), part.shape.zone, part.code)


def _zone(part: Part, options: ReadOptions, place: Market) -> str:
    zones = _zones(part)
    asking = part.stamps.grain == "time" and not options.timezone
    bare = asking and (zones is None or bool((zones == NONE).any()))
    if "timezone" in part.shape.asks and bare:
        raise DataError(
            f"{part.label}: {part.shape.title} writes times by a clock that the file does not "
            "name; say --timezone"
        )
    if place.calendar == CURRENCIES and bare and not part.shape.zone and _within_days(part):
        raise DataError(
            f"{part.label}: currencies are quoted by the clock of whoever quotes them, and the "
            "file does not name it; say --timezone"
        )
    zone = options.timezone or part.shape.zone or place.timezone
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as e:
        raise SettingsError(
            f"timezone must be an IANA name such as Asia/Seoul, was {zone!r}"
        ) from e
    return zone


def _within_days(part: Part) -> bool:
    return bool((part.stamps.wall_ms % DAY_MS != 0).any())
