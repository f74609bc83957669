"""Send hostile frames to all that reads the wire, and count what becomes of them.

    python -m tools.fuzz                          100,000 messages to each reader
    python -m tools.fuzz --count 5000000 asked    to one of them
    python -m tools.fuzz --coverage 60 published  60 s, led by what of our code is reached

Without `--coverage` the message of each seed is the same on every machine. With it, atheris chooses
(`pip install atheris`): it keeps what reaches lines of ours that nothing reached before. The exit
code is 1 where a frame was neither taken nor refused, and where one took longer than a second.
"""

import argparse
import contextlib
import logging
import resource
import sys
import time
from typing import Final

import structlog

from tools.fuzz.campaign import Tally, run
from tools.fuzz.listening import Listening
from tools.fuzz.surfaces import AnsweredToDesk, AskedOfServer, PublishedToDesk, Subscribed, Surface

SURFACES: Final[dict[str, type[Surface]]] = {
    kind.name: kind
    for kind in (PublishedToDesk, AnsweredToDesk, AskedOfServer, Subscribed, Listening)
}


def main() -> int:
    """Fuzz the readers that are named, or all of them."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("which", nargs="*", choices=[[], *SURFACES], metavar="READER")
    parser.add_argument("--count", type=int, default=100_000, help="messages for each reader")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--coverage", type=int, metavar="SECONDS", help="led by coverage, so long")
    given = parser.parse_args()
    # They say what they refuse, and would say it for every frame of a million.
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    if given.coverage is not None:
        from tools.fuzz import coverage

        return coverage.run(SURFACES[(given.which or ["published"])[0]], given.coverage)
    faults = 0
    for name in given.which or SURFACES:
        faults += _fuzz(SURFACES[name], given.first, given.count)
    return 1 if faults else 0


def _fuzz(kind: type[Surface], first: int, count: int) -> int:
    surface, start, memory = kind(), time.perf_counter(), _memory_mib()
    closing = surface if isinstance(surface, Listening) else contextlib.nullcontext()
    with closing:
        tally = run(surface, range(first, first + count))
    took = time.perf_counter() - start
    sys.stdout.write(f"{told(kind.name, tally)} {tally.frames / took:,.0f} a second, ")
    sys.stdout.write(f"peak memory {memory:.0f} to {_memory_mib():.0f} MiB\n")
    sys.stdout.writelines(f"{fault}\n" for fault in tally.faults)
    return len(tally.faults)


def told(name: str, tally: Tally) -> str:
    """Return what became of the frames of one reader, in a line."""
    return (
        f"{name}: {tally.frames:,} messages, {tally.taken:,} taken, {tally.refused:,} refused, "
        f"{tally.unknown:,} of unknown kinds, {len(tally.faults)} faults; "
        f"longest {1000 * tally.longest_s:.1f} ms,"
    )


def _memory_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
