"""Frames without an end, and the count of what became of them."""

import dataclasses
import time
import traceback
from collections.abc import Iterable
from typing import Final

from shared.errors import UnknownKindError, WireError
from tools.fuzz.dice import Dice, Seeded
from tools.fuzz.surfaces import Surface

SLOW_S: Final = 1.0  # a frame that keeps its reader for longer is a fault
_MOST_FAULTS: Final = 20


@dataclasses.dataclass
class Tally:
    """What became of the frames of one surface.

    Attributes:
        taken: Frames that were valid after all.
        refused: Those that were refused.
        unknown: Those of a kind that a later minor may add.
        longest_s: What the slowest took.
        faults: What neither took nor refused them: seed, frames and traceback.
    """

    taken: int = 0
    refused: int = 0
    unknown: int = 0
    longest_s: float = 0.0
    faults: list[str] = dataclasses.field(default_factory=list)

    @property
    def frames(self) -> int:
        """How many there were."""
        return self.taken + self.refused + self.unknown + len(self.faults)


def run(surface: Surface, seeds: Iterable[int]) -> Tally:
    """Read one hostile message for each seed; every one can be made again from its seed alone."""
    tally = Tally()
    for seed in seeds:
        try_one(surface, Seeded(seed), tally, f"seed {seed}: ")
        if len(tally.faults) >= _MOST_FAULTS:
            break
    return tally


def try_one(surface: Surface, dice: Dice, tally: Tally, origin: str = "") -> None:
    """Read one hostile message, and count what became of it; a fault says its `origin`."""
    frames = surface.frames(dice)
    start = time.perf_counter()
    try:
        surface.take(frames)
    except UnknownKindError:
        tally.unknown += 1
    except WireError:
        tally.refused += 1
    except BaseException as e:
        tally.faults.append(f"{origin}{frames!r}\n{traceback.format_exc()}")
        if isinstance(e, KeyboardInterrupt):
            raise
    else:
        tally.taken += 1
    took = time.perf_counter() - start
    tally.longest_s = max(tally.longest_s, took)
    if took > SLOW_S:
        tally.faults.append(f"{origin}{frames!r}\ntook {took:.1f} s")
