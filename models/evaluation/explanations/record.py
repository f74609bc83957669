"""What `explain-check` found, as a record: JSON for readers, and `explain.json` of a bundle."""

import datetime
from collections.abc import Sequence
from typing import Literal, TypeVar

import msgspec

from models.data.sources.reading import FileReading
from models.evaluation.explanations.synthetic import Learned, Truth
from models.evaluation.metrics.bootstrap import Measured
from shared.explaining import Columns, Verdict

M = TypeVar("M", bound="MethodMeasures")


class MethodMeasures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was measured of one method.

    Attributes:
        name: As in `models.explain.methods`.
        title: What people read.
        columns: 8 for cells, 1 for bars.
        deletion: By how much the winner's probability falls lower, as an area, when units go in
            the order of the map instead of a random one; above 0 is better than chance.
        insertion: By how much it rises higher when units come in that order.
        curve: Mean probability of the winner while the first k units are deleted.
        infidelity: Share of what happens to the logit that the map does not foretell, 0 to 1.
        sensitivity: Greatest relative change of the map under noise of 0.02.
        same_twice: Whether the same windows gave the same maps.
        across_windows: How like the maps of different windows are, -1 to 1.
        cascade: How like the maps stay while layers become random, the head first, each with all
            before it.
        shuffled: How like they are to those of a network trained on shuffled labels.
        shift: How like the maps of a window and of the next are, at the bars they share.
        gives_away: AUC with which a change of the map tells an attack (PGD) from noise.
        planted: By case that was learned, how right it is where the truth is known.
        microseconds: Time for a window, in a batch.
    """

    name: str
    title: str
    columns: Columns
    deletion: Measured
    insertion: Measured
    curve: tuple[float, ...]
    infidelity: float
    sensitivity: float
    same_twice: bool
    across_windows: float
    cascade: dict[str, float]
    shuffled: float
    shift: float
    gives_away: float
    planted: dict[str, Truth]
    microseconds: float

    @property
    def head_random(self) -> float:
        """Return how like the maps stay when the head alone is random."""
        return next(iter(self.cascade.values()))

    @property
    def all_random(self) -> float:
        """Return how like they stay when all layers are."""
        return list(self.cascade.values())[-1]

    def planted_mean(
        self, prefix: str, measure: Literal["pointing", "mass", "rank"]
    ) -> float | None:
        """Return the mean of a measure over the cases whose name starts so; None without any."""
        found = [getattr(t, measure) for name, t in self.planted.items() if name.startswith(prefix)]
        return float(sum(found) / len(found)) if found else None


class MethodCheck(MethodMeasures, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was measured of one method, and what that means.

    Attributes:
        verdict: What it means.
    """

    verdict: Verdict


class PlantedCase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A truth that was planted.

    Attributes:
        name: The identifier.
        title: What people read.
        learned: How far the network learned it.
    """

    name: str
    title: str
    learned: Learned


class Flips(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often the winner changes within a radius.

    Attributes:
        radius: In standard deviations of each feature.
        noise: Share of windows whose winner changes when each cell moves at random by the radius.
        fgsm: The same for one signed step.
        pgd: The same for ten projected steps.
    """

    radius: float
    noise: float
    fgsm: float
    pgd: float


class ExplanationCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that was found of a bundle's explanations.

    Attributes:
        version: Of this format.
        model_id: The bundle.
        weights_sha256: Its weights.
        created: When, UTC.
        data: Names of the files.
        reading: What was understood of them; None where the bars are of none.
        first: Close of the oldest newest bar of the windows, UTC.
        last: Close of the newest.
        windows: How many windows were explained.
        days: On how many days.
        random_cells: Mean probability of the winner while the first k cells of random orders go.
        random_bars: The same for whole bars.
        flips: How easily the answer itself is turned.
        cases: The planted truths.
        methods: Each method.
    """

    version: Literal[2] = 2
    model_id: str
    weights_sha256: str
    created: datetime.datetime
    data: tuple[str, ...]
    first: datetime.datetime
    last: datetime.datetime
    windows: int
    days: int
    random_cells: tuple[float, ...]
    random_bars: tuple[float, ...]
    flips: tuple[Flips, ...]
    cases: tuple[PlantedCase, ...]
    methods: tuple[MethodCheck, ...]
    reading: FileReading | None = None

    def method(self, name: str) -> MethodCheck:
        """Return what was found of a method.

        Raises:
            KeyError: It was not checked.
        """
        for found in self.methods:
            if found.name == name:
                return found
        raise KeyError(name)

    @property
    def best(self) -> MethodCheck:
        """Return the method of cells whose order does most to the answer."""
        return best_of(self.methods)


def best_of(methods: Sequence[M]) -> M:
    """Return the method of cells whose order does most to the answer."""
    return max((m for m in methods if m.columns > 1), key=lambda m: m.deletion.value)
