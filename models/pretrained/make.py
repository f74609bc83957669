"""Makes the shipped bundles, and the reports on them, again: `python -m models.pretrained.make`.

The bars carry no licence and are not in the repository; `README.md` beside this file names where
they came from. Who has them gets the same weights on the same kind of machine.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from models.commands import run
from shared.errors import InputMissingError

HERE: Final = Path(__file__).parent
SOURCES: Final = {
    "krx-daily": "krx_daily.parquet",
    "us-daily": "us_daily_kdd17.parquet",
    "us-5min": "us_equity_5min.parquet",
    "crypto-5min": "crypto_5min.parquet",
}


def main(argv: list[str] | None = None) -> int:
    """Make the bundles that are named, all by default; return the first exit code that is not 0."""
    parser = argparse.ArgumentParser(prog="python -m models.pretrained.make", description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the Parquet files")
    parser.add_argument("reports", type=Path, help="folder of the reports")
    parser.add_argument("bundles", nargs="*", default=list(SOURCES), metavar="BUNDLE")
    args = parser.parse_args(argv)
    for name in args.bundles:
        if name not in SOURCES:
            parser.error(f"a bundle is {', '.join(SOURCES)}, was {name!r}")
    absent = [f for f in map(SOURCES.get, args.bundles) if f and not (args.data / f).is_file()]
    if absent:
        sys.stderr.write(f"{args.data} holds no {', '.join(absent)}\n")
        return InputMissingError.exit_code
    codes = (_make(name, args.data / SOURCES[name], args.reports) for name in args.bundles)
    return next((code for code in codes if code), 0)


def _make(name: str, data: Path, reports: Path) -> int:
    folder = HERE / name
    weights = ["train", str(data), "--out", str(folder), "--config", f"{folder}.toml", "--force"]
    commands = (
        weights,
        ["audit", name, str(data)],
        ["evaluate", name, str(data), "--out", str(reports / f"{name}.html")],
        ["explain-check", name, str(data), "--save", "--report", str(reports / f"{name}-why.html")],
        ["errors", name, str(data), "--report", str(reports / f"{name}-errors.html")],
    )
    return next((code for code in map(run, commands) if code), 0)


if __name__ == "__main__":
    sys.exit(main())
