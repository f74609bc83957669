"""Hostile frames to one reader in a process of its own, so that its memory is nobody else's."""

import contextlib
import logging
import sys
import time
from typing import Final

import msgspec
import psutil
import structlog

from tools.fuzz.campaign import run as send
from tools.fuzz.listening import Listening
from tools.fuzz.surfaces import AnsweredToDesk, AskedOfServer, PublishedToDesk, Subscribed, Surface

READERS: Final[dict[str, type[Surface]]] = {
    kind.name: kind
    for kind in (PublishedToDesk, AnsweredToDesk, AskedOfServer, Subscribed, Listening)
}
_MIB: Final = 2**20
_WARM_UP: Final = 0.1  # share of the frames in which caches fill


class ReaderTally(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the frames of one reader.

    Attributes:
        frames: How many were counted: taken, refused or unknown.
        faults: How many were none of these.
        longest_s: What the slowest took.
        a_second: Frames a second after the warm-up.
        before: Memory after the warm-up, MiB that are the process's own.
        after: The same at the end.
    """

    frames: int
    faults: int
    longest_s: float
    a_second: float
    before: float
    after: float


def main() -> None:
    """Send as many frames as asked for to the reader that is named; say what became of them."""
    name, count = sys.argv[1], int(sys.argv[2])
    # They say what they refuse, and would say it for every frame of a million.
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    sys.stdout.buffer.write(msgspec.json.encode(_send(READERS[name](), count)))


def _send(surface: Surface, count: int) -> ReaderTally:
    warm = round(count * _WARM_UP)
    closing = surface if isinstance(surface, Listening) else contextlib.nullcontext()
    with closing:
        first = send(surface, range(warm))
        before, start = _memory_mib(), time.perf_counter()
        tally = send(surface, range(warm, count))
        took, after = time.perf_counter() - start, _memory_mib()
    return ReaderTally(
        frames=first.frames + tally.frames,
        faults=len(first.faults) + len(tally.faults),
        longest_s=max(first.longest_s, tally.longest_s),
        a_second=tally.frames / took,
        before=before,
        after=after,
    )


def _memory_mib() -> float:
    return float(psutil.Process().memory_full_info().uss) / _MIB


if __name__ == "__main__":
    main()
