"""Files that any program writes, in a time that leaps from one look to the next."""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from server.feeds.base import BarBatch, FeedEvent, FeedReport, HistoryEnd, ListingChange
from server.feeds.live.clock import LiveClock
from server.feeds.watch.feed import WatchFeed
from server.feeds.watch.settings import WatchSettings
from shared.errors import DataError, InputMissingError

MINUTE = 60_000
T0 = 1_764_000_000_000 // MINUTE * MINUTE
HEAD = "time,open,high,low,close,volume\n"
SETTINGS = WatchSettings(market="crypto", stamp="close", look=5.0, grace=2.0)
Step = tuple[float, Callable[[], object]]


class Watched:
    """A feed in a time that leaps, and what it told.

    Attributes:
        now_ms: What time it is.
        events: What was told, with the moment.
    """

    def __init__(self, path: Path, steps: list[Step], settings: WatchSettings = SETTINGS) -> None:
        self.now_ms = T0
        self.events: list[tuple[int, FeedEvent]] = []
        self._steps = sorted(steps, key=lambda step: step[0])
        self.feed = WatchFeed(path, settings, LiveClock(now_ms=lambda: self.now_ms), self._wait)

    def play(self, until_s: float) -> "Watched":
        self._steps.append((until_s, self.feed.stop))
        for event in self.feed.events():
            self.events.append((self.now_ms, event))
        self.feed.close()
        return self

    def _wait(self, wait_s: float) -> None:
        self.now_ms += round(1_000 * wait_s)
        while self._steps and T0 + 1_000 * self._steps[0][0] <= self.now_ms:
            self._steps.pop(0)[1]()

    def told(self, *, closed: bool = True) -> list[tuple[int, int, float, bool]]:
        """Return row, minute from T0, price and whether it is history, of each bar."""
        return [
            (row, (ms - T0) // MINUTE, bar[3], batch.history)
            for at_ms, batch in self.events
            if isinstance(batch, BarBatch) and batch.closed == closed
            for row, ms, bar in zip(
                batch.rows.tolist(), batch.bar_ms.tolist(), batch.ohlcv.tolist(), strict=True
            )
            if not closed or ms + 2_000 <= at_ms
        ]

    def reports(self) -> Iterator[FeedReport]:
        return (event for _, event in self.events if isinstance(event, FeedReport))


def line(minute: int, price: float = 10.0) -> str:
    moment = pl.Series([T0 + MINUTE * minute]).cast(pl.Datetime("ms"))[0]
    return f"{moment:%Y-%m-%d %H:%M:%S},{price},{price},{price},{price},5\n"


def wrote(path: Path, minutes: range, price: float = 10.0) -> Path:
    path.write_text(HEAD + "".join(line(n, price) for n in minutes), "utf-8")
    return path


def add(path: Path, text: str) -> Callable[[], object]:
    def write() -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)

    return write


def test_what_stands_is_history_and_what_comes_closes_by_the_clock(tmp_path: Path) -> None:
    path = wrote(tmp_path / "A.csv", range(-9, 1))
    half = line(2, 12.0)
    steps: list[Step] = [
        (10, add(path, line(1, 9.0))),  # while it runs
        (30, add(path, line(1, 11.0))),  # as it stands now
        (70, add(path, half[:25])),
        (90, add(path, half[25:])),
        (130, add(path, line(2, 13.0))),  # corrected after its end
    ]
    watched = Watched(tmp_path, steps).play(200)
    told = watched.told()
    assert told[:9] == [(0, n, 10.0, True) for n in range(-9, 0)]
    assert told[9:] == [
        (0, 0, 10.0, False),
        (0, 1, 11.0, False),
        (0, 2, 12.0, False),
        (0, 2, 13.0, False),
    ]
    forming = watched.told(closed=False)
    assert [(minute, price) for _, minute, price, _ in forming][1:] == [
        (1, 9.0),
        (1, 11.0),
        (2, 12.0),
    ]
    assert [type(e) for _, e in watched.events[:2]] == [BarBatch, HistoryEnd]
    assert not list(watched.reports())


def test_rotation_replacement_truncation_and_late_files_lose_and_double_nothing(
    tmp_path: Path,
) -> None:
    first, late = wrote(tmp_path / "A.csv", range(-60, 1)), tmp_path / "more" / "B.csv"

    def rotate() -> None:
        first.rename(tmp_path / ".A.old")
        wrote(first, range(1, 3))

    def replace() -> None:
        wrote(tmp_path / ".new", range(-60, 4))
        (tmp_path / ".new").replace(first)

    def come() -> None:
        late.parent.mkdir()
        wrote(late, range(-30, 5), 20.0)

    steps: list[Step] = [
        (61, add(first, line(1))),
        (121, rotate),
        (181, replace),
        (241, lambda: wrote(first, range(2, 5))),  # truncated: shorter than before
        (242, come),
        (300, add(first, line(5)[:-3])),
        (310, first.unlink),
        (320, lambda: wrote(first, range(-60, 6))),
    ]
    watched = Watched(tmp_path, steps).play(400)
    told = watched.told()
    assert [minute for row, minute, _, _ in told if row == 0] == [*range(-60, 6)]
    assert [minute for row, minute, price, _ in told if row == 1] == [*range(-30, 5)]
    changes = [e for _, e in watched.events if isinstance(e, ListingChange)]
    assert [t.symbol for change in changes for t in change.added] == ["B"]
    # A late file's old bars are history, its newest is news.
    assert [(minute, history) for row, minute, _, history in told if row == 1][-1] == (4, False)
    assert not list(watched.reports())


def test_what_cannot_be_read_is_told_and_read_once_it_can(tmp_path: Path) -> None:
    path = wrote(tmp_path / "A.csv", range(-60, 1))
    bad = tmp_path / "B.csv"
    steps: list[Step] = [
        (10, lambda: bad.write_text("no,bars,here\n1,2,3\n", "utf-8")),
        (61, add(path, line(1))),
        (70, lambda: wrote(bad, range(-60, 2), 20.0)),
    ]
    watched = Watched(tmp_path, steps).play(130)
    assert [n for row, n, _, _ in watched.told() if row == 0] == [*range(-60, 2)]
    assert [n for row, n, _, _ in watched.told() if row == 1] == [*range(-60, 2)]
    reports = list(watched.reports())
    assert "B.csv" in reports[0].sentence
    assert "tickerlens-watch" not in reports[0].sentence
    assert reports[-1].sentence == ""
    assert reports[-1].reasons["unreadable_file"] >= 1


def test_one_file_of_many_tickers_and_one_that_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"

    def write(last: int) -> None:
        rows = [(s, T0 + MINUTE * n, 10.0) for n in range(-9, last + 1) for s in ("005930", "X")]
        columns = {"symbol": [r[0] for r in rows], "time": [r[1] for r in rows]}
        frame = pl.DataFrame(columns).with_columns(pl.col("time").cast(pl.Datetime("ms")))
        prices = [pl.lit(10.0).alias(n) for n in ("open", "high", "low", "close", "volume")]
        frame.with_columns(prices).write_parquet(path)

    write(0)
    watched = Watched(path, [(61, lambda: write(1)), (122, lambda: write(2))]).play(190)
    assert watched.feed.listing.symbols == ("005930", "X")
    for row in (0, 1):
        assert [n for r, n, _, _ in watched.told() if r == row] == [*range(-9, 3)]


def test_a_folder_may_be_empty_where_the_settings_say_what_comes(tmp_path: Path) -> None:
    settings = WatchSettings(market="crypto", interval="1m", stamp="close", look=5.0)
    steps: list[Step] = [(10, lambda: wrote(tmp_path / "A.csv", range(-9, 1)))]
    watched = Watched(tmp_path, steps, settings).play(100)
    assert [n for _, n, _, _ in watched.told()] == [*range(-9, 1)]
    (tmp_path / "none").mkdir()
    with pytest.raises(InputMissingError, match="may be empty"):
        WatchFeed(tmp_path / "none", SETTINGS)
    with pytest.raises(InputMissingError, match="does not exist"):
        WatchFeed(tmp_path / "nothing", SETTINGS)
    with pytest.raises(DataError, match="has bars of 1m, --interval says 5m"):
        WatchFeed(tmp_path / "A.csv", WatchSettings(market="crypto", interval="5m", stamp="close"))
