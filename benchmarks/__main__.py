"""Measure everything and print it: python -m benchmarks [--rounds N] [saliency] [wire] ....

`python -m benchmarks chaos` lets things go wrong on purpose, for more than two hours; a part of it
alone is `chaos.kills`, `chaos.swaps`, `chaos.faults`, `chaos.hostile`, `chaos.crowd` or
`chaos.soak`, and `--share 0.01` takes a hundredth of the time. `journal` times what keeping one
costs, and reading it, `feeds` what live markets cost, `feeds.days` lives seven days of three
sources in which much goes wrong; they take a share, too.
"""

import argparse
import importlib
import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Final

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.targets import ChaosReport
from benchmarks.timing import Measurement

BENCHMARKS: Final = ("startup", "saliency", "wire", "explanations", "desk", "reading")
PARTS: Final = {"feeds": "feeds.speed"}
SHARED: Final = (
    "journal",
    "feeds",
    "feeds.speed",
    "feeds.days",
)  # of which a share can be run, as of chaos
CHAOS: Final = tuple(
    f"chaos.{part}" for part in ("kills", "swaps", "faults", "hostile", "crowd", "soak")
)


def main() -> None:
    """Run the benchmarks that are named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "which", nargs="*", choices=[[], *BENCHMARKS, *SHARED, "chaos", *CHAOS], metavar="WHICH"
    )
    parser.add_argument("--rounds", type=int, default=30, help="of what is timed")
    parser.add_argument("--share", type=float, default=1.0, help="of the length of chaos")
    given = parser.parse_args()
    torch.set_num_threads(1)  # as in the server, for all that is compared
    console = Console()
    console.print(_machine(), style="dim")
    for name in _asked(given.which):
        with console.status(f"measuring {name}"):
            length = given.share if name in (*CHAOS, *SHARED) else given.rounds
            found = importlib.import_module(f"benchmarks.{name}").run(length)
        for one in found:
            console.print(_report(one) if isinstance(one, ChaosReport) else _table(one))


def _asked(which: list[str]) -> list[str]:
    found = which or BENCHMARKS
    return [n for one in found for n in (CHAOS if one == "chaos" else (PARTS.get(one, one),))]


def _machine() -> str:
    libraries = ("torch", "numpy", "pyzmq", "PySide6-Essentials")
    versions = (f"{name} {importlib.metadata.version(name)}" for name in libraries)
    return " · ".join(
        [
            f"{_processor()}, {os.cpu_count()} cores, 1 torch thread",
            f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
            *versions,
        ]
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _report(trial: ChaosReport) -> Table:
    table = Table(title=trial.title, caption=trial.note or None, title_justify="left")
    for heading in ("", "measured", "wanted", ""):
        table.add_column(heading)
    for target in trial.targets:
        holds = ("holds" if target.holds else "FALLS SHORT") if target.wanted else ""
        table.add_row(target.name, target.measured, target.wanted, holds)
    return table


def _table(comparison: Measurement) -> Table:
    table = Table(title=comparison.title, caption=comparison.note or None, title_justify="left")
    table.add_column("")
    for heading in ("median ms", "best", "worst", "× the first"):
        table.add_column(heading, justify="right")
    first = comparison.timings[0].median_ms
    for t in comparison.timings:
        numbers = (t.median_ms, t.best_ms, t.worst_ms)
        table.add_row(t.name, *(f"{n:,.2f}" for n in numbers), f"{t.median_ms / first:.2f}")
    return table


if __name__ == "__main__":
    main()
