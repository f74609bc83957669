"""A plain file is read as numbers and times at once, and says what its texts would have said."""

import datetime
import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from models.data.sources import plain
from models.data.sources.files import find
from models.data.sources.plain import read_plain
from models.data.sources.raw import RawTable
from models.data.sources.reader import ReadBars, read_bars
from shared.errors import DataError

HEAD = "symbol,time,open,high,low,close,volume"
LAYOUTS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y%m%d%H%M%S")
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def lines_of(layout: str = LAYOUTS[0], bars: int = 60) -> list[str]:
    rng = np.random.default_rng(bars)
    first = datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC)
    lines = [HEAD]
    for symbol in ("BTC-USD", "ETH-USD", "XRP-USD"):
        closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, bars)))
        for i, c in enumerate(closes.tolist()):
            time = (first + datetime.timedelta(minutes=5 * i)).strftime(layout)
            lines.append(f"{symbol},{time},{c:.4f},{c * 1.01:.4f},{c * 0.99:.4f},{c:.4f},{i + 1}")
    return lines


def written(folder: Path, lines: list[str]) -> Path:
    path = folder / "bars.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def cells(path: Path) -> RawTable | None:
    return read_plain(find(path).files[0])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_plain_file_holds_numbers_times_and_tickers(layout: str, tmp_path: Path) -> None:
    raw = cells(written(tmp_path, lines_of(layout)))
    assert raw is not None
    types = raw.frame.dtypes
    assert types[0] == pl.Enum(["BTC-USD", "ETH-USD", "XRP-USD"])
    assert types[1] in (pl.Datetime("ms"), pl.Int64)
    assert types[2:] == [pl.Float64] * 5
    assert raw.first == tuple(lines_of(layout)[1].split(","))


def test_a_packed_file_is_as_plain(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv.gz"
    path.write_bytes(gzip.compress("\n".join(lines_of()).encode()))
    assert cells(path) is not None


@pytest.mark.parametrize("block", [400, 1_000, 1 << 23])
@pytest.mark.parametrize(
    ("cell", "instead"),
    [
        (0, ""),
        (0, '"XRP-USD"'),
        (1, ""),
        (1, "2024-01-02"),
        (1, "2024-02-31 00:00:00"),
        (3, "n/a"),
        (3, "nan"),
        (3, "1,5"),
        (3, "1.5 "),
    ],
)
def test_one_cell_that_is_not_plain_makes_a_text_of_the_file(
    block: int, cell: int, instead: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain, "_BLOCK", block)
    lines = lines_of(bars=200)
    row = lines[500].split(",")
    row[cell] = instead
    lines[500] = ",".join(row)
    assert cells(written(tmp_path, lines)) is None


@pytest.mark.parametrize("lines", [[""], [HEAD], ["2024-01-02,1,2,1,2,5"], [HEAD, "", *lines_of()]])
def test_what_shows_no_cell_below_names_is_not_plain(lines: list[str], tmp_path: Path) -> None:
    assert cells(written(tmp_path, lines)) is None


def test_a_blank_line_between_two_blocks_is_a_row_as_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = lines_of(bars=200)
    monkeypatch.setattr(plain, "_BLOCK", len("\n".join(lines[:501])) + 1)
    assert cells(written(tmp_path, [*lines[:501], "", *lines[501:]])) is None


DIRT = ("", "0", "-1", "nan", "null", "1e400", "9" * 30, '"1"', " 7", "7 ", "한", "20240103")


def dirtied(lines: list[str], rng: np.random.Generator) -> list[str]:
    lines = lines.copy()
    for _ in range(rng.integers(3)):
        at, other = rng.integers(1, len(lines), 2).tolist()
        row = lines[at].split(",")
        row[rng.integers(7)] = DIRT[rng.integers(len(DIRT))]
        lines[at] = ",".join(row)
        if rng.random() < 0.5:
            lines[other], lines[at] = lines[at], lines[other]
        elif rng.random() < 0.5:
            lines.insert(other, lines[at])
    return lines


def outcome(path: Path) -> ReadBars | str:
    try:
        return read_bars(path, now=NOW)
    except DataError as e:
        return str(e)


@pytest.mark.parametrize("seed", range(40))
def test_it_says_what_its_texts_would_have_said(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(seed)
    monkeypatch.setattr(plain, "_BLOCK", (700, 3_000, 1 << 23)[seed % 3])
    path = written(tmp_path, dirtied(lines_of(LAYOUTS[seed % 4]), rng))
    quick = outcome(path)
    monkeypatch.setattr("models.data.sources.text.read_plain", lambda *_, **__: None)
    slow = outcome(path)
    if isinstance(quick, str) or isinstance(slow, str):
        assert quick == slow
        return
    assert quick.reading == slow.reading
    assert quick.table.fingerprint() == slow.table.fingerprint()
