from collections import Counter

import numpy as np
import pytest

from models.bundles.files import find_bundle, read_files
from models.data.bars import DropReason
from models.inference.served import Served, read_served
from server.feeds.base import BarBatch, Listing
from server.journal.opening import new_cycle
from server.market.cycle import Cycle
from server.market.subscribed import Subscribed
from server.swap.successor import BarsCopy, Successor
from shared.columns import COLUMNS
from shared.markets import MARKETS
from shared.protocol.heatmaps import Heatmaps
from shared.protocol.messages import Confidence, Published
from shared.settings import ServerSettings
from tests.kit.house import DAY_MS, RULES

TICKERS, DAYS, LIVE = 8, 60, 6
SYMBOLS = tuple("ABCDEFGH")
SHORT, TWICE = 2, 3  # a ticker with few bars, and one with a bar that comes again corrected
LOOKED_AT = Subscribed(heatmap=np.arange(TICKERS) == 0, bar=np.zeros(TICKERS, np.bool_))


class Forgetful:
    def follow(self, batch: BarBatch) -> None:
        pass

    def grow(self, tickers: int) -> None:
        pass


@pytest.fixture(scope="module")
def served() -> Served:
    """A model whose recalibrator has something to learn."""
    return read_served(read_files(find_bundle("krx-daily")), "krx-daily")


def days() -> list[BarBatch]:
    """A batch a day of what eight tickers did, with dirt, a jump and a gap."""
    random = np.random.default_rng(5)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.02, (DAYS + LIVE, TICKERS)), axis=0))
    close[30:, 4] *= 2  # a split
    found = []
    for day, prices in enumerate(close):
        there = np.ones(TICKERS, np.bool_)
        there[SHORT] = day >= DAYS - 20
        there[5] = not 25 <= day < 45  # a halt
        ohlcv = np.stack([prices, prices * 1.01, prices * 0.99, prices, prices], axis=1)
        if day == 40:
            ohlcv[6, 3], ohlcv[7, 1] = np.nan, prices[7] * 0.5
        rows = np.flatnonzero(there)
        bar_ms = np.full(len(rows), (day + 1) * DAY_MS)
        found.append(BarBatch(rows=rows, bar_ms=bar_ms, ohlcv=ohlcv[rows], history=day < DAYS))
    return found


def cycle_of(served: Served) -> Cycle:
    listing = Listing(
        symbols=SYMBOLS,
        names=SYMBOLS,
        markets=("",) * TICKERS,
        market=MARKETS["krx"],
        interval="1d",
        label="made",
        simulated=False,
    )
    cycle = new_cycle(None, listing, served, ServerSettings())
    cycle.loading = True
    return cycle


def said(cycle: Cycle, batch: BarBatch) -> list[Published | Heatmaps]:
    return [message for part in cycle.run(batch, 1, LOOKED_AT) for message in part]


def test_a_history_taken_at_once_ends_as_one_decided_on_bar_by_bar(served: Served) -> None:
    history, live = days()[:DAYS], days()[DAYS:]
    wanted, found = cycle_of(served), cycle_of(served)
    for batch in history:
        said(wanted, batch)
    found.heir = Forgetful()
    corrected = history[50].take(np.flatnonzero(history[50].rows == TWICE))
    parts = [*history, corrected]
    whole = BarBatch(
        rows=np.concatenate([b.rows for b in parts]),
        bar_ms=np.concatenate([b.bar_ms for b in parts]),
        ohlcv=np.concatenate([b.ohlcv for b in parts]),
        history=True,
    )
    whole.ohlcv[np.flatnonzero((whole.rows == TWICE) & (whole.bar_ms == 51 * DAY_MS))[0], 4] = 1
    assert said(found, whole) == []
    for cycle in (wanted, found):
        cycle.end_history()
    # Live at once: the same bars and windows, and decisions by what the model's card has learned.
    assert found.owes_past
    assert found.state.windows.accepted == wanted.state.windows.accepted
    corrections = Counter({DropReason.CORRECTED: 1})
    assert found.state.windows.reasons - corrections == wanted.state.windows.reasons
    assert {DropReason.GAP, DropReason.JUMP, DropReason.CORRECTED} <= set(found.reasons())
    rows = np.arange(TICKERS)
    decided = wanted.state.decided(rows)
    assert 4 < decided.sum() < TICKERS
    assert np.array_equal(found.state.decided(rows), decided)
    for name in ("bar_ms", "last", "change", "previous_close"):
        assert np.array_equal(found.state.column(name), wanted.state.column(name)), name
    for name in ("scores", "raw", "scaled", "decided_ms"):
        one, other = getattr(found.state, name)[decided], getattr(wanted.state, name)[decided]
        assert np.allclose(one, other, atol=1e-6), name
    assert not np.allclose(found.state.probabilities, wanted.state.probabilities, atol=1e-6)

    # The past behind it, while the market goes on: as if nothing had been left out.
    bars = BarsCopy(found.state, TICKERS).go_on()
    assert bars is not None
    successor = Successor(served, RULES, bars, recalibrate=True)
    for cycle in (wanted, found):
        said(cycle, live[0])
    for _ in successor.warm_up():
        pass
    successor.follow(live[0])
    messages = [m for part in found.learn_past(successor.state, 2, LOOKED_AT) for m in part]
    assert [type(message) for message in messages] == [Confidence, Heatmaps]
    assert isinstance(messages[0], Confidence)
    assert messages[0].symbols == SYMBOLS
    assert found.status("live", 2).decided == decided.sum()
    for batch in live[1:]:
        for cycle in (wanted, found):
            said(cycle, batch)
    for column in COLUMNS:
        one, other = found.state.column(column.name), wanted.state.column(column.name)
        assert np.allclose(one, other, atol=1e-6), column.name
    assert found.state.adaptive == wanted.state.adaptive
    assert found.status("live", 3).accepted == wanted.status("live", 3).accepted


def test_of_what_is_played_or_resumed_each_bar_of_history_is_decided_on(served: Served) -> None:
    for change in ("heir", "resumed", "loading"):
        cycle = cycle_of(served)
        cycle.heir = None if change == "heir" else Forgetful()
        cycle.resumed, cycle.loading = change == "resumed", change != "loading"
        said(cycle, days()[0])
        assert not cycle.owes_past, change
