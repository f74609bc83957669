from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.data.sources import interval
from models.data.sources.files import find
from models.data.sources.interval import interval_of
from models.data.sources.merge import Merged, merge
from models.data.sources.part import Part, read_part
from models.data.sources.text import read_text
from shared.errors import DataError
from shared.reading import DEFAULT

FIRST_MS = 1_704_150_000_000


def merged(folder: Path, times: dict[str, list[int]]) -> tuple[Merged, list[Part]]:
    """The rows of tickers with bars at so many minutes each."""
    lines = ["symbol,time,open,high,low,close,volume"]
    for symbol, minutes in times.items():
        lines += [f"{symbol},{FIRST_MS + 60_000 * m},1,2,1,2,5" for m in minutes]
    path = folder / "bars.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    parts = [read_part(read_text(find(path).files[0]), DEFAULT)]
    return merge(parts, DEFAULT), parts


@pytest.mark.parametrize("sample", [3, 200_000])
def test_the_usual_step_is_the_length_whatever_ends_or_repeats_between(
    sample: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interval, "_SAMPLE", sample)
    times = {"BTC-USD": [0, 0, 5, 10, 15, 20, 60, 65], "ETH-USD": [0], "XRP-USD": [0, 5, 5, 10]}
    assert interval_of(*merged(tmp_path, times)) == 300


def test_rows_in_any_order_say_the_same(tmp_path: Path) -> None:
    rows, parts = merged(tmp_path, {"BTC-USD": [5, 0, 15, 10], "ETH-USD": [20, 15, 10, 5]})
    order = np.random.default_rng(1).permutation(8)
    shuffled = replace(
        rows,
        row=rows.row[order],
        moments=replace(
            rows.moments,
            wall_ms=rows.moments.wall_ms[order],
            utc_ms=rows.moments.utc_ms[order],
        ),
    )
    assert interval_of(rows, parts) == interval_of(shuffled, parts) == 300


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ({"BTC-USD": [0], "ETH-USD": [0, 0]}, "no ticker has two bars"),
        ({"BTC-USD": [0, 5, 10, 15, 20], "ETH-USD": [0, 15, 30, 45]}, "5m and 15m"),
        ({"BTC-USD": [0, 5, 10, 13, 21, 22, 34]}, "not evenly spaced"),
    ],
)
def test_what_is_of_no_one_length_is_refused(
    times: dict[str, list[int]], said: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=said):
        interval_of(*merged(tmp_path, times))
