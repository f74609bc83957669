"""Reading bars: ours, with all that it understands, beside pandas reading the same cells alone.

Each call is a process of its own, so that its peak memory is its own too. The data is what the bars
are in memory as plain arrays: five float64 for prices and volume, an int64 for the time and an
int32 for the ticker, 52 bytes a bar.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from benchmarks.timing import Measurement, Timing

ROWS: Final = 10_000_000
TICKERS: Final = 100
BYTES: Final = 5 * 8 + 8 + 4  # of a bar: the data, of which memory is counted in multiples
_DATA: Final = Path("../shared/data/krx_daily.parquet")
_MIB: Final = 2**20

_CALL: Final = """
import json, pathlib, re, resource, sys, time
def peak():
    # Linux counts what the process was before it became another program to ru_maxrss.
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
{imports}
before = peak()
start, spent = time.perf_counter(), time.process_time()
{call}
wall, spent = time.perf_counter() - start, time.process_time() - spent
print(json.dumps([wall * 1e3, spent * 1e3, (peak() - before) / 1024, peak() / 1024]))
"""
# What a program does once, whatever it reads: it asks installed packages for shapes of theirs.
_PROGRAM: Final = (
    "from models.data.sources import shapes\n"
    "from models.data.sources.reader import read_bars\n"
    "shapes.known()\n"
)
_SESSIONS: Final = (
    "from models.data.calendars.markets import market_named\n"
    "from models.data.calendars.sessions import sessions_of\n"
)
_OURS: Final = (f"{_PROGRAM}{_SESSIONS}sessions_of(market_named('krx'))", "read_bars(sys.argv[1])")
_PANDAS_CSV: Final = ("import pandas", "pandas.read_csv(sys.argv[1], parse_dates=['time'])")
_PANDAS_PARQUET: Final = (
    "import pandas, pyarrow.parquet",
    "pandas.read_parquet(sys.argv[1])",
)
_CALENDAR: Final = (_SESSIONS, "sessions_of(market_named(sys.argv[1]))")


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What one call took.

    Attributes:
        wall_ms: Time that went by.
        cpu_ms: Time of processors, all threads together.
        peak_mib: Memory at its most, over that after the imports.
        whole_mib: The same of the whole process, imports and all.
    """

    wall_ms: float
    cpu_ms: float
    peak_mib: float
    whole_mib: float


def run(rounds: int) -> list[Measurement]:
    """Return the comparisons of one CSV file of 10 million rows, and of a Parquet file if there.

    And what the first look at a calendar costs, and a later one.
    """
    rounds = min(rounds, 3)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.csv"
        size = _write(path)
        csv = _compare(path, {"tickerlens": _OURS, "pandas.read_csv": _PANDAS_CSV}, rounds)
    found = [_measurement(f"A CSV file of {ROWS:,} rows ({size / _MIB:,.0f} MiB)", ROWS, csv)]
    if _DATA.exists():
        calls = {"tickerlens": _OURS, "pandas.read_parquet": _PANDAS_PARQUET}
        rows = pl.scan_parquet(_DATA).select(pl.len()).collect().item()
        found.append(_measurement(_DATA.name, rows, _compare(_DATA, calls, rounds)))
    return [*found, _calendars(rounds)]


def _calendars(rounds: int) -> Measurement:
    timings = []
    for market in ("krx", "us"):
        first: list[Spent] = []
        kept: list[Spent] = []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as cache:
                places = {"XDG_CACHE_HOME": cache, "HOME": cache, "LOCALAPPDATA": cache}
                first.append(_spent(_CALENDAR, market, places))
                kept.append(_spent(_CALENDAR, market, places))
        timings += [
            _timing(f"{market}, the first time in a month", first),
            _timing(f"{market}, kept on disk", kept),
        ]
    return Measurement(title="The calendar of a market", timings=tuple(timings))


def _measurement(title: str, rows: int, spent: dict[str, list[Spent]]) -> Measurement:
    data = rows * BYTES / _MIB
    ours, theirs = spent.values()
    walls = [_median(s.wall_ms for s in some) for some in (ours, theirs)]
    cpus = [_median(s.cpu_ms for s in some) for some in (ours, theirs)]
    peaks = {name: max(s.peak_mib for s in some) for name, some in spent.items()}
    whole = max(s.whole_mib for s in ours)
    note = (
        f"{rows:,} bars, in memory {data:,.0f} MiB. Wall {walls[0] / walls[1]:.2f} x, processors "
        f"{cpus[0] / cpus[1]:.2f} x. Peak memory over that of the imports: "
        + ", ".join(f"{name} {mib:,.0f} MiB ({mib / data:.1f} x)" for name, mib in peaks.items())
        + f"; the whole process of ours {whole:,.0f} MiB ({whole / data:.1f} x)"
    )
    timings = tuple(_timing(name, some) for name, some in spent.items())
    return Measurement(title=title, timings=timings, note=note)


def _median(values: Iterable[float]) -> float:
    return float(np.median(list(values)))


def _timing(name: str, spent: list[Spent]) -> Timing:
    walls = [s.wall_ms for s in spent]
    return Timing(name=name, median_ms=_median(walls), best_ms=min(walls), worst_ms=max(walls))


def _compare(path: Path, calls: dict[str, tuple[str, str]], rounds: int) -> dict[str, list[Spent]]:
    spent: dict[str, list[Spent]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            spent[name].append(_spent(call, str(path), {}))
    return spent


def _spent(call: tuple[str, str], argument: str, places: dict[str, str]) -> Spent:
    imports, work = call
    done = subprocess.run(  # noqa: S603 - our own code, our own file
        [sys.executable, "-c", _CALL.format(imports=imports, call=work), argument],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": "."} | places,
    )
    wall, cpu, peak, whole = json.loads(done.stdout)
    return Spent(wall_ms=wall, cpu_ms=cpu, peak_mib=peak, whole_mib=whole)


def _write(path: Path) -> int:
    # Bars of five minutes by ticker and time, with prices of four digits after the point.
    rng = np.random.default_rng(0)
    each = ROWS // TICKERS
    start = np.datetime64("2015-01-01", "ms")
    times = pl.Series("time", start + np.arange(each) * np.timedelta64(300_000, "ms"))
    text = times.dt.strftime("%Y-%m-%d %H:%M:%S")
    for i in range(TICKERS):
        close = np.exp(np.cumsum(rng.normal(0, 1e-3, each))) * 100
        frame = pl.DataFrame(
            {
                "symbol": [f"{chr(65 + i // 26)}{chr(65 + i % 26)}-USD"] * each,
                "time": text,
                "open": (close * 0.999).round(4),
                "high": (close * 1.002).round(4),
                "low": (close * 0.998).round(4),
                "close": close.round(4),
                "volume": rng.integers(1, 100_000, each),
            }
        )
        with path.open("ab") as file:
            frame.write_csv(file, include_header=i == 0)
    return path.stat().st_size
