"""Trades of scripted days on both Korean venues, and the bars that they truly make."""

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from shared.contract import Bool, Float64, Int64

SEOUL: Final = ZoneInfo("Asia/Seoul")
MINUTE_MS: Final = 60_000
DAY: Final = dt.date(2026, 11, 25)  # a Wednesday like any other
NEXT_DAY: Final = dt.date(2026, 11, 26)

HALT: Final = ("10:00", "10:03")  # the first ticker does not trade
LATE_TRADE: Final = ("11:04:58", 42)  # is told so many seconds after it

# When each venue trades. A few minutes of each part of the day stand for all of it; before lunch
# and after it nobody trades, and the closing auction prints once at 15:30.
_KRX: Final = (
    ("09:00", "09:08"),
    ("09:58", "10:06"),
    ("11:03", "11:09"),
    ("12:58", "13:06"),
    ("15:17", "15:20"),
    ("16:00", "16:03"),
    ("19:57", "20:00"),
)
_NXT: Final = (
    ("08:00", "08:04"),
    ("09:00:30", "09:04"),
    ("13:01", "13:05"),
    ("15:40", "15:43"),
    ("19:58", "20:00"),
)


Bars = dict[int, tuple[float, ...]]


def seoul_ms(day: dt.date, clock: str) -> int:
    """Return a local time such as 09:00 or 11:04:58 in ms since 1970 UTC."""
    moment = dt.datetime.combine(day, dt.time.fromisoformat(clock), SEOUL)
    return int(moment.timestamp() * 1_000)


# When a source says nothing, ms since 1970 UTC.
GONE: Final = (seoul_ms(DAY, "13:00"), seoul_ms(DAY, "13:03"))


@dataclass(frozen=True, kw_only=True, eq=False)
class MadeTrades:
    """Trades in time order, n in all.

    Attributes:
        ms: (n,) int64, when each was, ms since 1970 UTC.
        row: (n,) int64, of which ticker.
        price: (n,) float64, won.
        volume: (n,) float64, shares.
        krx: (n,) bool, on the Korea Exchange; else on Nextrade.
        known_ms: (n,) int64, from when on the vendor's bars hold it.
    """

    ms: Int64
    row: Int64
    price: Float64
    volume: Float64
    krx: Bool
    known_ms: Int64

    def take(self, chosen: Bool) -> "MadeTrades":
        """Return those that are chosen, (n,) bool."""
        names = (f.name for f in dataclasses.fields(self))
        return MadeTrades(**{name: getattr(self, name)[chosen] for name in names})

    def minutes(self, row: int) -> Bars:
        """Return the bars of one ticker: open, high, low, close, volume by their ends (ms)."""
        mine = self.row == row
        bars: Bars = {}
        columns = (self.ms[mine].tolist(), self.price[mine].tolist(), self.volume[mine].tolist())
        for ms, price, volume in zip(*columns, strict=True):
            end = ms // MINUTE_MS * MINUTE_MS + MINUTE_MS
            o, h, low, _, v = bars.get(end, (price, price, price, price, 0.0))
            bars[end] = (o, max(h, price), min(low, price), price, v + volume)
        return bars

    def known(self, row: int, truth: Bars, now_ms: int) -> Bars:
        """Return what the vendor knows of `truth`, the bars of one ticker, at a moment (ms)."""
        cut = now_ms // MINUTE_MS * MINUTE_MS - 2 * MINUTE_MS
        first, last = (int(n) for n in np.searchsorted(self.ms, (cut, now_ms)))
        recent = np.zeros(len(self.ms), np.bool_)
        recent[first:last] = self.known_ms[first:last] <= now_ms
        old = {end: bar for end, bar in truth.items() if end <= cut}
        return old | self.take(recent).minutes(row)


def scripted_days(tickers: int, every_s: float = 15.0, seed: int = 3) -> MadeTrades:
    """Return a whole day and the next morning, as both venues traded.

    Pre-market, open, a halt of the first ticker, a trade that is told late, lunch lull, a trade at
    exactly :00, the closing auction, the after-market, and the next day until 09:05.

    Args:
        tickers: How many.
        every_s: About how far the trades of a ticker lie apart, s.
        seed: Of the random numbers.
    """
    rng = np.random.default_rng(seed)
    spans = [(DAY, *span, True) for span in _KRX] + [(DAY, *span, False) for span in _NXT]
    spans += [(NEXT_DAY, "08:00", "08:03", False), (NEXT_DAY, "09:00", "09:05", True)]
    rows: list[tuple[int, int, bool]] = []
    for row in range(tickers):
        for day, begin, end, krx in spans:
            first, last = seoul_ms(day, begin), seoul_ms(day, end)
            count = max(int((last - first) / 1_000 / every_s), 2)
            rows += [(int(ms), row, krx) for ms in rng.integers(first, last, count)]
            rows.append((first, row, krx))  # exactly at :00 of the first minute
        rows.append((seoul_ms(DAY, "15:30") + 187 + row, row, True))  # the auction's print
        rows.append((seoul_ms(DAY, LATE_TRADE[0]), row, True))
    rows = sorted(r for r in set(rows) if not _silent(r[0], r[1]))
    ms, row_of, on_krx = (np.array(column) for column in zip(*rows, strict=True))
    steps = rng.integers(-2, 3, len(ms)) * 100.0
    price = np.zeros(len(ms))
    for row in range(tickers):
        mine = row_of == row
        price[mine] = 70_000.0 + 1_000 * row + np.cumsum(steps[mine])
    late = ms == seoul_ms(DAY, LATE_TRADE[0])
    return MadeTrades(
        ms=ms.astype(np.int64),
        row=row_of.astype(np.int64),
        price=price,
        volume=rng.integers(1, 300, len(ms)).astype(np.float64),
        krx=on_krx.astype(np.bool_),
        known_ms=np.where(late, ms + 1_000 * LATE_TRADE[1], ms).astype(np.int64),
    )


def weekdays_of(trades: MadeTrades, days: int) -> MadeTrades:
    """Return the trades of `DAY` on each weekday of so many days from it on.

    Args:
        trades: Those of `scripted_days`.
        days: How many, weekends among them.
    """
    one = trades.take(trades.ms < seoul_ms(NEXT_DAY, "00:00"))
    later = [n for n in range(days) if (DAY + dt.timedelta(n)).weekday() < 5]
    whole = {
        f.name: np.concatenate([getattr(one, f.name)] * len(later)) for f in dataclasses.fields(one)
    }
    shift = np.repeat(np.array(later, np.int64) * 24 * 60 * MINUTE_MS, len(one.ms))
    times = {name: whole[name] + shift for name in ("ms", "known_ms")}
    return MadeTrades(**(whole | times))


def traded_in_session(trades: MadeTrades, row: int) -> Bars:
    """Return the bars of one ticker that close in the regular session or with its auction."""
    return {
        end: bar
        for end, bar in trades.minutes(row).items()
        if 9 * 60 < (end // MINUTE_MS + 9 * 60) % (24 * 60) <= 15 * 60 + 31
    }


def crowd(tickers: int, begin_ms: int, end_ms: int, every_s: float, seed: int = 5) -> MadeTrades:
    """Return trades of many tickers on the Korea Exchange between two moments, ms since 1970 UTC.

    Args:
        tickers: How many.
        begin_ms: The first.
        end_ms: The last.
        every_s: About how far the trades of a ticker lie apart, s.
        seed: Of the random numbers.
    """
    rng = np.random.default_rng(seed)
    count = int(tickers * (end_ms - begin_ms) / 1_000 / every_s)
    ms = np.sort(rng.integers(begin_ms, end_ms, count))
    return MadeTrades(
        ms=ms,
        row=rng.integers(0, tickers, count),
        price=(70_000 + 100 * rng.integers(-50, 50, count)).astype(np.float64),
        volume=rng.integers(1, 300, count).astype(np.float64),
        krx=np.ones(count, np.bool_),
        known_ms=ms,
    )


def _silent(ms: int, row: int) -> bool:
    return row == 0 and seoul_ms(DAY, HALT[0]) <= ms < seoul_ms(DAY, HALT[1])
