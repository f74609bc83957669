"""Where a fuzzer's choices come from: a seed, or bytes that an engine led by coverage hands in."""

import random
from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Dice(Protocol):
    """A source of choices."""

    def below(self, n: int) -> int:
        """Return a number from 0 to `n` - 1."""


class Seeded:
    """The same choices for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing is kept secret with it

    def below(self, n: int) -> int:
        """Return a number from 0 to `n` - 1."""
        return self._random.randrange(n)


class Tape:
    """Choices read from bytes, so that a byte changed changes one choice; all 0 behind the end."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    def below(self, n: int) -> int:
        """Return a number from 0 to `n` - 1."""
        width = ((n - 1).bit_length() + 7) // 8
        read = self._data[self._place : self._place + width]
        self._place += width
        return int.from_bytes(read, "big") % n


def pick(dice: Dice, among: Sequence[T]) -> T:
    """Return one of some things, of which there is at least one."""
    return among[dice.below(len(among))]
