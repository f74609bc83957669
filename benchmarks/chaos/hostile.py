"""Hostile frames to all that reads the wire: the desk, the server, and its two real sockets."""

import subprocess
import sys
from typing import Final

import msgspec

from benchmarks.chaos.one_reader import ReaderTally
from benchmarks.chaos.server_process import HOUSE
from benchmarks.targets import ChaosReport, Figure
from tools.fuzz.listening import Listening
from tools.fuzz.surfaces import AnsweredToDesk, AskedOfServer, PublishedToDesk, Subscribed

_MOST_GROWTH: Final = 0.02
# The same number would be a day of the slowest reader, and a minute of the quickest.
_FRAMES: Final = {
    PublishedToDesk.name: 1_000_000,
    AnsweredToDesk.name: 400_000,
    AskedOfServer.name: 1_500_000,
    Subscribed.name: 1_800_000,
    Listening.name: 300_000,
}


def run(share: float) -> list[ChaosReport]:
    """Send `share` of 5,000,000 frames, the same ones on every machine."""
    counts = {name: round(share * count) for name, count in _FRAMES.items()}
    targets = [t for name, count in counts.items() for t in _targets(name, count)]
    title = f"{sum(counts.values()):,} hostile frames to both sockets and to the desk"
    return [ChaosReport(title=title, targets=tuple(targets))]


def _heard(name: str, count: int) -> ReaderTally:
    command = [sys.executable, "-m", "benchmarks.chaos.one_reader", name, str(count)]
    done = subprocess.run(command, cwd=HOUSE, stdout=subprocess.PIPE, check=True)  # noqa: S603 - ours
    return msgspec.json.decode(done.stdout, type=ReaderTally)


def _targets(name: str, count: int) -> tuple[Figure, Figure]:
    heard = _heard(name, count)
    growth = heard.after / heard.before - 1
    return (
        Figure(
            name=f"{name}: {heard.frames:,} frames, {heard.a_second:,.0f} a second",
            measured=f"{heard.faults} faults, longest {1e3 * heard.longest_s:.0f} ms",
            wanted="0 faults, each refused or taken",
            holds=heard.faults == 0 and heard.frames == count,
        ),
        Figure(
            name=f"{name}: memory after warm-up, to the end",
            measured=f"{heard.before:.1f} → {heard.after:.1f} MiB ({growth:+.2%})",
            wanted=f"< {_MOST_GROWTH:.0%}",
            holds=growth < _MOST_GROWTH,
        ),
    )
