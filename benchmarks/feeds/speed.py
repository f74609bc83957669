"""What live feeds cost: a start from the local cache, closed bars of a market, and trades.

Times are processor time of this process, so that other work of the machine costs little; what is
held against each other is done in turns in one run.
"""

import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import psutil

from benchmarks.targets import ChaosReport, Figure
from models.bundles.files import find_bundle, read_files
from models.inference.served import Served, read_served
from server.feeds.base import BarBatch, FeedReport, HistoryEnd, Listing
from server.feeds.live.cache import BarCache, KnownSpan
from server.feeds.push.feed import PushFeed
from server.feeds.push.settings import PushSettings
from server.journal.opening import new_cycle
from server.market.cycle import Cycle
from server.market.judging import rules_of
from server.market.subscribed import Subscribed
from server.swap.successor import BarsCopy, Successor
from shared.contract import Float64
from shared.markets import MARKETS
from shared.protocol.heatmaps import Heatmaps
from shared.protocol.messages import Published
from shared.protocol.wire import encode_said
from shared.settings import ServerSettings

_MODEL: Final = "crypto-5min"
_TICKERS: Final = 3_000
_BARS: Final = 300
_LENGTH_MS: Final = 300_000
_BEGIN_MS: Final = 1_790_000_000_000 // _LENGTH_MS * _LENGTH_MS
_NOBODY: Final = Subscribed(heatmap=np.zeros(_TICKERS, np.bool_), bar=np.zeros(_TICKERS, np.bool_))
_SYMBOLS: Final = tuple(f"{n:04}/USDT" for n in range(_TICKERS))
_MINUTES: Final = 10  # that are sustained, each second a bar of each ticker
_TRADES: Final = 50_000  # a second
_SENDER: Final = """
import random, sys, time
import msgspec, zmq
endpoint, tickers, trades, seconds = sys.argv[1], *map(int, sys.argv[2:])
socket = zmq.Context().socket(zmq.PUSH)
socket.connect(endpoint)
def say(kind, **fields):
    socket.send(msgspec.msgpack.encode({"type": kind, "version": 1, **fields}))
symbols = [f"{n:04}/USDT" for n in range(tickers)]
say("listing", symbols=symbols)
each = trades // 10
of = [random.randrange(tickers) for _ in range(each)]
price, volume = [random.uniform(99, 101) for _ in of], [random.uniform(1, 100) for _ in of]
begin = time.time()
for turn in range(10 * seconds):
    time.sleep(max(begin + turn / 10 - time.time(), 0))
    ms = [round(1_000 * time.time())] * each
    ids = list(range(turn * each, turn * each + each))
    since = 0 if turn else int(begin // 60 * 60_000)  # the minute that runs counts as whole
    columns = dict(symbols=symbols, of=of, ms=ms, price=price, volume=volume, id=ids)
    say("trades", since_ms=since, **columns)
"""


def run(share: float) -> list[ChaosReport]:
    """Return the reports; `share` of ten minutes are sustained."""
    seconds = max(round(share * _MINUTES * 60), 5)
    with tempfile.TemporaryDirectory() as folder:
        return [_start(Path(folder)), _closed(seconds), _trades(seconds)]


def _cycle() -> Cycle:
    listing = Listing(
        symbols=_SYMBOLS,
        names=_SYMBOLS,
        markets=("",) * _TICKERS,
        market=MARKETS["crypto"],
        interval="5m",
        label="benchmark",
        simulated=False,
    )
    return new_cycle(None, listing, _model(), ServerSettings())


def _model() -> Served:
    return read_served(read_files(find_bundle(_MODEL)), _MODEL)


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
    took: dict[str, list[float]] = {"alone": [], "cache": [], "decided": [], "behind": []}
    for _ in range(5):
        start = time.process_time()
        for path in sorted(folder.rglob("*.parquet")):
            pl.read_parquet(path, memory_map=False)
        took["alone"].append(time.process_time() - start)
        cycle = _cycle()
        cycle.loading, cycle.heir = True, _NobodyWaits()
        start = time.process_time()
        batch = BarCache(folder).read(rows, _BEGIN_MS)
        took["cache"].append(time.process_time() - start)
        deque(cycle.run(batch, newest_ms, _NOBODY), 0)
        cycle.end_history()
        took["decided"].append(time.process_time() - start)
        decided = int(cycle.state.decided(np.arange(_TICKERS)).sum())
    took["behind"].append(_learn(cycle))
    alone, cache, whole, behind = (statistics.median(times) for times in took.values())
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
            Figure(name="the past behind it, in the swap's thread", measured=f"{behind:.1f} s"),
        ),
    )


class _NobodyWaits:
    # Stands for the swap of models, which a history waits for that is only filling.
    def follow(self, batch: BarBatch) -> None:
        pass

    def grow(self, tickers: int) -> None:
        pass


def _learn(cycle: Cycle) -> float:
    start = time.process_time()
    bars = BarsCopy(cycle.state, _TICKERS).go_on()
    if bars is None:
        raise RuntimeError("bars of all tickers were asked for at once")
    rules = rules_of(cycle.roster.listing, ServerSettings().jump_limit)
    successor = Successor(_model(), rules, bars, recalibrate=True)
    deque(successor.warm_up(), 0)
    deque(cycle.learn_past(successor.state, 1, _NOBODY), 0)
    return time.process_time() - start


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


def _size(message: Published | Heatmaps) -> int:
    return sum(memoryview(f).nbytes for frames in encode_said(message) for f in frames)


def _trades(seconds: int) -> ChaosReport:
    feed = PushFeed("tcp://127.0.0.1:*", PushSettings(market="crypto", interval="1m"))
    words = (feed.listing.facts["listens"][0], str(_TICKERS), str(_TRADES), str(seconds))
    sender = subprocess.Popen([sys.executable, "-c", _SENDER, *words])  # noqa: S603 - our own code
    threading.Timer(seconds + 8, feed.stop).start()
    marks, spent, report = [_resident_mib()], [time.process_time()], FeedReport()
    bars, began = 0, np.inf
    for event in feed.events():
        match event:
            case HistoryEnd():
                began = time.monotonic()
            case BarBatch():
                bars += len(event.rows)
            case FeedReport():
                report = event
        if len(marks) <= seconds and time.monotonic() - began >= len(marks):
            marks.append(_resident_mib())
            spent.append(time.process_time())
    sender.wait()
    feed.close()
    return _of_trades(seconds, spent, marks, bars, report)


def _of_trades(
    seconds: int, spent: list[float], marks: list[float], bars: int, report: FeedReport
) -> ChaosReport:
    each = np.diff(spent)[1:]  # what came before the first second is in its mark
    settled = marks[min(180, len(marks) // 2) :]  # trades are remembered for two minutes
    first, last = np.array_split(settled, 2)
    grown = float(last.mean() - first.mean())
    return ChaosReport(
        title=f"{_TRADES:,} trades a second of {_TICKERS:,} tickers through the socket of push, "
        f"for {seconds} s",
        targets=(
            Figure(
                name="from messages to forming and closed bars",
                measured=f"{100 * each.mean():.1f}% of a core (worst second "
                f"{100 * each.max():.0f}%)",
                wanted="≤ 50%",
                holds=bool(each.mean() <= 0.5),
            ),
            Figure(
                name="memory after three minutes, the second half over the first",
                measured=f"{grown:+.1f} MiB",
                wanted="≤ 5 MiB",
                holds=grown <= 5,
            ),
            Figure(
                name="bars",
                measured=f"{bars / seconds:,.0f} a second, not counted {dict(report.reasons)}",
            ),
        ),
        note="ten messages a second from another process, each trade with an id",
    )


def _resident_mib() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20
