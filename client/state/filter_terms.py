"""The parts of a filter, each of which says of every row whether it fits."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from client.state.hangul import pattern
from client.state.table import Table
from shared.contract import CLASS_NAMES, Bool, Class


class FilterTerm(Protocol):
    """One condition."""

    def fits(self, table: Table) -> Bool:
        """Return (n,) bool, which rows of the table it holds for."""


# Numbers by the names that people give them; where there is none, NaN, which fits nothing.
NUMBERS: Final[Mapping[str, Callable[[Table], npt.NDArray[Any]]]] = {
    "conf": lambda table: _share(table, Class.UP),
    "flat": lambda table: _share(table, Class.FLAT),
    "down": lambda table: _share(table, Class.DOWN),
    "last": lambda table: np.where(table.last > 0, table.last, np.nan),
    "change": lambda table: np.where(
        table.last > 0, table.day_change(np.arange(len(table))), np.nan
    ),
    "trend": lambda table: np.where(
        table.decided, table.trends.rises(np.arange(len(table))), np.nan
    ),
}
# Which of them are shares, so that 40% may be written for 0.4.
SHARES: Final = ("conf", "flat", "down", "change", "trend")
TEXTS: Final[Mapping[str, Callable[[Table], Sequence[str]]]] = {
    "ticker": lambda table: table.symbols,
    "name": lambda table: table.names,
    "english": lambda table: table.names_en,
    "market": lambda table: table.segments,
    "sector": lambda table: table.sectors,
}
# A name is looked for in both languages.
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {"": tuple(TEXTS), "name": ("name", "english")}
STATES: Final[Mapping[str, Callable[[Table], Bool]]] = {
    "star": lambda table: table.starred,
    "buy": lambda table: table.up_wins & ~table.muted,
    "strong": lambda table: table.worth.strong & ~table.muted,
    "pin": lambda table: table.pinned,
    "muted": lambda table: table.muted,
    "decided": lambda table: table.decided,
}
CLASSES: Final = (*reversed(CLASS_NAMES),)


@dataclass(frozen=True)
class NumberIs:
    """A number that is greater or less than another.

    Attributes:
        name: One of `NUMBERS`.
        operator: One of > >= < <= =.
        limit: The other number.
    """

    name: str
    operator: str
    limit: float

    def fits(self, table: Table) -> Bool:
        """Return (n,) bool, which rows of the table it holds for."""
        values = NUMBERS[self.name](table)
        fits: Bool = _OPERATORS[self.operator](values, self.limit)
        return fits


@dataclass(frozen=True)
class ClassIs:
    """The class that wins is one of these.

    Attributes:
        classes: Their numbers.
    """

    classes: frozenset[int]

    def fits(self, table: Table) -> Bool:
        """Return (n,) bool, which rows of the table it holds for."""
        fits: Bool = np.isin(table.winner, list(self.classes))
        return fits


@dataclass(frozen=True)
class StateIs:
    """What is so or not, such as whether a ticker has a star.

    Attributes:
        names: Of `STATES`; one of them must hold.
    """

    names: tuple[str, ...]

    def fits(self, table: Table) -> Bool:
        """Return (n,) bool, which rows of the table it holds for."""
        fits: Bool = np.any([STATES[name](table) for name in self.names], axis=0)
        return fits


@dataclass(frozen=True, eq=False)
class TextHas:
    """A text that holds one of several words.

    Attributes:
        name: One of `TEXTS`; empty for any of them.
        words: Each is looked for in upper and lower case, as Korean initials too.
    """

    name: str
    words: tuple[str, ...]
    _known: list[tuple[object, Bool]] = field(default_factory=list)

    def fits(self, table: Table) -> Bool:
        """Return (n,) bool, which rows of the table it holds for."""
        # Names stay while numbers change with each cycle: they are read once a universe.
        if not self._known or self._known[0][0] is not table.symbols:
            found = re.compile("|".join(pattern(w.casefold()) for w in self.words)).search
            texts = [TEXTS[name](table) for name in _ALSO.get(self.name, (self.name,))]
            joined = ("\n".join(row).casefold() for row in zip(*texts, strict=True))
            fits = np.fromiter((found(row) is not None for row in joined), np.bool_, len(table))
            self._known[:] = [(table.symbols, fits)]
        return self._known[0][1]


@dataclass(frozen=True)
class TextIs:
    """A text that is one word and no other.

    Attributes:
        name: One of `TEXTS`.
        word: The word.
    """

    name: str
    word: str

    def fits(self, table: Table) -> Bool:
        """Return (n,) bool, which rows of the table it holds for."""
        texts = TEXTS[self.name](table)
        return np.fromiter((text == self.word for text in texts), np.bool_, len(table))


@dataclass(frozen=True)
class Among:
    """The ticker is one of these.

    Attributes:
        symbols: Their symbols.
    """

    symbols: frozenset[str]

    def fits(self, table: Table) -> Bool:
        """Return (n,) bool, which rows of the table it holds for."""
        return np.fromiter((s in self.symbols for s in table.symbols), np.bool_, len(table))


@dataclass(frozen=True)
class Not:
    """What another term does not hold for.

    Attributes:
        term: The other.
    """

    term: FilterTerm

    def fits(self, table: Table) -> Bool:
        """Return (n,) bool, which rows of the table it holds for."""
        return ~self.term.fits(table)


def _share(table: Table, which: Class) -> npt.NDArray[Any]:
    return np.where(table.decided, table.probabilities[:, which], np.nan)


_OPERATORS: Final[Mapping[str, Callable[[npt.NDArray[Any], float], Any]]] = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
    "=": lambda values, limit: np.isclose(values, limit, rtol=1e-6, atol=0.005),
}
