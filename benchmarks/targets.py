"""What a trial found, beside what was wanted of it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of a trial.

    Attributes:
        name: What was measured.
        measured: What came out, with its unit.
        wanted: What it was held against; empty for a figure that only helps to read the others.
        holds: Whether it is as wanted.
    """

    name: str
    measured: str
    wanted: str = ""
    holds: bool = True


@dataclass(frozen=True, kw_only=True)
class ChaosReport:
    """A thing that goes wrong on purpose, and what became of it.

    Attributes:
        title: What was done, how often or how long.
        targets: The figures.
        note: What the reader must know to read them.
    """

    title: str
    targets: tuple[Figure, ...]
    note: str = ""
