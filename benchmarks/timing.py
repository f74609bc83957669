"""Time calls in turns, so that a machine that slows down slows all of them."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Times of one call.

    Attributes:
        name: What was timed.
        median_ms: Median over the rounds, in ms.
        best_ms: Least of the rounds, in ms.
        worst_ms: Greatest of the rounds, in ms.
    """

    name: str
    median_ms: float
    best_ms: float
    worst_ms: float


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Calls that do the same work, timed in one run; the first one is ours.

    Attributes:
        title: The work.
        timings: One for each call, ours first.
        note: What the reader must know to read the numbers.
    """

    title: str
    timings: tuple[Timing, ...]
    note: str = ""


def in_turns(
    calls: Mapping[str, Callable[[], object]],
    rounds: int,
    before: Sequence[Callable[[], object]] = (),
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Timing, ...]:
    """Return the times of each call: one round unmeasured, then `rounds` with each run once.

    Args:
        calls: What to time.
        rounds: How often.
        before: What to do, unmeasured, before each of the calls; one for each, or none.
        clock: What tells the time, in seconds.
    """
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds + 1):
        for (name, call), prepare in zip(
            calls.items(), before or [_nothing] * len(calls), strict=True
        ):
            prepare()
            start = clock()
            call()
            spent[name].append((clock() - start) * 1e3)
    return tuple(_timing(name, values[1:]) for name, values in spent.items())


def _nothing() -> None:
    """Prepare a call that needs no preparation."""


def _timing(name: str, values: list[float]) -> Timing:
    return Timing(
        name=name,
        median_ms=statistics.median(values),
        best_ms=min(values),
        worst_ms=max(values),
    )
