"""From a state that took a round of bars to what is kept and shown of it."""

from typing import cast

import numpy as np

from models.explain.methods import LIVE
from server.explain.jobs import Job
from server.feeds.base import BarBatch
from server.feeds.roster import Roster
from server.market.changes import Changes
from server.market.moment import FoundBuys, MarketMoment
from server.market.state import Label, MarketState
from shared.contract import Class, Int64
from shared.explaining import OfferedMethod
from shared.limits import Symbols
from shared.protocol.envelope import Stamp
from shared.protocol.heatmaps import Heatmaps


def found_buys(
    state: MarketState, roster: Roster, rows: Int64, made_ms: int, *, late: bool
) -> FoundBuys:
    """Return what there is to say of tickers that entered class 2, and why they did.

    Args:
        state: As it is right after that.
        roster: Who the tickers are.
        rows: (e,) int64, e at least 1.
        made_ms: The time now, ms since 1970 UTC.
        late: Whether the market is elsewhere by now.
    """
    return FoundBuys(
        made_ms=made_ms,
        late=late,
        symbols=roster.symbols(rows),
        last=state.last[rows],
        bar_ms=state.bar_ms[rows],
        probabilities=state.probabilities[rows],
        scores=state.scores[rows],
        sets=state.sets[rows],
        raw=state.raw[rows],
        saliency=state.saliency[rows],
        window_ms=state.decided_ms[rows],
    )


def moment_of(
    state: MarketState,
    symbols: tuple[str, ...],
    part: BarBatch,
    changes: Changes,
    buys: FoundBuys | None,
    made_ms: int,
) -> MarketMoment:
    """Return what a round of closed bars made.

    Args:
        state: As it is right after that.
        symbols: The ticker of every row.
        part: The bars.
        changes: What they changed.
        buys: What is to be said of them.
        made_ms: The time now, ms since 1970 UTC.
    """
    rows = part.rows
    # Of a bar that was dropped, or took the place of an earlier one, nothing was decided.
    decided = state.decided(rows) & (state.decided_ms[rows, -1] == part.bar_ms)
    bars = changes.bars
    return MarketMoment(
        batch=part,
        made_ms=made_ms,
        symbols=symbols,
        probabilities=np.where(decided[:, None], state.probabilities[rows], np.float32(0)),
        sets=np.where(decided, state.sets[rows], np.uint8(0)),
        turned=changes.turned,
        was=changes.was,
        wins=state.winners(changes.turned),
        corrected=int(bars.corrects.sum()),
        interrupted=int((bars.interrupts & ~bars.corrects).sum()),
        buys=buys,
    )


def job_of(
    state: MarketState,
    row: int,
    symbol: str,
    method: OfferedMethod,
    target: Class | None,
    stamp: Stamp,
) -> Job:
    """Return what is asked about the window that a ticker has now.

    Args:
        state: Of the market.
        row: Index of a ticker that is decided on.
        symbol: That ticker.
        method: What is to explain it.
        target: The class that is asked about; None is the winner.
        stamp: Of the answer.
    """
    winner = state.winner(row)
    return Job(
        stamp=stamp,
        symbol=symbol,
        method=method,
        winner=winner,
        target=winner if target is None else cast(Label, int(target)),
        adaptive=state.adaptive,
        probabilities=state.probabilities[row].copy(),
        raw=state.raw[row].copy(),
        scaled=state.scaled[row].copy(),
        bar_ms=state.decided_ms[row].copy(),
    )


def heatmaps_of(state: MarketState, rows: Int64, symbols: Symbols, stamp: Stamp) -> Heatmaps:
    """Return why the model decided as it did on tickers that it decided on.

    Args:
        state: Of the market.
        rows: (n,) int64 indices of the tickers.
        symbols: (n,) those tickers.
        stamp: Of the first.
    """
    drops = state.drops(rows)
    return Heatmaps(
        stamp=stamp,
        symbols=symbols,
        method=LIVE.name,
        title=LIVE.title,
        kind=LIVE.kind,
        top_drop=drops[:, 0],
        random_drop=drops[:, 1],
        probabilities=state.probabilities[rows],
        scores=state.scores[rows],
        saliency=state.saliency[rows],
        raw=state.raw[rows],
        scaled=state.scaled[rows],
        bar_ms=state.decided_ms[rows],
    )
