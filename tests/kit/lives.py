"""A feed and the decisions on it that live for days: stopped, killed, and begun again from disk."""

import datetime as dt
import itertools
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from models.bundles.files import find_bundle, read_files
from models.inference.served import read_served
from server.feeds.base import BarBatch, Feed, FeedReport, HistoryEnd, ListingChange
from server.journal.opening import new_cycle
from server.market.cycle import Cycle
from server.market.subscribed import Subscribed
from shared.settings import ServerSettings
from tests.kit.played_day import PlayedDay
from tests.kit.traded_days import Bars

_MODEL: Final = "crypto-5min"  # it decides on bars of any length
_HOUR_MS: Final = 3_600_000
_DOWN_MS: Final = 40_000
_GAP_MS: Final = 2 * _HOUR_MS  # docs/architecture.md, decision 2


F = TypeVar("F")


@dataclass(frozen=True, kw_only=True)
class Life:
    """From one start of a server to its end.

    Attributes:
        begin_ms: When it starts, ms since 1970 UTC.
        end_ms: When it ends.
        killed: Whether by kill -9; else in an orderly way.
    """

    begin_ms: int
    end_ms: int
    killed: bool


class Home:
    """Where lives keep their bars; what a killed one writes too late is nowhere to be found.

    Attributes:
        bars: The folder of the life that runs.

    Args:
        root: Of all of them.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._kills, self.bars = root, 0, root / "bars-0"
        self.bars.mkdir()

    def kill(self) -> None:
        """Go on with the files as they are at this moment."""
        self._kills += 1
        then = self._root / f"bars-{self._kills}"
        shutil.copytree(self.bars, then)
        self.bars = then


class LivedDays:
    """What all lives told and decided, one after the other.

    Attributes:
        told: By row and close, the last that any life said of a closed bar.
        twice: Bars that one life told again without a change, as if they were of now.
        early: Bars that were told before they were over.
        decided_ms: When a bar was decided on first, by row and close, ms since 1970 UTC.
        windows: Row and closes of each window that was decided on.
        reasons: What the feeds counted, all lives together.

    Args:
        zone: In which a window ends with the day; None where the market never closes.
    """

    def __init__(self, zone: ZoneInfo | None) -> None:
        self.told: dict[tuple[int, int], tuple[float, ...]] = {}
        self.twice: list[tuple[int, int]] = []
        self.early: list[tuple[int, int]] = []
        self.decided_ms: dict[tuple[int, int], int] = {}
        self.windows: set[tuple[int, ...]] = set()
        self.reasons: Counter[str] = Counter()
        self._zone = zone
        self._model = read_served(read_files(find_bundle(_MODEL)), _MODEL)

    def live(self, feed: Feed, now_ms: Callable[[], int]) -> None:
        """Hear a feed until it stops, and decide on what it tells."""
        cycle = new_cycle(None, feed.listing, self._model, ServerSettings())
        cycle.loading, day, report = True, PlayedDay(), FeedReport()
        for event in feed.events():
            match event:
                case BarBatch():
                    again = len(day.twice)
                    day.take(event, now_ms())
                    if event.history:  # who begins again may send all of it again
                        del day.twice[again:]
                    self._decide(cycle, event, now_ms())
                case ListingChange():
                    cycle.relist(event)
                case HistoryEnd():
                    cycle.end_history()
                case FeedReport():
                    report = event
        self.told |= day.bars
        self.twice += day.twice
        self.early += day.early
        self.reasons += Counter(report.reasons)

    def _decide(self, cycle: Cycle, batch: BarBatch, now_ms: int) -> None:
        nobody = np.zeros(len(cycle.roster), np.bool_)
        for _ in cycle.run(batch, now_ms, Subscribed(heatmap=nobody, bar=nobody)):
            if not batch.closed:
                continue
            rows = np.unique(batch.rows)
            rows = rows[cycle.state.decided(rows)]
            for row, *closes in np.column_stack([rows, cycle.state.decided_ms[rows]]).tolist():
                self.decided_ms.setdefault((row, closes[-1]), now_ms)
                self.windows.add((row, *closes))

    def wrong_decisions(self) -> list[tuple[int, int]]:
        """Return the bars that were decided on before they were over."""
        return [key for key, at_ms in self.decided_ms.items() if at_ms < key[1]]

    def wrong_windows(self, truth: Mapping[int, Bars]) -> list[tuple[int, ...]]:
        """Return windows that span a night or a gap, or leave out a bar of the `truth` by row."""
        return [window for window in self.windows if self._is_wrong(window, truth)]

    def _is_wrong(self, window: tuple[int, ...], truth: Mapping[int, Bars]) -> bool:
        row, closes = window[0], window[1:]
        inside = [ms for ms in sorted(truth[row]) if closes[0] <= ms <= closes[-1]]
        days = {dt.datetime.fromtimestamp(ms / 1_000, self._zone).date() for ms in closes}
        spans_night = self._zone is not None and len(days) > 1
        return bool(tuple(inside) != closes or spans_night or max(np.diff(closes)) > _GAP_MS)


def hourly(
    begin_ms: int, end_ms: int, faults: Sequence[F], seed: int = 11
) -> Iterator[tuple[int, F]]:
    """Yield a fault of each hour, one kind after the other, within its first ten minutes."""
    rng = np.random.default_rng(seed)
    for hour_ms, fault in zip(
        range(begin_ms, end_ms, _HOUR_MS), itertools.cycle(faults), strict=False
    ):
        yield hour_ms + int(rng.integers(_HOUR_MS // 6)), fault


def lives_of(
    begin_ms: int, end_ms: int, kill_ms: Sequence[int], night_ms: Sequence[int]
) -> list[Life]:
    """Return the lives between two moments, ms since 1970 UTC; each begins 40 s after the last.

    Args:
        begin_ms: The first start.
        end_ms: The last end, in an orderly way.
        kill_ms: When one is killed.
        night_ms: When one is ended in an orderly way.
    """
    ends = sorted([(ms, True) for ms in kill_ms] + [(ms, False) for ms in (*night_ms, end_ms)])
    starts = [begin_ms, *(ms + _DOWN_MS for ms, _ in ends)]
    return [
        Life(begin_ms=start, end_ms=ms, killed=killed)
        for start, (ms, killed) in zip(starts, ends, strict=False)
    ]
