"""Writes made bars as any source would write them, so that tests can read them back."""

import datetime
import gzip
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from models.data.sources.shape import Shape
from models.data.sources.shapes import shape_named

# Regular hours; the days that are made are sessions of all of these.
HOURS = {
    "krx": ("Asia/Seoul", "09:00", "15:30"),
    "us": ("America/New_York", "09:30", "16:00"),
    "crypto": ("UTC", "00:00", "24:00"),
    "24/5": ("America/New_York", "-7:00", "17:00"),
    "XTKS": ("Asia/Tokyo", "09:00", "15:00"),
    "XSHG": ("Asia/Shanghai", "09:30", "15:00"),
    "XHKG": ("Asia/Hong_Kong", "09:30", "16:00"),
    "XTAI": ("Asia/Taipei", "09:00", "13:30"),
    "XBOM": ("Asia/Kolkata", "09:15", "15:30"),
    "XLON": ("Europe/London", "08:00", "16:30"),
    "XETR": ("Europe/Berlin", "09:00", "17:30"),
    "XAMS": ("Europe/Amsterdam", "09:00", "17:30"),
    "XSTO": ("Europe/Stockholm", "09:00", "17:30"),
    "XTSE": ("America/Toronto", "09:30", "16:00"),
    "BVMF": ("America/Sao_Paulo", "10:00", "18:00"),
    "XMOS": ("Europe/Moscow", "10:00", "18:45"),
}
# From the thirteenth on no date can be read with day and month exchanged.
_DAYS = tuple(datetime.date(2024, 3, day) for day in (11, 12, 13, 14, 15, 18, 19))
_FRIDAY = datetime.date(2024, 4, 5)


@dataclass(frozen=True, kw_only=True)
class MadeBar:
    """One bar of which everything is known.

    Attributes:
        symbol: The ticker.
        begins: When it begins; of a day, when the session opens.
        ends: When it is complete.
        open: Price, with as many decimals as are to be written; the others likewise.
        high: The highest.
        low: The lowest.
        close: The last.
        volume: In shares or coins.
    """

    symbol: str
    begins: datetime.datetime
    ends: datetime.datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


@dataclass(frozen=True, kw_only=True)
class Example:
    """How a source writes bars.

    Attributes:
        shape: Its name among the shapes; `generic` where the usual names are enough.
        file: Name of a file; bars of which it differs go to several.
        head: What stands before the rows.
        row: One bar, in the fields of `_fields`.
        foot: What stands behind the rows.
        join: What stands between rows.
        across: What each list of a file holds of a bar, where lists stand side by side; `row` is
            then the whole file, with the lists in their order.
        symbols: Tickers that it can be about.
        market: Where they trade.
        kind: Whether the bars are days, shorter, or weeks that are dated by their last day.
        stamp: Which time of an intraday bar is written.
        zone: Of the times in it; that of the market if empty.
        decimals: That prices keep.
        volume_decimals: That volumes keep.
        newest_first: Whether the newest row comes first.
        encoding: Of text.
        said: What a reader must be told: options of `shared.reading` by name.
    """

    shape: str
    file: str = "{s}.csv"
    head: str = ""
    row: str
    foot: str = "\n"
    join: str = "\n"
    across: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ("AAPL",)
    market: str = "us"
    kind: Literal["daily", "intraday", "weekly"] = "daily"
    stamp: Literal["open", "close"] = "open"
    zone: str = ""
    decimals: int = 2
    volume_decimals: int = 0
    newest_first: bool = False
    encoding: str = "utf-8"
    said: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.shape}-{self.kind}"

    @property
    def timezone(self) -> ZoneInfo:
        """Return the zone of the times that are written."""
        return ZoneInfo(self.zone or HOURS[self.market][0])


def made_bars(example: Example, count: int = 6, seed: int = 0) -> list[MadeBar]:
    """Return some bars for each of an example's tickers, by time: days, or five minutes each.

    Each opens where the one before it closed, and another seed gives other prices.
    """
    return bars_within(example, [_hours(example, n) for n in range(count)], seed)


def bars_within(
    example: Example, hours: Iterable[tuple[datetime.datetime, datetime.datetime]], seed: int = 0
) -> list[MadeBar]:
    """Return a bar for each of an example's tickers between each two times.

    Args:
        example: How they are to be written.
        hours: When each begins and ends.
        seed: Another one gives other prices.
    """
    chance = np.random.default_rng(seed)
    closed = dict.fromkeys(example.symbols, 70_000)
    bars = []
    for begins, ends in hours:
        for symbol in example.symbols:
            bar = _bar(example, symbol, begins, ends, closed[symbol], chance)
            closed[symbol] = int(bar.close.scaleb(example.decimals))
            bars.append(bar)
    return bars


def _hours(example: Example, n: int) -> tuple[datetime.datetime, datetime.datetime]:
    zone, opens, closes = HOURS[example.market]
    if example.kind == "intraday":
        begins = _at(_DAYS[4], opens, zone) + n * datetime.timedelta(minutes=5)
        return begins, begins + datetime.timedelta(minutes=5)
    day = _DAYS[n] if example.kind == "daily" else _FRIDAY + n * datetime.timedelta(weeks=1)
    return _at(day, opens, zone), _at(day, closes, zone)


def _at(day: datetime.date, clock: str, zone: str) -> datetime.datetime:
    # Hours below 0 are of the evening before.
    hours, minutes = map(int, clock.split(":"))
    after = datetime.timedelta(days=hours // 24, hours=hours % 24, minutes=minutes)
    return datetime.datetime.combine(day, datetime.time(), ZoneInfo(zone)) + after


def _bar(
    example: Example,
    symbol: str,
    begins: datetime.datetime,
    ends: datetime.datetime,
    last: int,
    chance: np.random.Generator,
) -> MadeBar:
    tick = Decimal(1).scaleb(-example.decimals)
    opened = last + int(chance.integers(-3, 4))
    closed = opened + int(chance.choice((-1, 1)) * chance.integers(20, 400))
    high, low = (
        max(opened, closed) + int(chance.integers(1, 90)),
        min(opened, closed) - int(chance.integers(1, 90)),
    )
    return MadeBar(
        symbol=symbol,
        begins=begins,
        ends=ends,
        open=opened * tick,
        high=high * tick,
        low=low * tick,
        close=closed * tick,
        volume=Decimal(100 * int(chance.integers(1_000, 9_000))).scaleb(-example.volume_decimals),
    )


def written(example: Example, bars: Sequence[MadeBar]) -> dict[str, bytes]:
    """Return the content of the files that hold these bars, by name."""
    shape, zone = shape_named(example.shape), example.timezone
    rows: dict[str, list[dict[str, object]]] = {}
    heads: dict[str, str] = {}
    ordered = list(reversed(bars)) if example.newest_first else bars
    for n, bar in enumerate(ordered):
        fields = _fields(example, shape, zone, bar, n)
        name = example.file.format(**fields)
        rows.setdefault(name, []).append(fields)
        heads[name] = example.head.replace("{s}", bar.symbol)
    return {
        name: _packed(name, heads[name] + _body(example, said) + example.foot, example.encoding)
        for name, said in rows.items()
    }


def _body(example: Example, said: list[dict[str, object]]) -> str:
    if not example.across:
        return example.join.join(example.row.format(**fields) for fields in said)
    lists = [",".join(cell.format(**fields) for fields in said) for cell in example.across]
    return example.row.format(*lists, **said[0])


def _fields(
    example: Example, shape: Shape, zone: ZoneInfo, bar: MadeBar, n: int
) -> dict[str, object]:
    # s symbol, low in small letters; o h l c v numbers as the source scales them; t the written
    # time, b and e when the bar begins and ends, mid the midnight of its exchange in UTC; sec ms us
    # ns since 1970, day_ms since midnight; off the offset from UTC; sign as Kiwoom puts it; n the
    # row.
    begins, ends = bar.begins.astimezone(zone), bar.ends.astimezone(zone)
    stamped = ends if example.stamp == "close" and example.kind == "intraday" else begins
    local = bar.begins.astimezone(ZoneInfo(HOURS[example.market][0]))
    midnight = local.replace(hour=0, minute=0)
    seconds = int(stamped.timestamp())
    offset = stamped.strftime("%z")
    prices = zip("ohlc", (bar.open, bar.high, bar.low, bar.close), strict=True)
    return {
        **{name: _scaled(price, shape.price_scale) for name, price in prices},
        "v": _scaled(bar.volume, shape.volume_scale),
        "s": bar.symbol,
        "low": bar.symbol.lower(),
        "t": stamped,
        "b": begins,
        "e": ends,
        "mid": midnight.astimezone(datetime.UTC),
        "sec": seconds,
        "ms": 1_000 * seconds,
        "us": 1_000_000 * seconds,
        "ns": 1_000_000_000 * seconds,
        "end_ms": int(ends.timestamp()) * 1_000 - 1,
        "day_ms": (stamped.hour * 3_600 + stamped.minute * 60 + stamped.second) * 1_000,
        "off": f"{offset[:3]}:{offset[3:]}",
        "sign": "+-"[n % 2],
        "n": n,
    }


def _scaled(value: Decimal, scale: float) -> Decimal:
    return value if scale == 1 else Decimal(f"{value / Decimal(str(scale)):f}").normalize() + 0


def _packed(name: str, text: str, encoding: str) -> bytes:
    if name.endswith((".feather", ".parquet")):
        buffer = io.BytesIO()
        frame = pl.read_csv(text.encode(), try_parse_dates=True)
        (frame.write_ipc if name.endswith(".feather") else frame.write_parquet)(buffer)
        return buffer.getvalue()
    content = text.encode(encoding)
    if name.endswith(".gz"):
        return gzip.compress(content)
    if name.endswith(".zip"):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr(name.removesuffix(".zip") + ".csv", content)
        return archive.getvalue()
    return content


def symbols_of(bars: Iterable[MadeBar]) -> tuple[str, ...]:
    """Return the tickers of bars, sorted."""
    return tuple(sorted({bar.symbol for bar in bars}))
