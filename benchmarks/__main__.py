"""Measure everything and print it: python -m benchmarks [--rounds N] [saliency] [wire] ...."""

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

from benchmarks.timing import Measurement

BENCHMARKS: Final = ("startup", "saliency", "wire", "explanations", "desk", "reading")


def main() -> None:
    """Run the benchmarks that are named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("which", nargs="*", choices=[[], *BENCHMARKS], metavar="WHICH")
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    torch.set_num_threads(1)  # as in the server, for all that is compared
    console = Console()
    console.print(_machine(), style="dim")
    for name in given.which or BENCHMARKS:
        with console.status(f"measuring {name}"):
            comparisons = importlib.import_module(f"benchmarks.{name}").run(given.rounds)
        for comparison in comparisons:
            console.print(_table(comparison))


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
