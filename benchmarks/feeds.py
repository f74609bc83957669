"""What live feeds cost: a start from the local cache, closed bars of a market, and trades.

Times are processor time of this process, so that other work of the machine costs little; what is
held against each other is done in turns in one run.
"""

import statistics
import tempfile
import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import psutil

from benchmarks.targets import ChaosReport, Figure
from models.bundles.files import find_bundle, read_files
from models.inference.served import read_served
from server.feeds.base import BarBatch, Listing
from server.feeds.forming.bars import FormingBars
from server.feeds.forming.grid import BarGrid
from server.feeds.forming.trades import TradeBatch
from server.feeds.live.cache import BarCache, KnownSpan
from server.journal.opening import new_cycle
from server.market.cycle import Cycle, Subscribed
from shared.contract import Float64
from shared.markets import MARKETS
from shared.protocol.messages import Published
from shared.protocol.wire import encode_published
from shared.settings import ServerSettings

_MODEL: Final = "crypto-5min"
_TICKERS: Final = 3_000
_BARS: Final = 300
_LENGTH_MS: Final = 300_000
_BEGIN_MS: Final = 1_790_000_000_000 // _LENGTH_MS * _LENGTH_MS
_NOBODY: Final = Subscribed(heatmap=np.zeros(_TICKERS, np.bool_), bar=np.zeros(_TICKERS, np.bool_))
_SYMBOLS: Final = tuple(f"{n:04}/USDT" for n in range(_TICKERS))
_PART: Final = 20_000  # bars that a live feed tells at once
_MINUTES: Final = 10  # that are sustained, each second a bar of each ticker
_TRADES: Final = 50_000  # a second
_AT_ONCE: Final = 1_000  # trades in one message


def run(share: float) -> list[ChaosReport]:
    """Return the reports; `share` of ten minutes are sustained."""
    seconds = max(round(share * _MINUTES * 60), 5)
    with tempfile.TemporaryDirectory() as folder:
        return [_start(Path(folder)), _closed(seconds), _trades(seconds)]


def _cycle() -> Cycle:
    model = read_served(read_files(find_bundle(_MODEL)), _MODEL)
    listing = Listing(
        symbols=_SYMBOLS,
        names=_SYMBOLS,
        markets=("",) * _TICKERS,
        market=MARKETS["crypto"],
        interval="5m",
        label="benchmark",
        simulated=False,
    )
    return new_cycle(None, listing, model, ServerSettings())


def _bars(seed: int, bars: int) -> Float64:
    # (tickers, bars, 5) of prices that wander.
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 2e-3, (_TICKERS, bars)), axis=1))
    before = np.concatenate([close[:, :1], close[:, :-1]], axis=1)
    spread = close * rng.uniform(1e-4, 1e-3, close.shape)
    high, low = np.maximum(close, before) + spread, np.minimum(close, before) - spread
    volume = rng.uniform(1, 1_000, close.shape)
    return np.stack([before, high, low, close, volume], axis=2)


def _start(folder: Path) -> ChaosReport:
    _fill(folder)
    newest_ms = _BEGIN_MS + _BARS * _LENGTH_MS
    rows = {symbol: row for row, symbol in enumerate(_SYMBOLS)}
    took: dict[str, list[float]] = {"alone": [], "cache": [], "decided": []}
    for _ in range(3):
        start = time.process_time()
        for path in sorted(folder.rglob("*.parquet")):
            pl.read_parquet(path, memory_map=False)
        took["alone"].append(time.process_time() - start)
        cycle = _cycle()
        start = time.process_time()
        batch = BarCache(folder).read(rows, _BEGIN_MS)
        took["cache"].append(time.process_time() - start)
        for part in batch.parts(_PART):
            deque(cycle.run(part, newest_ms, _NOBODY), 0)
        cycle.end_history()
        took["decided"].append(time.process_time() - start)
        decided = int(cycle.state.decided(np.arange(_TICKERS)).sum())
    alone, cache, whole = (statistics.median(times) for times in took.values())
    return ChaosReport(
        title=f"a start with {_BARS} bars of {_TICKERS:,} tickers in the local cache",
        targets=(
            Figure(name="reading the same Parquet alone", measured=f"{1e3 * alone:,.0f} ms"),
            Figure(
                name="the cache's bars, in order",
                measured=f"{cache / alone:.1f} × ({1e3 * cache:,.0f} ms)",
            ),
            Figure(
                name="until all are decided on",
                measured=f"{whole / alone:.1f} × ({1e3 * whole:,.0f} ms)",
                wanted="≤ 4 ×",
                holds=whole <= 4 * alone,
            ),
            Figure(name="decided on", measured=f"{decided:,} of {_TICKERS:,}"),
        ),
    )


def _fill(folder: Path) -> None:
    cache, ohlcv = BarCache(folder), _bars(1, _BARS)
    bar_ms = _BEGIN_MS + _LENGTH_MS * np.arange(1, _BARS + 1)
    for row, symbol in enumerate(_SYMBOLS):
        cache.put(symbol, bar_ms, ohlcv[row], KnownSpan(_BEGIN_MS, int(bar_ms[-1])))
    cache.flush()


def _closed(seconds: int) -> ChaosReport:
    cycle, rows, ohlcv = _cycle(), np.arange(_TICKERS), _bars(2, seconds + 100)
    took: list[float] = []
    size = 0
    began = time.monotonic()
    for nth in range(seconds + 100):
        bar_ms = np.full(_TICKERS, _BEGIN_MS + (nth + 1) * _LENGTH_MS)
        batch = BarBatch(rows=rows, bar_ms=bar_ms, ohlcv=ohlcv[:, nth].copy(), history=nth < 100)
        if nth == 100:
            began = time.monotonic()
        time.sleep(max(began + nth - 100 - time.monotonic(), 0) if nth >= 100 else 0)
        start = time.process_time()
        size = sum(_size(m) for said in cycle.run(batch, 1, _NOBODY) for m in said)
        took.append(time.process_time() - start)
    share = sum(took[100:]) / seconds
    return ChaosReport(
        title=f"a closed bar of each of {_TICKERS:,} tickers each second, for {seconds} s",
        targets=(
            Figure(
                name="judge, features, network, calibration, saliency, messages",
                measured=f"{100 * share:.1f}% of a core (worst {1e3 * max(took[100:]):.0f} ms)",
                wanted="≤ 15%",
                holds=share <= 0.15,
            ),
            Figure(name="messages", measured=f"{size / 1024:,.0f} KiB a second"),
        ),
    )


def _size(message: Published) -> int:
    return sum(memoryview(frame).nbytes for frame in encode_published(message))


def _trades(seconds: int) -> ChaosReport:
    forming = FormingBars(BarGrid(60, None), _TICKERS)
    rng, took, bars = np.random.default_rng(3), [], 0
    made = [_second(rng) for _ in range(10)]
    peaks = []
    for second in range(seconds):
        now_ms = _BEGIN_MS + 1_000 * second
        start = time.process_time()
        for part, trades in enumerate(made[second % len(made)]):
            ms = now_ms + part * 1_000 * _AT_ONCE // _TRADES
            ids = (np.int64(second) << 20) + part * _AT_ONCE + np.arange(_AT_ONCE)
            forming.add(replace(trades, ms=trades.ms + ms, ids=ids), ms + 20)
        for batch in (forming.closed(now_ms + 1_000), forming.forming(now_ms + 1_000)):
            bars += len(batch.rows)
        took.append(time.process_time() - start)
        peaks.append(_resident_mib())
    share, grown = sum(took) / seconds, peaks[-1] - peaks[min(180, seconds // 2)]
    counted = {reason: n for reason, n in forming.reasons.items() if n}
    return ChaosReport(
        title=f"{_TRADES:,} trades a second of {_TICKERS:,} tickers, for {seconds} s",
        targets=(
            Figure(
                name="from trades to forming and closed bars",
                measured=f"{100 * share:.1f}% of a core (worst second {100 * max(took):.0f}%)",
                wanted="≤ 50%",
                holds=share <= 0.5,
            ),
            Figure(
                name="memory, from the end of three minutes on",
                measured=f"{grown:+.1f} MiB",
                wanted="≤ 5 MiB",
                holds=grown <= 5,
            ),
            Figure(name="bars", measured=f"{bars / seconds:,.0f} a second, not counted {counted}"),
        ),
        note=f"{_AT_ONCE:,} trades at once, each with an id; made time, as fast as it goes",
    )


def _second(rng: np.random.Generator) -> list[TradeBatch]:
    # The trades of a second, in messages; times count from each message's own.
    n = _AT_ONCE
    return [
        TradeBatch(
            rows=rng.integers(0, _TICKERS, n),
            ms=np.sort(rng.integers(0, 1_000 * n // _TRADES, n)),
            price=rng.uniform(99, 101, n),
            volume=rng.uniform(1, 100, n),
        )
        for _ in range(_TRADES // n)
    ]


def _resident_mib() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20
