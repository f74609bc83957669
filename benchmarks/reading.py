"""Reading bars: ours, with all that it understands, beside pandas reading the same cells alone.

Each call is a process of its own, so that its peak memory is its own too.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from benchmarks.timing import Measurement, Timing

ROWS: Final = 10_000_000
TICKERS: Final = 100
_DATA: Final = Path("../shared/data/krx_daily.parquet")
_MIB: Final = 2**20

_CALL: Final = """
import json, resource, sys, time
{imports}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
{call}
spent = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps([spent * 1e3, peak / 1024]))
"""
_OURS: Final = (
    "from models.data.sources.reader import read_bars\n"
    "from models.data.calendars.sessions import sessions_of\n"
    "from models.data.calendars.markets import market_named\n"
    "sessions_of(market_named('krx')); sessions_of(market_named('us'))",
    "read_bars(sys.argv[1])",
)
_PANDAS_CSV: Final = ("import pandas", "pandas.read_csv(sys.argv[1], parse_dates=['time'])")
_PANDAS_PARQUET: Final = ("import pandas", "pandas.read_parquet(sys.argv[1])")


def run(rounds: int) -> list[Measurement]:
    """Return the comparisons of one CSV file of 10 million rows, and of a Parquet file if there."""
    rounds = min(rounds, 3)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.csv"
        size = _write(path)
        csv = _compare(path, {"tickerlens": _OURS, "pandas.read_csv": _PANDAS_CSV}, rounds)
    found = [_measurement(f"A CSV file of {ROWS:,} rows ({size / _MIB:,.0f} MiB)", csv)]
    if _DATA.exists():
        calls = {"tickerlens": _OURS, "pandas.read_parquet": _PANDAS_PARQUET}
        found.append(_measurement(f"{_DATA.name}", _compare(_DATA, calls, rounds)))
    return found


def _measurement(title: str, spent: dict[str, list[tuple[float, float]]]) -> Measurement:
    peaks = {name: max(mib for _, mib in values) for name, values in spent.items()}
    note = "peak memory over that of the imports: " + ", ".join(
        f"{name} {mib:,.0f} MiB" for name, mib in peaks.items()
    )
    timings = tuple(
        Timing(
            name=name,
            median_ms=float(np.median([ms for ms, _ in values])),
            best_ms=min(ms for ms, _ in values),
            worst_ms=max(ms for ms, _ in values),
        )
        for name, values in spent.items()
    )
    return Measurement(title=title, timings=timings, note=note)


def _compare(
    path: Path, calls: dict[str, tuple[str, str]], rounds: int
) -> dict[str, list[tuple[float, float]]]:
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, (imports, call) in calls.items():
            code = _CALL.format(imports=imports, call=call)
            done = subprocess.run(  # noqa: S603 - our own code, our own file
                [sys.executable, "-c", code, str(path)],
                capture_output=True,
                text=True,
                check=True,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(["."])},
            )
            ms, mib = json.loads(done.stdout)
            spent[name].append((ms, mib))
    return spent


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
