"""A history that only fills: taken as blocks of many bars, of which the newest are decided on."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from server.feeds.base import BarBatch
from server.market.state import MarketState
from shared.contract import Float64, Int64

_BARS: Final = 20_000  # that are taken in a step


class BarBlock(NamedTuple):
    """The bars of some tickers, side by side.

    Attributes:
        rows: (k,) int64 indices of tickers, none twice.
        bar_ms: (k, t) int64, close of each bar, oldest first, ms since 1970 UTC; 0 where a ticker
            has fewer than t.
        ohlcv: (k, t, 5) float64, open, high, low, close in currency, volume in units.
    """

    rows: Int64
    bar_ms: Int64
    ohlcv: Float64


def few_rounds(batch: BarBatch) -> Iterator[BarBatch]:
    """Yield a batch in parts that take 0.2 s where each bar is decided on, for others wait."""
    return batch.parts(_BARS) if len(batch.rows) > _BARS else iter((batch,))


def filled(state: MarketState, batch: BarBatch) -> Iterator[None]:
    """Have a state take closed bars and decide on the newest of each ticker; yield between steps.

    Args:
        state: Of the market.
        batch: Any bars.
    """
    taken, others = [batch.rows[:0]], [batch.rows[:0]]
    for rows, bar_ms, ohlcv in blocks(batch):
        is_taken = state.fill(rows, bar_ms, ohlcv)
        taken.append(rows[is_taken])
        others.append(rows[~is_taken])
        yield
    # With bars that come late or twice, which take the place of others.
    one_by_one = np.flatnonzero(np.isin(batch.rows, np.concatenate(others)))
    for part in batch.take(one_by_one).rounds():
        state.take(part, explain=False)
    state.decide_newest(np.concatenate([*taken, *others]))


def blocks(batch: BarBatch) -> Iterator[BarBlock]:
    """Yield the bars of a batch, some tickers at a time."""
    if not len(batch.rows):
        return
    ordered = _by_ticker(batch)
    starts = np.flatnonzero(np.diff(ordered.rows, prepend=-1))
    ends = np.append(starts[1:], len(ordered.rows))
    part = (ends - 1) // _BARS
    for first, last in _runs(part):
        yield _side_by_side(ordered, starts[first:last], ends[first:last])


def _by_ticker(batch: BarBatch) -> BarBatch:
    # As a cache on disk has them already.
    step, later = np.diff(batch.rows), np.diff(batch.bar_ms) > 0
    if ((step > 0) | ((step == 0) & later)).all():
        return batch
    return batch.take(np.lexsort((batch.bar_ms, batch.rows)))


def _runs(values: Int64) -> Iterator[tuple[int, int]]:
    starts = np.flatnonzero(np.diff(values, prepend=-1)).tolist()
    yield from zip(starts, [*starts[1:], len(values)], strict=True)


def _side_by_side(batch: BarBatch, starts: Int64, ends: Int64) -> BarBlock:
    whole, rows = slice(starts[0], ends[-1]), batch.rows[starts]
    counts = ends - starts
    shape = len(rows), int(counts.max())
    if (counts == shape[1]).all():
        bar_ms, ohlcv = batch.bar_ms[whole], batch.ohlcv[whole]
        return BarBlock(rows, bar_ms.reshape(shape), ohlcv.reshape(*shape, 5))
    there = np.arange(shape[1]) < counts[:, None]
    bar_ms, ohlcv = np.zeros(shape, np.int64), np.zeros((*shape, 5))
    bar_ms[there], ohlcv[there] = batch.bar_ms[whole], batch.ohlcv[whole]
    return BarBlock(rows, bar_ms, ohlcv)
