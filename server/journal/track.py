"""How the buys of a model did, and whether they still do what was said of them.

The figures are of the newest buys, with intervals from resamples of whole days: the tickers of a
day move together (a bootstrap of clusters: Cameron, Gelbach and Miller, "Bootstrap-based
improvements for inference with clustered errors", Review of Economics and Statistics 90, 2008).

Whether fewer come true than was said may be looked at every day, and is: a test by betting, which
holds at all times at once (Waudby-Smith and Ramdas, "Estimating means of bounded random variables
by betting", Journal of the Royal Statistical Society B 86, 2024). Somebody bets a share of what
they have, day after day, that the mean confidence of a day's buys is above the share of them that
comes true. Where the confidences are no greater than that, what they have is a supermartingale
that begins at 1, and by Ville's inequality it ever reaches 20 in at most 5% of cases. As nobody
knows the best share to bet, several are bet at once. Where a label takes several days to be known,
each of so many streams of days bets by itself, and their mean counts (Arnold, Henzi and Ziegel,
"Sequentially valid tests for forecast calibration", Annals of Applied Statistics 17, 2023).
"""

import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from models.data.calendars.zone_clocks import DAY_MS
from server.journal.reading import judged_days, newest_judged
from server.journal.records import BuyOutcomes
from shared.contract import Class, Float64, Int64
from shared.limits import MAX_VALUE
from shared.protocol.messages import TrackRecord

NEWEST: Final = 500  # buys that the figures are of
BROKEN: Final = 20.0  # 1 / 5%
SIDE_COST: Final = 0.001  # of the value, at buying and at selling
_DRAWS: Final = 400
_LEAST_DAYS: Final = 5
_STAKES: Final = np.array([0.05, 0.1, 0.2, 0.4, 0.8])


class _Outcomes(NamedTuple):
    # (n,) each, of buys whose outcome is known.
    bar_ms: Int64
    up: Float64
    label: Int64
    result: Float64


class Bet:
    """A bet against the confidences of buys, day by day.

    Attributes:
        peak: The most that it ever had, of a stake of 1.

    Args:
        lag: Days until what a day said is known, at least 1.
    """

    def __init__(self, lag: int) -> None:
        self.peak = 1.0
        self._wealth = np.ones((lag, len(_STAKES)))
        self._days = 0  # that were bet on
        self._day, self._sum, self._count = -1, 0.0, 0

    def add(self, day: Int64, surplus: Float64) -> None:
        """Take in buys; a day is bet on when a later one begins, what lies back is too late.

        Args:
            day: (n,) int64, the day of each.
            surplus: (n,) float64, its confidence, less 1 where it came true.
        """
        for one in np.unique(day).tolist():
            there = day == one
            self.add_day(one, float(surplus[there].sum()), int(there.sum()))

    def add_day(self, day: int, surplus: float, count: int) -> None:
        """Take in the sum of what `add` takes, of `count` buys of one day."""
        if day < self._day:
            return
        if day > self._day:
            self._settle()
            self._day, self._sum, self._count = day, 0.0, 0
        self._sum += surplus
        self._count += count

    def _settle(self) -> None:
        if self._count == 0:
            return
        stream = self._days % len(self._wealth)
        self._wealth[stream] *= 1 + _STAKES * (self._sum / self._count)
        self._days += 1
        self.peak = max(self.peak, float(self._wealth.mean()))


class Track:
    """The outcomes of one model's buys.

    Args:
        lag: As in `Bet`.
    """

    def __init__(self, lag: int) -> None:
        self._bet = Bet(lag)
        self._added: list[_Outcomes] = []  # since somebody asked: no cycle waits for figures
        self._newest = _outcomes([], [], [], [])
        self._judged = 0
        self._record: TrackRecord | None = None

    def add(self, judged: BuyOutcomes) -> None:
        """Take in what came true; of buys that were interrupted nothing did."""
        sound = judged.label >= 0
        self._added.append(
            _Outcomes(
                bar_ms=judged.bar_ms[sound],
                up=judged.up[sound],
                label=judged.label[sound],
                result=judged.result[sound],
            )
        )

    def recall(self, database: sqlite3.Connection, model_id: str) -> None:
        """Know how a model's buys did until now, ahead of any that is added."""
        for day, surplus, count in judged_days(database, model_id):
            self._bet.add_day(day, surplus, count)
            self._judged += count
        if newest := newest_judged(database, model_id, NEWEST):
            self._newest = _outcomes(*zip(*newest, strict=True))

    @property
    def record(self) -> TrackRecord | None:
        """Return how the buys did; None before the first outcome."""
        if self._added:
            self._take_in()
        if self._record is None and self._judged:
            self._record = self._figures()
        return self._record

    def _take_in(self) -> None:
        for added in self._added:
            hit = added.label == Class.UP
            self._bet.add(added.bar_ms // DAY_MS, added.up - hit)
            self._judged += len(hit)
        bar_ms, up, label, result = zip(self._newest, *self._added, strict=True)
        self._newest = _Outcomes(
            bar_ms=np.concatenate(bar_ms)[-NEWEST:],
            up=np.concatenate(up)[-NEWEST:],
            label=np.concatenate(label)[-NEWEST:],
            result=np.concatenate(result)[-NEWEST:],
        )
        self._added, self._record = [], None

    def _figures(self) -> TrackRecord:
        bar_ms, up, label, result = self._newest
        hit = (label == Class.UP).astype(np.float64)
        columns = np.stack([np.ones_like(up), hit, up, (up - hit) ** 2, result], axis=1)
        hit_rate, claimed, skill, net = _of_sums(columns.sum(axis=0)[None])[0].tolist()
        low, high = _ends(bar_ms // DAY_MS, columns)
        return TrackRecord(
            judged=self._judged,
            newest=len(bar_ms),
            hit_rate=hit_rate,
            hit_low=low[0],
            hit_high=high[0],
            claimed=claimed,
            brier_skill=skill,
            skill_low=low[2],
            skill_high=high[2],
            net_return=net,
            net_low=low[3],
            net_high=high[3],
            evidence=min(self._bet.peak, MAX_VALUE),
            parted=self._bet.peak >= BROKEN,
        )


def _outcomes(*columns: Sequence[float]) -> _Outcomes:
    bar_ms, up, label, result = columns
    return _Outcomes(
        bar_ms=np.array(bar_ms, np.int64),
        up=np.array(up, np.float64),
        label=np.array(label, np.int64),
        result=np.array(result, np.float64),
    )


def _of_sums(sums: Float64) -> Float64:
    # (m, 5) sums over buys of 1, hits, confidences, squared errors and results -> (m, 4) hit rate,
    # mean confidence, Brier skill against always saying the hit rate, and net return.
    hit, up, error, result = (sums[:, 1:] / sums[:, :1]).T
    spread = hit * (1 - hit)
    skill = 1 - np.divide(error, spread, where=spread > 0, out=np.ones_like(error))
    return np.stack([hit, up, skill, result - 2 * SIDE_COST], axis=1)


def _ends(day: Int64, columns: Float64) -> tuple[list[float | None], list[float | None]]:
    _, place = np.unique(day, return_inverse=True)
    days = int(place.max()) + 1
    if days < _LEAST_DAYS:
        return [None] * 4, [None] * 4
    daily = np.zeros((days, columns.shape[1]))
    np.add.at(daily, place, columns)
    drawn = np.random.default_rng(0).multinomial(days, np.full(days, 1 / days), _DRAWS)
    low, high = np.quantile(_of_sums(drawn @ daily), [0.025, 0.975], axis=0).tolist()
    return low, high
