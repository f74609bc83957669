from pathlib import Path
from typing import Any

import pytest

from models.data.bars import DropReason
from models.data.sources.reader import read_bars
from server.feeds.base import BarBatch, HistoryEnd
from server.feeds.replay import ReplayFeed
from server.feeds.settings import ReplaySettings
from shared.errors import DataError, InputMissingError, SettingsError

HEADER = "symbol,date,open,high,low,close,volume\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two tickers over five weekdays; the second is listed on the third of them."""
    rows = [f"000010,2024-01-{day:02},10,12,1,{day},100" for day in (1, 2, 3, 4, 5)]
    rows += [f"005930,2024-01-{day:02},70,72,3,{day},100" for day in (3, 4, 5)]
    path = tmp_path / "bars.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n")
    return path


def replay(path: Path, **settings: Any) -> ReplayFeed:
    return ReplayFeed(path, ReplaySettings(**settings))


def batches_of(feed: ReplayFeed) -> list[BarBatch]:
    return [event for event in feed.events() if isinstance(event, BarBatch)]


def test_the_bars_of_one_moment_are_one_batch(table: Path) -> None:
    batches = batches_of(replay(table, warmup=2))
    assert [b.rows.tolist() for b in batches] == [[0], [0], [0, 1], [0, 1], [0, 1]]
    assert [b.history for b in batches] == [True, True, False, False, False]
    assert [b.ohlcv[0, 3] for b in batches] == [1, 2, 3, 4, 5]


def test_batches_of_history_say_what_share_of_it_is_given(table: Path) -> None:
    assert [b.loaded for b in batches_of(replay(table, warmup=2))][:2] == [0.5, 1]
    begun = batches_of(replay(table, begin="2024-01-03"))
    assert [b.loaded for b in begun if b.history] == [0.5, 1]


def test_what_is_replayed_is_of_another_time(table: Path) -> None:
    assert replay(table).listing.played


def test_the_end_of_history_is_said_where_it_is(table: Path) -> None:
    events = list(replay(table, warmup=2).events())
    assert [isinstance(e, HistoryEnd) for e in events] == [False, False, True, False, False, False]


def test_a_replay_of_history_alone_does_not_say_that_it_is_live(table: Path) -> None:
    assert not any(isinstance(e, HistoryEnd) for e in replay(table, begin="2025-01-01").events())


def test_the_listing_says_what_is_played(table: Path) -> None:
    listing = replay(table).listing
    assert listing.symbols == listing.names == ("000010", "005930")
    assert (listing.market.name, listing.interval, listing.simulated) == ("krx", "1d", False)
    assert listing.label == "replay of bars.csv"


def test_bars_before_from_are_history_and_none_after_to_is_played(table: Path) -> None:
    batches = batches_of(replay(table, warmup=0, begin="2024-01-03", end="2024-01-04"))
    assert [(b.history, b.ohlcv[0, 3]) for b in batches] == [
        (True, 1),
        (True, 2),
        (False, 3),
        (False, 4),
    ]


def test_history_before_from_is_no_longer_than_what_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "BTC-USD.csv"
    minutes = [f"2024-01-{1 + i // 1440:02}T{i // 60 % 24:02}:{i % 60:02}Z" for i in range(2_000)]
    path.write_text(
        "time,open,high,low,close,volume\n" + "".join(f"{m},1,1,1,1,1\n" for m in minutes)
    )
    batches = batches_of(replay(path, begin="2024-01-02T08:20:00Z", stamp="close"))
    assert sum(b.history for b in batches) == 600
    assert sum(not b.history for b in batches) == 2_000 - 1 - (1440 + 500)


def test_names_come_from_a_file_where_it_has_them(table: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    text = "\ufeffmarket,symbol,name,name_en,sector\nKOSPI,005930,삼성전자,Samsung,Chips\n"
    names.write_text(text, encoding="utf-8")
    listing = replay(table, names=str(names)).listing
    assert listing.names == ("000010", "삼성전자")
    assert listing.markets == ("", "KOSPI")
    assert (listing.names_en, listing.sectors) == (("", "Samsung"), ("", "Chips"))


def test_a_row_of_names_that_is_cut_short_names_nobody(table: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("symbol,name,market\n005930\n000010,,KOSDAQ\n")
    listing = replay(table, names=str(names)).listing
    assert listing.names == ("000010", "005930")
    assert listing.markets == ("KOSDAQ", "")


def test_names_without_their_columns_are_refused(table: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("symbol,title\n005930,Samsung\n")
    with pytest.raises(DataError, match=r"names\.csv must have a column market and name"):
        replay(table, names=str(names))


def test_names_that_are_not_there_are_missing(table: Path, tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="no_names"):
        replay(table, names=str(tmp_path / "no_names.csv"))


def test_a_time_without_bars_is_refused(table: Path) -> None:
    with pytest.raises(DataError, match="holds no bar up to 2023-12-31"):
        replay(table, end="2023-12-31")


def test_what_is_no_date_is_refused(table: Path) -> None:
    with pytest.raises(SettingsError, match="soon"):
        replay(table, begin="soon")


def test_what_the_reader_mended_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    days = ("2024-01-02", "2024-01-04", "2024-01-03", "someday", "2024-01-05")
    path.write_text(HEADER + "".join(f"000010,{d},1,1,1,1,1\n" for d in days))
    listing = replay(path).listing
    assert listing.repaired == {DropReason.REORDERED: 1, DropReason.NO_TIME: 1}
    assert listing.facts == read_bars(path).reading.facts()
