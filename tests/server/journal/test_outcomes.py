import numpy as np
import pytest

from models.data.labels import FixedReturn, LabelRule, TripleBarrier
from models.data.ring import BarRing
from server.journal.outcomes import OpenBuys
from server.journal.records import BuyOutcomes
from server.journal.track import BROKEN, Track
from shared.contract import Class
from tests.kit.house import DAY_MS, RULES, SYMBOLS

DAYS = 20
ALL = np.arange(3)


def ring_of(closes: list[tuple[float, float, float]]) -> BarRing:
    ring = BarRing(3, kept=60, lookback=30)
    for day, close in enumerate(closes, 1):
        price = np.array(close)
        ohlcv = np.stack([price, price, price, price, np.ones(3)], axis=1)
        ring.append(ALL, np.full(3, day * DAY_MS), ohlcv)
    return ring


@pytest.mark.parametrize("more", [0, 5])
@pytest.mark.parametrize("rule", [FixedReturn(horizon=2), TripleBarrier(horizon=2)])
def test_a_buy_is_judged_once_its_horizon_has_passed(rule: LabelRule, more: int) -> None:
    still = [(100.0 + day % 2, 50.0 + day % 2, 10.0 + day % 2 / 10) for day in range(DAYS)]
    decided = DAYS * DAY_MS
    waiting = OpenBuys("m@1", rule, RULES)
    waiting.add(ALL, np.full(3, decided), np.array([0.4, 0.5, 0.6]))
    after = [(102.0, 49.0, 10.1), (106.0, 46.0, 5.0)]  # up, down, and halved, as by a split
    assert waiting.judge(ALL, ring_of(still + after[:1]), SYMBOLS, 7) is None
    ring = ring_of(still + after + [after[-1]] * more)
    assert waiting.judge(ALL[:0], ring, SYMBOLS, 7) is None
    found = waiting.judge(ALL, ring, SYMBOLS, 7)
    assert found is not None
    assert found.label.tolist() == [Class.UP, Class.DOWN, -1]
    assert found.result == pytest.approx([106 / 101 - 1, 46 / 51 - 1, 5 / 10.1 - 1])
    assert (found.symbols, found.up.tolist()) == (SYMBOLS, [0.4, 0.5, 0.6])
    assert len(waiting) == 0


def test_a_buy_whose_bar_is_forgotten_waits_no_longer() -> None:
    waiting = OpenBuys("m@1", FixedReturn(), RULES)
    waiting.add(ALL[:1], np.array([DAY_MS // 2]), np.array([0.4]))
    assert waiting.judge(ALL, ring_of([(1.0, 1.0, 1.0)]), SYMBOLS, 7) is None
    assert len(waiting) == 0


def outcomes(days: int, hit_rate: float, up: float, seed: int = 1) -> list[BuyOutcomes]:
    random = np.random.default_rng(seed)
    found = []
    for day in range(days):
        hit = random.random(10) < hit_rate
        found.append(
            BuyOutcomes(
                model_id="m@1",
                judged_ms=day,
                symbols=("A",) * 10,
                bar_ms=np.full(10, day * DAY_MS),
                up=np.full(10, up),
                label=np.where(hit, 2, 0),
                result=np.where(hit, 0.02, -0.01),
            )
        )
    return found


def test_the_record_is_of_the_newest_buys_with_intervals_of_days() -> None:
    assert Track(lag=1).record is None
    track = Track(lag=1)
    for judged in outcomes(4, 0.5, 0.4):
        track.add(judged)
    few = track.record
    assert few is not None
    assert (few.judged, few.newest, few.hit_low, few.net_high) == (40, 40, None, None)
    for judged in outcomes(80, 0.5, 0.4):
        track.add(judged)
    record = track.record
    assert record is not None
    assert (record.judged, record.newest) == (840, 500)
    assert record.claimed == pytest.approx(0.4)
    assert record.hit_low is not None
    assert record.hit_high is not None
    assert record.hit_low < record.hit_rate < record.hit_high
    assert 0.44 < record.hit_rate < 0.56
    assert record.net_return == pytest.approx(0.03 * record.hit_rate - 0.01 - 0.002)
    error = record.hit_rate * 0.36 + (1 - record.hit_rate) * 0.16
    spread = record.hit_rate * (1 - record.hit_rate)
    assert record.brier_skill == pytest.approx(1 - error / spread)
    assert not record.parted


@pytest.mark.parametrize("lag", [1, 3])
def test_a_promise_that_is_kept_seldom_parts_and_a_broken_one_does(lag: int) -> None:
    parted = []
    for seed in range(40):
        track = Track(lag)
        for judged in outcomes(150, 0.4, 0.4, seed):
            track.add(judged)
        assert track.record is not None
        parted.append(track.record.parted)
    assert np.mean(parted) <= 0.05
    track = Track(lag)
    for judged in outcomes(150, 0.2, 0.4):
        track.add(judged)
    assert track.record is not None
    assert track.record.evidence >= BROKEN
    assert track.record.parted
