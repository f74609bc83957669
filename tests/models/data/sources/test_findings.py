from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.data import blocks
from models.data.bars import DropReason, faults
from models.data.sources import findings
from models.data.sources.findings import HARM
from models.data.sources.reader import read_bars
from models.data.sources.reading import DirtFound, FileReading
from models.data.sources.tidy import DatedRows
from shared.reading import ReadOptions

HEAD = "date,open,high,low,close,volume"
DAYS = [f"2024-03-{day:02}" for day in (*range(4, 9), *range(11, 16), *range(18, 23))]


def file(folder: Path, rows: list[str], name: str = "AAPL.csv", head: str = HEAD) -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def sound() -> list[str]:
    return [f"{day},{n},{n + 2},{n - 1},{n + 1},{100 + n}" for n, day in enumerate(DAYS, start=10)]


def found(path: Path, **options: object) -> tuple[DirtFound, ...]:
    chosen = msgspec.convert({"drop_limit": 1.0} | options, ReadOptions)
    return read_bars(path, chosen).reading.findings


@pytest.mark.parametrize(
    ("cells", "reason", "column", "cell"),
    [
        ("10,12,9,,5", DropReason.NOT_A_NUMBER, "close", ""),
        ("10,12,9,n.v.,5", DropReason.NOT_A_NUMBER, "close", "n.v."),
        ("10,9,12,11,5", DropReason.HIGH_BELOW_LOW, "high", "9"),
        ("10,12,9,11,-1", DropReason.NEGATIVE_VOLUME, "volume", "-1"),
        ("1e13,2e13,1,11,5", DropReason.OUT_OF_RANGE, "open", "1e+13"),
        ("10,12,0,11,5", DropReason.ZERO_PRICE, "low", "0"),
        ("0,0,0,11,0", DropReason.HALT, "", ""),
        ("10,12,9,12.5,5", DropReason.RANGE_WIDENED, "close", "12.5"),
    ],
)
def test_the_first_row_of_a_kind_is_named_with_its_column(
    cells: str, reason: DropReason, column: str, cell: str, tmp_path: Path
) -> None:
    rows = sound()
    for place in (6, 9):
        rows[place] = f"{DAYS[place]},{cells}"
    path = file(tmp_path, rows)
    (finding,) = found(path)
    assert finding == DirtFound(
        reason=reason,
        rows=2,
        dropped=reason != DropReason.RANGE_WIDENED,
        file=str(path),
        row=7,
        column=column,
        cell=cell,
    )


def test_rows_are_counted_as_the_file_has_them(tmp_path: Path) -> None:
    rows = [*reversed(sound()), "someday,1,1,1,1,1"]
    rows[2] += "x"
    rows.insert(5, rows[4])
    rows.insert(9, rows[8] + "0")
    path = file(tmp_path, rows)
    said = [(f.reason, f.row, f.dropped) for f in found(path)]
    assert said == [
        (DropReason.NO_TIME, 18, True),
        (DropReason.NOT_A_NUMBER, 3, True),
        (DropReason.DUPLICATE, 6, True),
        (DropReason.CORRECTED, 10, False),
    ]


def test_the_file_of_several_is_named(tmp_path: Path) -> None:
    file(tmp_path, ["soon,1,1,1,1,1", *sound()], "AAPL.csv")
    rows = sound()
    rows[1] = f"{DAYS[1]},10,9,12,11,5"
    second = file(tmp_path, rows, "MSFT.csv")
    places = [(Path(f.file).name, f.row) for f in found(tmp_path)]
    assert places == [("AAPL.csv", 1), ("MSFT.csv", 2)]
    assert found(second)[0].row == 2


def test_rows_that_a_shape_leaves_out_are_counted(tmp_path: Path) -> None:
    head = "symbol,series,open,high,low,close,last,prevclose,tottrdqty,timestamp"
    rows = [
        f"INFY,{series},{n},{n + 2},{n - 1},{close},1,1,5,{day}"
        for n, day in enumerate(("2024-01-02", "2024-01-03", "2024-01-04"), start=10)
        for series, close in (("BE", n), ("EQ", "oops" if n == 11 else n))
    ]
    path = file(tmp_path, rows, "bhav.csv", head)
    (finding,) = (f for f in found(path, market="XBOM") if f.reason == DropReason.NOT_A_NUMBER)
    assert (finding.row, finding.cell) == (4, "oops")


def test_every_reason_of_a_reader_has_its_place_in_the_order_of_harm() -> None:
    later = {DropReason.OUT_OF_ORDER, DropReason.JUMP, DropReason.GAP}
    assert set(HARM) == set(DropReason) - later
    assert len(HARM) == len(set(HARM))


def test_facts_say_all_of_it_once(tmp_path: Path) -> None:
    rows = sound()
    rows[3] = f"{DAYS[3]},10,9,12,11,5"
    reading = read_bars(file(tmp_path, rows), ReadOptions(drop_limit=1)).reading
    lines = reading.lines()
    assert len(lines) <= 10
    assert sum("high_below_low" in line for line in lines) == 1
    assert (reading.bars, reading.dropped, reading.mended) == (14, {"high_below_low": 1}, {})
    assert FileReading(refused="why").facts() == {"refused": ("why",)}


def test_rows_are_judged_as_each_of_them_would_be_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_ROWS", 7)
    rng = np.random.default_rng(3)
    ohlcv = np.tile([10.0, 12.0, 9.0, 11.0, 5.0], (600, 1))
    dirt = np.array([np.nan, 0.0, -1.0, np.inf, 1e13, 1e19, 1e-13, 100.0])
    odd = rng.integers(0, 600, 60)
    ohlcv[odd, rng.integers(0, 5, 60)] = rng.choice(dirt, 60)
    close_ms = np.arange(1, 601) * 1_000
    close_ms[[50, 300]] = (-5, 10**14)
    rows = DatedRows(row=np.zeros(600, np.int32), close_ms=close_ms, ohlcv=ohlcv)
    code = findings.judged(rows).code
    assert np.array_equal(code, faults(close_ms, ohlcv))
    assert 20 < np.count_nonzero(code) < 62
