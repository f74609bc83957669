"""A seeded market that looks like the Korean one and belongs to nobody."""

import datetime as dt
import itertools
import threading
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from server.feeds.base import BarBatch, FeedEvent, HistoryEnd, Listing
from server.feeds.invented import companies
from shared.contract import Float64
from shared.markets import MARKETS

HISTORY: Final = 250  # bars given at once: a year of trading days
QUARTERS: Final = 4  # a day is told in four parts; the last one closes the bar

_FIRST_DAY: Final = dt.date(2024, 1, 2)
_LAST_DAY: Final = dt.date.max  # later days cannot be shown; months away at any readable speed
_PULL: Final = 0.003  # share of the distance to its anchor that a log price loses a day
_LIMIT: Final = 0.26  # of a day's log move: just within the exchange's 30 % limit
_DAY_SHARES: Final = np.array([0.35, 0.2, 0.15, 0.3])  # of a day's volume, by quarter
_TICK_FROM: Final = np.array([2_000, 5_000, 20_000, 50_000, 200_000, 500_000])  # won
_TICKS: Final = np.array([1, 5, 10, 50, 100, 500, 1_000])  # won, KRX since 2023


class SimulatedFeed:
    """Daily bars of invented companies: a year of history, then day after day without end.

    Log prices are pulled back to an anchor, so that they stay sane for weeks of running. Returns
    share a market factor, have fat tails (Student's t, 4 degrees) and a log volatility that follows
    an AR(1) process, which makes calm and wild days cluster; volume rises with the size of the
    move. The same seed gives the same market.

    Args:
        tickers: Number of companies.
        seed: Start of the random numbers.
    """

    def __init__(self, tickers: int, seed: int) -> None:
        listed = companies(tickers)
        self._seed = seed
        self._known_ms = 0
        self._stopped = threading.Event()
        self.listing = Listing(
            symbols=tuple(c.symbol for c in listed),
            names=tuple(c.name for c in listed),
            markets=tuple(c.segment for c in listed),
            market=MARKETS["krx"],
            interval="1d",
            label="simulated",
            simulated=True,
            played=True,
        )

    def resume(self, known_ms: int) -> None:
        """Leave out all days up to a moment, as `Resumable` allows: they would be the same again.

        Args:
            known_ms: Close of the newest day that the server knows, ms since 1970 UTC.
        """
        self._known_ms = known_ms

    def events(self) -> Iterator[FeedEvent]:
        """Yield `HISTORY` days, then four batches a day, the fourth of which closes it."""
        market = _RandomMarket(len(self.listing.symbols), np.random.default_rng(self._seed))
        rows, live = np.arange(len(self.listing.symbols)), False
        for nth, close_ms in enumerate(_session_closes()):
            if self._stopped.is_set():
                return
            if close_ms <= self._known_ms:
                market.pass_day()
                continue
            day, bar_ms = market.next_day(), np.full(len(rows), close_ms)
            if nth < HISTORY:
                yield BarBatch(
                    rows=rows,
                    bar_ms=bar_ms,
                    ohlcv=day[-1],
                    history=True,
                    loaded=(nth + 1) / HISTORY,
                )
                continue
            if not live:
                live = True
                yield HistoryEnd()
            for quarter, ohlcv in enumerate(day, start=1):
                yield BarBatch(rows=rows, bar_ms=bar_ms, ohlcv=ohlcv, closed=quarter == QUARTERS)

    def stop(self) -> None:
        """Give no more days, also while those that are known are passed."""
        self._stopped.set()

    def close(self) -> None:
        """Do nothing: nothing is held open."""


def _session_closes() -> Iterator[int]:
    # Weekdays only; holidays would add nothing. Korea has no daylight saving time.
    krx = MARKETS["krx"]
    at = dt.time.fromisoformat(krx.session_close)
    first = dt.datetime.combine(_FIRST_DAY, at, ZoneInfo(krx.timezone))
    for days in itertools.takewhile(lambda d: d < (_LAST_DAY - _FIRST_DAY).days, itertools.count()):
        if (first.weekday() + days) % 7 < 5:
            yield (int(first.timestamp()) + days * 86_400) * 1_000


class _RandomMarket:
    # The state of all companies, one element each; n is their number.

    def __init__(self, n: int, rng: np.random.Generator) -> None:
        self._n, self._rng = n, rng
        self._anchor = np.clip(rng.normal(np.log(25_000), 1.1, n), np.log(1_500), np.log(900_000))
        self._calm = np.log(0.02) + rng.normal(0, 0.3, n)  # log of a usual day's volatility
        self._mood = np.zeros(n)  # log volatility above the usual
        self._market_mood = 0.0
        self._beta = rng.uniform(0.3, 1.3, n)
        self._turnover = rng.normal(np.log(3e9), 1.2, n)  # log won a day
        self._interest = np.zeros(n)  # log volume above the usual
        self._close = _to_tick(np.exp(self._anchor + rng.normal(0, 0.2, n)))

    def pass_day(self) -> None:
        """Go on by a day of which only the close is wanted; the days after it are the same."""
        volatility = self._next_volatility()
        move = self._next_move(volatility)
        end = self._steps(volatility).sum(axis=0)
        self._rng.standard_normal(2 * QUARTERS * self._n)  # how far its quarters would have reached
        self._close = self._price(end + (move - end))
        self._next_interest()

    def next_day(self) -> Float64:
        """Return (4, n, 5) float64: each company's bar as it stands at the end of each quarter."""
        volatility = self._next_volatility()
        move = self._next_move(volatility)
        path = self._path(move, volatility)
        reach = volatility * np.abs(self._rng.normal(0, 0.25, (2, QUARTERS, self._n)))
        top = np.maximum(path[1:], path[:-1]) + reach[0]
        bottom = np.minimum(path[1:], path[:-1]) - reach[1]
        day = np.empty((QUARTERS, self._n, 5))
        day[..., 0] = self._price(path[0])
        day[..., 1] = self._price(np.maximum.accumulate(top))
        day[..., 2] = self._price(np.minimum.accumulate(bottom))
        day[..., 3] = self._price(path[1:])
        day[..., 4] = self._volume(np.abs(move) / volatility)
        self._close = day[-1, :, 3]
        return day

    def _next_volatility(self) -> Float64:
        # (n,) daily; the market's mood is everybody's.
        rng = self._rng
        self._market_mood = 0.97 * self._market_mood + rng.normal(0, 0.08)
        self._mood = 0.94 * self._mood + rng.normal(0, 0.14, self._n)
        mood = np.clip(self._mood + self._market_mood, -1.5, 1.5)
        volatility: Float64 = np.exp(self._calm + mood)
        return volatility

    def _next_move(self, volatility: Float64) -> Float64:
        # (n,) log return of the day; a t of 4 degrees has a variance of 2.
        rng = self._rng
        together = 0.011 * np.exp(self._market_mood) * rng.standard_t(4) / np.sqrt(2)
        alone = volatility * rng.standard_t(4, self._n) / np.sqrt(2)
        pull = _PULL * (self._anchor - np.log(self._close))
        move: Float64 = self._beta * together + alone + pull
        return move.clip(-_LIMIT, _LIMIT)

    def _path(self, move: Float64, volatility: Float64) -> Float64:
        # (5, n) log price over the last close at open and after each quarter, ending at `move`.
        path: Float64 = np.cumsum(self._steps(volatility), axis=0)
        share = np.linspace(0.2, 1, QUARTERS + 1)[:, None]
        path += share * (move - path[-1])
        return path

    def _steps(self, volatility: Float64) -> Float64:
        steps = self._rng.normal(0, 1 / np.sqrt(QUARTERS + 1), (QUARTERS + 1, self._n))
        return np.multiply(volatility, steps, out=steps)

    def _price(self, log_move: Float64) -> Float64:
        return _to_tick(self._close * np.exp(np.clip(log_move, -_LIMIT, _LIMIT)))

    def _volume(self, surprise: Float64) -> Float64:
        # (4, n) shares traded since the open; surprise: the move in standard deviations.
        self._next_interest()
        log_won = self._turnover + self._interest + 0.5 * np.minimum(surprise, 4) - 0.4
        shares = np.exp(log_won) / self._close
        return np.ceil(np.cumsum(_DAY_SHARES)[:, None] * shares)

    def _next_interest(self) -> None:
        self._interest = 0.8 * self._interest + self._rng.normal(0, 0.25, self._n)


def _to_tick(price: Float64) -> Float64:
    """Round won to the exchange's price steps, which grow with the price."""
    tick = _TICKS[np.searchsorted(_TICK_FROM, price, side="right")]
    rounded: Float64 = np.round(price / tick) * tick
    return rounded
