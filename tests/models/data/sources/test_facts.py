import datetime
from pathlib import Path

import pytest

from models.data.calendars.sessions import sessions_of
from models.data.sources.reader import read_bars
from models.data.sources.reading import FileReading
from shared.markets import MARKETS
from shared.reading import ReadOptions

HEAD = "date,open,high,low,close,volume"


def weekdays(first: str, n: int) -> list[datetime.date]:
    start = datetime.date.fromisoformat(first)
    days = (start + datetime.timedelta(days=i) for i in range(3 * n))
    return [day for day in days if day.weekday() < 5][:n]


def read(folder: Path, rows: list[str], name: str = "AAPL.csv") -> FileReading:
    path = folder / name
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    far = datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC)
    return read_bars(path, ReadOptions(), now=far).reading


def bars(days: list[datetime.date]) -> list[str]:
    return [f"{day},{n},{n + 2},{n - 1},{n + 1},{100 + n}" for n, day in enumerate(days, start=10)]


def test_sessions_that_are_missing_or_too_many_are_counted(tmp_path: Path) -> None:
    days = weekdays("2024-03-04", 15)
    del days[4], days[7]
    days.append(datetime.date(2024, 3, 29))  # Good Friday
    reading = read(tmp_path, bars(days))
    assert (reading.missing_sessions, reading.extra_sessions) == (2, 1)
    assert reading.assumed_sessions == 0


def test_bars_beyond_the_horizon_are_told(tmp_path: Path) -> None:
    sessions = sessions_of(MARKETS["us"])
    assert sessions is not None
    horizon = datetime.datetime.fromtimestamp(sessions.horizon_ms / 1_000, datetime.UTC).date()
    days = weekdays((horizon - datetime.timedelta(days=14)).isoformat(), 20)
    beyond = sum(day >= horizon for day in days)
    reading = read(tmp_path, bars(days))
    assert reading.assumed_sessions == beyond > 0
    assert any("beyond" in line for line in reading.lines())


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("{0},{1},{0},{0},{2}", ["open and close are the same"]),
        ("{0},{0},{0},{0},{2}", ["open and close are the same", "high and low are the same"]),
        ("{0},{1},{0},{1},0", ["the open is the close of the bar before", "the volume is 0"]),
        ("5,{1},4,5.5,{2}", ["the close is 5.5 in every bar"]),
        ("{0},{1},{0},{0}.5,{2}", []),
    ],
)
def test_columns_that_no_market_makes_are_suspicious(
    cells: str, words: list[str], tmp_path: Path
) -> None:
    days = enumerate(weekdays("2024-03-04", 30), start=10)
    rows = [f"{day}," + cells.format(n, n + 1, 100 + n) for n, day in days]
    said = read(tmp_path, rows).suspicious
    assert len(said) == len(words)
    assert all(sentence.startswith(word) for sentence, word in zip(said, words, strict=True))
