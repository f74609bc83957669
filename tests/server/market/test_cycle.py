from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.bundles.bundle import Bundle
from models.calibration.static import softmax
from models.data.features.price_volume import PRICE_VOLUME
from models.inference.engine import Engine
from models.inference.served import served_of
from server.feeds.base import BarBatch, FeedReport
from server.market.clock import MarketTime
from shared.columns import DECIDED, FORMING, UP_WINS
from shared.contract import STEPS, Class, Float64
from shared.errors import PluginError
from shared.limits import LAST_MS
from shared.protocol import wire
from shared.protocol.answers import Refusal
from shared.protocol.messages import Bar, Buy, Confidence, Heatmap, Published
from shared.protocol.requests import GetHeatmap
from shared.protocol.rows import unpack_sets
from tests.kit.house import DAY_MS, FULL, SYMBOLS, House, bars

M = TypeVar("M", bound=Published)


class Steep(nn.Module):
    # Says what another network says, with slopes that no reader takes.

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.network(x)
        return logits + 1e30 * (x - x.detach()).sum(dim=(1, 2))[:, None]


def only(kind: type[M], said: list[Published]) -> M:
    (found,) = [message for message in said if isinstance(message, kind)]
    return found


def kinds(said: list[Published]) -> list[type[Published]]:
    return [type(message) for message in said]


def test_history_is_decided_on_but_never_published(house: House) -> None:
    said = [
        message
        for day in range(1, FULL + 2)
        for message in house.run(bars(day, (100.0, 101.0, 102.0), history=True), 0, 1, 2)
    ]
    assert said == []
    assert house.state.windows.full.all()
    assert (house.state.flags == DECIDED).all()
    assert house.stamps.newest("confidence") == 0
    records = house.state.windows.ring.newest(0, 10)
    assert records.bar_ms[records.decided].tolist() == [FULL * DAY_MS, (FULL + 1) * DAY_MS]


def test_status_says_what_share_of_history_is_loaded(house: House) -> None:
    assert house.cycle.status("starting", 0).history == 0
    house.run(bars(1, (100.0, 101.0, 102.0), history=True, loaded=0.25))
    house.run(bars(2, (100.0, 101.0, 102.0), history=True))
    assert house.cycle.status("starting", 0).history == 0.25
    assert house.cycle.status("live", 0).history == 1


def test_status_says_what_the_feed_says_of_itself(house: House) -> None:
    house.run(bars(1, (100.0, 101.0, 0.0)))
    house.cycle.report = FeedReport(sentence="half " * 50, reasons={"late_trade": 2, "none": 0})
    status = house.cycle.status("live", 0)
    assert status.feed_note.startswith("half half")
    assert status.dropped == {"zero_price": 1, "late_trade": 2}


def test_status_tells_the_time_of_the_market_and_what_is_missing_while_it_is_live(
    house: House,
) -> None:
    time = MarketTime(market_ms=9, closed_until_ms=11, stale_since_ms=7)
    live = house.cycle.status("live", 20, time=time)
    assert (live.market_ms, live.closed_until_ms, live.stale_since_ms) == (9, 11, 7)
    assert live.played
    ended = house.cycle.status("ended", 20, time=time)
    assert (ended.market_ms, ended.closed_until_ms, ended.stale_since_ms) == (9, 0, 0)


def test_a_closed_batch_says_the_rows_that_changed(house: House) -> None:
    house.fill()
    said = only(Confidence, house.run(bars(FULL + 1, (99.0, 102.0), rows=(2, 0))))
    assert said.symbols == (SYMBOLS[2], SYMBOLS[0])
    assert said.last.tolist() == [99.0, 102.0]
    assert said.change == pytest.approx([-0.01, 0.02])
    assert said.flags.tolist() == [DECIDED, DECIDED | UP_WINS]
    assert said.probabilities.argmax(axis=1).tolist() == [Class.DOWN, Class.UP]
    assert said.bar_ms.tolist() == [(FULL + 1) * DAY_MS] * 2
    assert (said.stamp.newest_bar_ms, said.stamp.made_ms) == ((FULL + 1) * DAY_MS, 1_000)


class Bursting(nn.Module):
    # Follows what went up, with a slope that no message takes.

    def forward(self, x: Tensor) -> Tensor:
        newest = x[:, -1, PRICE_VOLUME.names.index("return")]  # (N,)
        steep = torch.where(newest > 0.005, newest * 1e30, newest)
        return torch.stack([-steep, torch.full_like(steep, 0.001), steep], dim=1)


def test_a_window_of_which_the_model_says_no_number_is_not_decided_on(follower: Bundle) -> None:
    house = House(replace(follower, network=Bursting()), recalibrate=False)
    house.fill()
    said = house.run(bars(FULL + 1, (101.0, 99.0, 100.0)), 0, 1, 2)
    assert only(Confidence, said).flags.tolist() == [0, DECIDED, DECIDED]
    assert [m.symbol for m in said if isinstance(m, Heatmap)] == list(SYMBOLS[1:])
    assert house.cycle.status("live", 1_000).decided == 2
    refused = house.answers.answer(GetHeatmap(request_id=1, symbol=SYMBOLS[0]), 1_000)
    assert isinstance(refused, Refusal)
    assert refused.code == "no_window"


@pytest.mark.parametrize("bar_ms", [-(2**62), 0, LAST_MS + 1, 2**62])
def test_a_bar_of_no_time_is_dropped_and_counted_and_never_said(house: House, bar_ms: int) -> None:
    house.fill()
    batch = bars(FULL + 1, (101.0,), bar_ms=np.array([bar_ms]))
    assert house.run(batch, 0, 1, 2) == []
    assert house.cycle.status("live", 1_000).dropped == {"out_of_range": 1}


def test_a_feed_cannot_say_more_than_a_status_takes(house: House) -> None:
    house.roster.listing = replace(
        house.listing, label="x" * 999, repaired={f"{i}" + "y" * 999: 2**60 for i in range(999)}
    )
    status = house.cycle.status("live", 1_000, cycle_ms=1e12)
    assert (len(status.feed), len(status.dropped)) == (200, 256)


def test_a_feature_set_that_fails_at_work_costs_decisions_and_no_prices(
    follower: Bundle, caplog: pytest.LogCaptureFixture
) -> None:
    def newest(block: Float64) -> Float64:
        if (block[:, -1, 3] == 104).any():
            raise PluginError("the plug-in 'ages' failed")
        return PRICE_VOLUME.newest(block)

    house = House(replace(follower, feature_set=replace(PRICE_VOLUME, newest=newest)))
    house.fill()
    said = only(Confidence, house.run(bars(FULL + 1, (104.0, 101.0, 102.0))))
    assert said.last.tolist() == [104.0, 101.0, 102.0]
    assert not (said.flags & DECIDED).any()
    assert "'ages' failed" in caplog.text
    caplog.clear()
    for day in range(FULL + 2, FULL + 2 + STEPS):
        said = only(Confidence, house.run(bars(day, (101.0, 101.0, 102.0))))
    assert (said.flags & DECIDED).all()


def test_probabilities_are_the_engine_s(made_bundle: Bundle) -> None:
    house = House(made_bundle, recalibrate=False)
    house.fill((100.0, 200.0, 300.0))
    said = only(Confidence, house.run(bars(FULL + 1, (103.0, 199.0, 300.0))))
    rows = np.arange(3)
    expected = Engine(served_of(made_bundle)).explain(house.state.windows.features(rows))
    np.testing.assert_array_equal(said.probabilities, expected.probabilities)


def test_a_buy_is_said_on_entering_class_2_and_again_only_after_leaving(house: House) -> None:
    house.fill()
    closes = (102.0, 104.0, 104.0, 106.0)  # up, up, flat, up
    buys = []
    for day, close in enumerate(closes, start=FULL + 1):
        said = house.run(bars(day, (close,)))
        buys.append([m for m in said if isinstance(m, Buy)])
    assert [len(b) for b in buys] == [1, 0, 0, 1]
    first, again = buys[0][0], buys[3][0]
    assert first.symbols == (SYMBOLS[0],)
    assert first.confidence.tolist() == [
        house.state.windows.ring.newest(0, 4).probabilities[0, Class.UP]
    ]
    assert (first.last.tolist(), first.bar_ms.tolist()) == ([102.0], [(FULL + 1) * DAY_MS])
    assert (first.stamp.sequence, again.stamp.sequence) == (1, 2)
    assert house.buys.after(0, house.stamps.answer(0, 0)).sequence.tolist() == [1, 2]


def test_a_ticker_held_at_the_end_of_history_has_not_entered(house: House) -> None:
    house.fill()
    house.run(bars(FULL + 1, (102.0,), history=True))
    assert house.state.flags[0] == DECIDED | UP_WINS
    assert kinds(house.run(bars(FULL + 2, (104.0,)))) == [Confidence]


def test_a_forming_bar_changes_price_change_and_flag_alone(house: House) -> None:
    house.fill()
    house.run(bars(FULL + 1, (102.0,)))
    before = house.state.probabilities[0].copy()
    said = house.run(bars(FULL + 2, (96.9,), closed=False), 0)
    row = only(Confidence, said)
    assert row.last.tolist() == [96.9]
    assert row.change == pytest.approx([-0.05])
    assert row.flags.tolist() == [FORMING | DECIDED | UP_WINS]
    assert row.bar_ms.tolist() == [(FULL + 2) * DAY_MS]
    np.testing.assert_array_equal(row.probabilities[0], before)
    assert kinds(said) == [Confidence, Bar]
    assert only(Confidence, house.run(bars(FULL + 2, (102.0,)))).flags.tolist() == [DECIDED]


def test_a_forming_bar_without_news_says_nothing(house: House) -> None:
    house.fill()
    assert len(house.run(bars(FULL + 1, (101.0, 100.0, 100.0), closed=False))) == 1
    assert house.run(bars(FULL + 1, (101.0, 100.0, 100.0), closed=False)) == []
    said = only(Confidence, house.run(bars(FULL + 1, (101.0, 99.0, 100.0), closed=False)))
    assert said.symbols == (SYMBOLS[1],)


@pytest.mark.parametrize(
    ("day", "close"), [(FULL + 2, 10.0), (FULL + 40, 102.0)], ids=["jump", "gap"]
)
def test_an_interrupted_ticker_is_undecided_until_its_window_is_full(
    house: House, day: int, close: float
) -> None:
    house.fill()
    house.run(bars(FULL + 1, (102.0,)))
    said = house.run(bars(day, (close,)), 0)
    row = only(Confidence, said)
    assert row.flags.tolist() == [0]
    assert not row.probabilities.any()
    assert kinds(said) == [Confidence, Bar]
    later = [house.run(bars(day + i, (close * 1.01**i,))) for i in range(1, FULL)]
    full = [bool(only(Confidence, s).flags[0] & DECIDED) for s in later]
    assert full.index(True) == (FULL - 2 if close == 10.0 else 4)
    assert Buy in kinds(later[full.index(True)])  # it left class 2 when it was interrupted


def test_heatmaps_and_bars_come_for_who_is_looked_at(house: House) -> None:
    house.fill()
    said = house.run(bars(FULL + 1, (102.0, 98.0, 100.0)), 1)
    assert kinds(said) == [Confidence, Buy, Heatmap, Bar]
    heatmap, bar = only(Heatmap, said), only(Bar, said)
    assert (heatmap.symbol, bar.symbol) == (SYMBOLS[1], SYMBOLS[1])
    assert Class(heatmap.winner) is Class.DOWN
    assert bar.ohlcv.tolist() == [98.0, 98.0, 98.0, 98.0, 500.0]
    assert bar.closed
    assert bar.stamp.newest_bar_ms == heatmap.stamp.newest_bar_ms == (FULL + 1) * DAY_MS


def test_a_heatmap_is_the_engine_s_for_that_window(made_bundle: Bundle) -> None:
    house = House(made_bundle)
    house.fill((100.0, 200.0, 300.0))
    heatmap = only(Heatmap, house.run(bars(FULL + 1, (103.0, 199.0, 300.0)), 1))
    window = house.state.windows.features(np.array([1]))
    expected = Engine(served_of(made_bundle)).explain(window)
    np.testing.assert_array_equal(heatmap.raw, window[0])
    np.testing.assert_array_equal(heatmap.scaled, expected.scaled[0])
    np.testing.assert_allclose(heatmap.saliency, expected.saliency[0], rtol=0, atol=1e-6)
    assert heatmap.winner == expected.winner[0]
    assert heatmap.bar_ms.tolist() == [d * DAY_MS for d in range(FULL - 4, FULL + 2)]


def test_what_history_owes_is_explained_at_its_end(made_bundle: Bundle) -> None:
    eager, later = House(made_bundle), House(made_bundle)
    later.cycle.loading = True
    for house in (eager, later):
        house.fill((100.0, 200.0, 300.0))
        house.run(bars(FULL + 1, (103.0, 199.0), history=True))
    assert not later.state.saliency.any()
    later.cycle.end_history()
    assert eager.state.saliency.any(axis=(1, 2)).all()
    for name in ("saliency", "scaled", "raw", "scores", "decided_ms"):
        got, wanted = getattr(later.state, name), getattr(eager.state, name)
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-6)
    got, wanted = later.state.rows, eager.state.rows
    np.testing.assert_allclose(got.probabilities, wanted.probabilities, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(got.flags, wanted.flags)


def test_a_decision_that_cannot_be_explained_in_numbers_is_none(follower: Bundle) -> None:
    house = House(replace(follower, network=Steep(follower.network)))
    house.cycle.loading = True
    house.fill()
    assert house.state.decided(np.arange(3)).all()
    house.cycle.end_history()
    assert not house.state.decided(np.arange(3)).any()
    assert not house.state.probabilities.any()


def test_a_decided_row_has_a_set_that_holds_its_winner(made_bundle: Bundle) -> None:
    house = House(made_bundle)
    said = only(Confidence, house.run(bars(1, (100.0, 200.0))))
    assert (said.coverage, said.sets.tolist()) == (0.9, [0, 0])
    house.fill((100.0, 200.0, 300.0))
    said = only(Confidence, house.run(bars(FULL + 1, (103.0, 199.0, 300.0))))
    winner = said.probabilities.argmax(axis=1)
    assert unpack_sets(said.sets)[np.arange(3), winner].all()
    interrupted = only(Confidence, house.run(bars(FULL + 2, (10.0,))))
    assert interrupted.sets.tolist() == [0]


def test_a_heatmap_says_how_far_it_holds_and_what_the_network_said(follower: Bundle) -> None:
    house = House(follower)
    house.fill()
    heatmap = only(Heatmap, house.run(bars(FULL + 1, (102.0,)), 0))
    without = softmax(np.array([[0.0, 0.5, 0.0]]))  # the one cell that decides is at 0
    scores = softmax(np.array([[-1.98, 0.5, 1.98]]))[0]
    assert heatmap.scores == pytest.approx(scores, abs=1e-3)
    np.testing.assert_array_equal(heatmap.scores.argmax(), heatmap.winner)
    fall = heatmap.probabilities[2] - without[0, 2]
    assert heatmap.top_drop == pytest.approx(fall, abs=0.05)
    assert 0 <= heatmap.random_drop < heatmap.top_drop / 3


def test_an_undecided_ticker_has_a_bar_but_no_heatmap(house: House) -> None:
    assert kinds(house.run(bars(1, (100.0,)), 0)) == [Confidence, Bar]


def test_dropped_bars_change_nothing(house: House) -> None:
    house.fill()
    assert house.run(bars(FULL + 1, (0.0, np.nan, -1.0)), 0, 1, 2) == []
    assert house.run(bars(FULL, (100.0,)), 0, 1, 2) == []
    assert house.state.last.tolist() == [100.0] * 3


def test_a_ticker_that_stands_twice_makes_two_cycles(house: House) -> None:
    house.fill()
    day = (FULL + 1) * DAY_MS
    batch = bars(
        0,
        (102.0, 100.0, 98.0),
        rows=(0, 1, 0),
        bar_ms=np.array([day, day, day + DAY_MS]),
    )
    first, buy, second = house.run(batch)
    assert isinstance(first, Confidence)
    assert isinstance(buy, Buy)
    assert isinstance(second, Confidence)
    assert first.symbols == SYMBOLS[:2]
    assert (second.symbols, second.last.tolist()) == (SYMBOLS[:1], [98.0])
    assert (first.stamp.sequence, second.stamp.sequence) == (1, 2)


def test_messages_do_not_change_when_the_state_does(house: House) -> None:
    house.fill()
    said = house.run(bars(FULL + 1, (102.0, 98.0, 100.0)), 0, 1, 2)
    before = [[bytes(frame) for frame in wire.encode(message)] for message in said]
    house.run(bars(FULL + 2, (50.0, 99.0, 120.0)))
    assert [[bytes(frame) for frame in wire.encode(message)] for message in said] == before


def test_what_is_said_of_dirty_bars_can_always_be_decoded(made_bundle: Bundle) -> None:
    house, rng = House(made_bundle), np.random.default_rng(5)
    decoded = []
    for day in range(1, 200):
        closes = 100 * np.exp(rng.normal(0, 0.1, 3))
        ohlcv = np.stack([closes, closes, closes, closes, rng.integers(0, 99, 3)], axis=1)
        ohlcv[rng.random((3, 5)) < 0.02] = rng.choice([np.nan, 0.0, -1.0, np.inf, 1e300])
        ms = np.full(3, day * DAY_MS) - rng.choice([0, DAY_MS], 3, p=[0.95, 0.05])
        for closed in (False, True):
            batch = BarBatch(rows=np.arange(3), bar_ms=ms, ohlcv=ohlcv, closed=closed)
            frames = map(wire.encode_published, house.run(batch, 0, 1, 2))
            decoded += [wire.decode_published([bytes(f) for f in fs]) for fs in frames]
    assert {type(message) for message in decoded} == {Confidence, Buy, Heatmap, Bar}
