"""Hostile frames to all that reads the wire: the desk, the server, and its two real sockets."""

import contextlib
import logging
import time
from typing import Final

import psutil
import structlog

from benchmarks.targets import ChaosReport, Figure
from tools.fuzz.campaign import run as send
from tools.fuzz.listening import Listening
from tools.fuzz.surfaces import AnsweredToDesk, AskedOfServer, PublishedToDesk, Subscribed, Surface

_MIB: Final = 2**20
_MOST_GROWTH: Final = 0.02
_WARM_UP: Final = 0.1  # share of the frames in which caches fill
# The same number would be a day of the slowest reader, and a minute of the quickest.
_FRAMES: Final[dict[type[Surface], int]] = {
    PublishedToDesk: 1_000_000,
    AnsweredToDesk: 400_000,
    AskedOfServer: 1_500_000,
    Subscribed: 1_800_000,
    Listening: 300_000,
}


def run(share: float) -> list[ChaosReport]:
    """Send `share` of 5,000,000 frames, the same ones on every machine."""
    # They say what they refuse, and would say it for every frame of a million.
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        targets = [t for kind, n in _FRAMES.items() for t in _sent(kind, round(share * n))]
    finally:
        logging.disable(logging.NOTSET)
    total = sum(round(share * n) for n in _FRAMES.values())
    title = f"{total:,} hostile frames to both sockets and to the desk"
    return [ChaosReport(title=title, targets=tuple(targets))]


def _sent(kind: type[Surface], count: int) -> tuple[Figure, Figure]:
    surface, warm = kind(), round(count * _WARM_UP)
    closing = surface if isinstance(surface, Listening) else contextlib.nullcontext()
    with closing:
        first = send(surface, range(warm))
        before, start = _memory_mib(), time.perf_counter()
        tally = send(surface, range(warm, count))
        took, after = time.perf_counter() - start, _memory_mib()
    faults = len(first.faults) + len(tally.faults)
    growth = after / before - 1
    counted = first.frames + tally.frames
    return (
        Figure(
            name=f"{kind.name}: {counted:,} frames, {tally.frames / took:,.0f} a second",
            measured=f"{faults} faults, longest {1e3 * tally.longest_s:.0f} ms",
            wanted="0 faults, each refused or taken",
            holds=faults == 0 and counted == count,
        ),
        Figure(
            name=f"{kind.name}: memory after warm-up, to the end",
            measured=f"{before:.1f} → {after:.1f} MiB ({growth:+.2%})",
            wanted=f"< {_MOST_GROWTH:.0%}",
            holds=growth < _MOST_GROWTH,
        ),
    )


def _memory_mib() -> float:
    return float(psutil.Process().memory_full_info().uss) / _MIB
