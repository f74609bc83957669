"""What the server counts, as it stood at one moment: for whoever watches over it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.protocol.messages import Status


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who is let in; nothing is counted where nothing is locked.

    Attributes:
        desks: Names of those that are connected.
        admitted: Connections that were let in.
        refused: Connections that were not, for want of an allowed key.
    """

    desks: tuple[str, ...]
    admitted: int
    refused: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Figures:
    """Counts since the start; nothing of it changes any more, so that any thread may read it.

    Attributes:
        status: What desks are told: phase, tickers, bars accepted and dropped.
        cycles: Batches that were taken.
        cycle_s: Seconds that they took, all together.
        answers: Answers by their type.
        refusals: Refusals by their code.
        explanations: Questions for explanations, by what became of them.
        access: Who is let in.
    """

    status: Status
    cycles: int
    cycle_s: float
    answers: Mapping[str, int]
    refusals: Mapping[str, int]
    explanations: Mapping[str, int]
    access: Access


TellFigures = Callable[[Figures], None]
