"""The methods of explanation that the server offers, as the desk lists them."""

import dataclasses
from typing import Final

from shared.protocol.explanations import Methods

# How `tickerlens-models explain-check` begins a verdict on what holds, and names the worst fault.
_TRUE: Final = "true here"
_INSANE: Final = "fails the sanity check"


@dataclasses.dataclass(frozen=True, kw_only=True)
class OfferedMethod:
    """One method.

    Attributes:
        name: What requests carry.
        title: What people call it.
        time_only: Whether it has a number for a bar alone, and none for its features.
        signed: Whether below 0 means against.
        note: What it shows, and what it loses.
        verdict: What checks found of it on this model; empty where it was not checked.
    """

    name: str
    title: str
    time_only: bool = False
    signed: bool = True
    note: str = ""
    verdict: str = ""

    @property
    def remark(self) -> str:
        """What stands beside the title in a list: the verdict without its reason."""
        found = self.verdict.partition(":")[0].removesuffix(", but knows time only")
        if self.is_doubtful:
            found = found.rpartition(", but ")[2].partition(" where ")[0]
        if _INSANE in self.verdict:
            found = _INSANE
        return " · ".join(filter(None, ("time only" if self.time_only else "", found)))

    @property
    def is_doubtful(self) -> bool:
        """Whether a check of this model found a fault."""
        return bool(self.verdict) and not self.verdict.startswith(_TRUE)


# What is published with each decision: known before the server has said what else there is.
LIVE: Final = OfferedMethod(name="saliency", title="Saliency")
PRODUCT: Final = "gradient_x_input"  # the live one times the window, which is published with it


def methods_of(answer: Methods) -> tuple[OfferedMethod, ...]:
    """Return the methods of an answer, the live one first."""
    columns = (
        answer.names,
        answer.titles,
        answer.columns,
        answer.signed,
        answer.notes,
        answer.verdicts,
    )
    return tuple(
        OfferedMethod(
            name=name,
            title=title,
            time_only=columns_of_map == 1,
            signed=signed,
            note=note,
            verdict=verdict,
        )
        for name, title, columns_of_map, signed, note, verdict in zip(*columns, strict=True)
    )
