import datetime
from dataclasses import replace

import numpy as np
import pytest

from server.feeds.base import BarBatch
from server.feeds.forming.bars import FormingBars, NoTrade, TradePatience
from server.feeds.forming.grid import BarGrid, trading_of
from server.feeds.forming.trades import SeenTrades, TradeBatch
from shared.markets import MARKETS

OPEN = int(datetime.datetime(2026, 11, 27, tzinfo=datetime.UTC).timestamp() * 1000)  # 09:00 KST
MINUTE = 60_000
GRACE = TradePatience().grace_ms
Told = dict[tuple[int, int], tuple[float, ...]]


def made(*trades: tuple[int, int, float, float], ids: tuple[int, ...] = ()) -> TradeBatch:
    """Make trades of row, ms since the open, price and volume."""
    columns = np.array(trades, np.float64).reshape(-1, 4).T
    return TradeBatch(
        rows=columns[0].astype(np.int64),
        ms=OPEN + columns[1].astype(np.int64),
        price=columns[2],
        volume=columns[3],
        ids=np.array(ids, np.int64) if ids else None,
    )


def minutes(tickers: int = 2, no_trade: NoTrade = "skip") -> FormingBars:
    krx = MARKETS["krx"]
    grid = BarGrid(60, trading_of(krx, 60, extended=False))
    bars = FormingBars(grid, tickers, no_trade=no_trade)
    bars.lose(0, OPEN)
    return bars


def said(batch: BarBatch) -> Told:
    """Return the bars of a batch by row and close, ms since the open."""
    keys = zip(batch.rows.tolist(), (batch.bar_ms - OPEN).tolist(), strict=True)
    return dict(zip(keys, map(tuple, batch.ohlcv.tolist()), strict=True))


def one_by_one(trades: TradeBatch) -> Told:
    """Return the bars of trades, by a look at each: in the order of their times."""
    bars: dict[tuple[int, int], list[float]] = {}
    for i in np.argsort(trades.ms, kind="stable").tolist():
        price, volume = float(trades.price[i]), float(trades.volume[i])
        close = (int(trades.ms[i] - OPEN) // MINUTE + 1) * MINUTE
        bar = bars.setdefault((int(trades.rows[i]), close), [price] * 4 + [0.0])
        bar[1], bar[2], bar[3] = max(bar[1], price), min(bar[2], price), price
        bar[4] += volume
    return {key: tuple(bar) for key, bar in bars.items()}


def test_bars_are_those_of_a_look_at_each_trade_however_they_come() -> None:
    rng = np.random.default_rng(3)
    n, batch = 20_000, 400
    ms = np.sort(rng.integers(0, 5 * MINUTE, n))
    trades = TradeBatch(
        rows=rng.integers(0, 40, n),
        ms=OPEN + ms,
        price=rng.integers(100, 200, n).astype(np.float64),
        volume=rng.integers(1, 50, n).astype(np.float64),
        ids=np.arange(n),
    )
    trades = trades.take(np.unique(trades.ms * 40 + trades.rows, return_index=True)[1])
    # Nobody is more than half a second late, and every tenth one comes twice.
    came = trades.ms + rng.integers(0, GRACE // 2, len(trades.ms))
    order = np.argsort(np.append(came, came[::10] + 300), kind="stable")
    sent = trades.take(np.append(np.arange(len(came)), np.arange(0, len(came), 10))[order])
    came = np.append(came, came[::10] + 300)[order]
    bars, told = minutes(1), Told()
    bars.grow(40)
    for start in range(0, len(order), batch):
        now = int(came[start : start + batch][-1])
        bars.add(sent.take(np.arange(len(order))[start : start + batch]), now)
        closed = said(bars.closed(now))
        assert not closed.keys() & told.keys()
        assert all(OPEN + close <= now - GRACE for _, close in closed)
        told |= closed
    told |= said(bars.closed(OPEN + 6 * MINUTE))
    assert told == one_by_one(trades)
    assert +bars.reasons == {"duplicate_trade": len(order) - len(trades.ms)}


def test_a_bar_forms_and_is_closed_by_the_clock_alone() -> None:
    bars = minutes()
    bars.add(made((0, 10, 100, 1), (0, 20, 103, 2), (1, 30, 7, 1)), OPEN + 50)
    formed = {(0, MINUTE): (100, 103, 100, 103, 3), (1, MINUTE): (7, 7, 7, 7, 1)}
    assert said(bars.forming(OPEN + 50)) == formed
    assert said(bars.forming(OPEN + 50)) == {}
    # The next minute's trade closes nothing, and waits to be told until the one before is closed.
    bars.add(made((0, MINUTE, 90, 1)), OPEN + MINUTE + 10)
    before, after = OPEN + MINUTE + GRACE - 1, OPEN + MINUTE + GRACE
    assert said(bars.closed(before)) == said(bars.forming(before)) == {}
    assert said(bars.closed(after)) == formed
    assert said(bars.forming(after)) == {(0, 2 * MINUTE): (90, 90, 90, 90, 1)}


def test_a_late_trade_corrects_its_bar_once_more_and_then_no_more() -> None:
    bars = minutes()
    bars.add(made((0, 500, 100, 1), (1, 500, 5, 1)), OPEN + 900)
    now = OPEN + MINUTE + GRACE
    assert len(bars.closed(now).rows) == 2
    bars.add(made((0, 100, 98, 4), (0, 600, 101, 1)), now)
    assert said(bars.closed(now)) == {(0, MINUTE): (98, 101, 98, 101, 6)}
    assert len(bars.closed(now).rows) == len(bars.forming(now).rows) == 0
    bars.add(made((0, 700, 1, 1)), now + TradePatience().late_ms)
    assert len(bars.closed(now + TradePatience().late_ms).rows) == 0
    assert +bars.reasons == {"late_trade": 1}


def test_trades_that_cannot_be_are_counted_and_cost_nobody_else() -> None:
    bars = minutes()
    bad = made(
        *((0, 10, price, 1) for price in (0, -1, np.nan, np.inf, 1e13)),
        *((0, 10, 100, volume) for volume in (-1, np.nan, 1e19)),
        (0, -1, 100, 1),
        (0, 7_000, 100, 1),
        (1, 10, 5, 0),
    )
    bars.add(bad, OPEN + 1_000)
    bars.add(made(), OPEN + 1_000)
    assert said(bars.closed(OPEN + 2 * MINUTE)) == {(1, MINUTE): (5, 5, 5, 5, 0)}
    assert +bars.reasons == {"bad_trade": 8, "outside_session": 1, "ahead_of_clock": 1}


def test_no_bar_is_told_of_which_trades_are_missing() -> None:
    bars = minutes()
    bars.add(made((0, 500, 100, 1), (0, MINUTE + 500, 101, 1)), OPEN + MINUTE + 600)
    # Nothing from 1:10 to 2:10: the second and the third minute are not whole.
    bars.lose(OPEN + MINUTE + 10_000, OPEN + 2 * MINUTE + 10_000)
    late = made((0, MINUTE + 700, 50, 1), (0, 2 * MINUTE + 11_000, 50, 1), (0, 3 * MINUTE, 102, 1))
    bars.add(late, OPEN + 3 * MINUTE)
    assert said(bars.closed(OPEN + 5 * MINUTE)) == {
        (0, MINUTE): (100, 100, 100, 100, 1),
        (0, 4 * MINUTE): (102, 102, 102, 102, 1),
    }
    assert +bars.reasons == {"partial_bar": 3}


def test_a_bar_without_a_trade_is_none_or_flat_as_is_asked() -> None:
    silent = made((0, 500, 100, 3), (0, 3 * MINUTE + 5, 104, 1))
    skip, flat = minutes(), minutes(no_trade="flat")
    for bars in (skip, flat):
        for minute in range(5):
            begin = OPEN + minute * MINUTE
            bars.closed(begin + GRACE)
            mine = (silent.ms >= begin) & (silent.ms < begin + MINUTE)
            bars.add(silent.take(mine), begin + MINUTE - 1)
    assert said(skip.closed(OPEN + 5 * MINUTE + GRACE)) == {}
    assert said(flat.closed(OPEN + 5 * MINUTE + GRACE)) == {(0, 5 * MINUTE): (104,) * 4 + (0,)}
    # What was said to be flat is corrected by a late trade, of which nothing flat is left.
    flat.add(made((0, 4 * MINUTE + 5, 90, 2)), OPEN + 5 * MINUTE + GRACE)
    assert said(flat.closed(OPEN + 5 * MINUTE + GRACE)) == {(0, 5 * MINUTE): (90, 90, 90, 90, 2)}


def test_flat_bars_begin_with_the_first_trade_of_a_session_and_end_with_it() -> None:
    bars, told = minutes(1, "flat"), Told()
    bars.add(made((0, 2 * MINUTE + 5, 100, 1)), OPEN + 3 * MINUTE)
    for minute in range(1, 600):
        told |= said(bars.closed(OPEN + minute * MINUTE))
    assert [close // MINUTE for _, close in told] == list(range(3, 392))  # with the auction's


def test_what_is_remembered_of_trades_is_forgotten_again() -> None:
    seen = SeenTrades(10_000)
    trades = made((0, 5, 1, 1), (1, 5, 1, 1), (0, 5, 1, 1), (0, 3, 1, 1), ids=(1, 1, 1, 2))
    assert seen.are_new(trades, OPEN).tolist() == [True, True, False, True]
    assert seen.are_new(trades, OPEN).tolist() == [False] * 4
    # What is too old to be looked up is no news, and takes no memory.
    assert seen.are_new(replace(trades, ids=trades.ids), OPEN + 30_000).tolist() == [False] * 4
    assert not seen._keys
    with pytest.raises(ValueError, match="without ids"):
        seen.are_new(made((0, 5, 1, 1)), OPEN)
