import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from models.data.sources.reader import ReadBars, read_bars
from shared.reading import ReadOptions
from tests.kit.bar_examples.all import EXAMPLES
from tests.kit.bar_files import Example, MadeBar, made_bars, symbols_of, written

Row = tuple[float, ...]


# Of the machine that reads, which must not matter.
ZONES = ("UTC", "Asia/Seoul", "America/New_York")


@contextmanager
def machine_in(zone: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        yield
    time.tzset()


def expected(bars: list[MadeBar]) -> dict[tuple[str, int], Row]:
    return {
        (b.symbol, round(b.ends.timestamp() * 1_000)): tuple(
            float(x) for x in (b.open, b.high, b.low, b.close, b.volume)
        )
        for b in bars
    }


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows cannot change its zone in a test")
@pytest.mark.parametrize("seed", [1])
@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_what_a_source_writes_is_read_back(example: Example, seed: int, tmp_path: Path) -> None:
    # One after the other, for a test costs half of what it takes to read a file.
    for zone in ZONES:
        bars = made_bars(example, seed=seed + len(zone))
        for name, content in written(example, bars).items():
            (tmp_path / name).write_bytes(content)
        with machine_in(zone):
            read = read_bars(tmp_path, msgspec.convert(example.said, ReadOptions))
        check(read, bars)


def check(read: ReadBars, bars: list[MadeBar]) -> None:
    table = read.table
    got = {
        (table.symbols[row], ms): tuple(ohlcv)
        for row, ms, ohlcv in zip(
            table.row.tolist(), table.bar_ms.tolist(), table.ohlcv.tolist(), strict=True
        )
    }
    wanted = expected(bars)
    assert table.symbols == symbols_of(bars)
    assert got.keys() == wanted.keys()
    for key, row in got.items():
        assert row == pytest.approx(wanted[key], rel=1e-15), key
    assert read.reading.bars == len(bars)
    assert not read.reading.left_out
