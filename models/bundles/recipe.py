"""How a network is trained: what training is told, and what a card keeps of it."""

from typing import Annotated, Literal

import msgspec

from models.data.ranges import AboveZero, AtLeastOne, AtLeastZero

_Few = Annotated[int, msgspec.Meta(ge=1, le=64)]

EndedBy = Literal["patience", "epochs", "interrupt"]
ClassWeights = Literal["none", "balanced"]


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to train; the card keeps it.

    Attributes:
        seed: Start of all random numbers of the first run; each further run takes the next.
        seeds: Runs, each from its own seed; never fewer than `ensemble`.
        ensemble: How many of them are kept, those with the least validation loss, as one network.
        epochs: Passes over the train span, at most.
        patience: Passes without a better validation loss after which a run ends.
        batch: Samples a step.
        learning_rate: Of AdamW.
        weight_decay: Of AdamW.
        class_weights: Whether each sample counts alike (`none`), or each class of the train span
            (`balanced`); both in the steps and in the validation loss.
    """

    seed: AtLeastZero = 0
    seeds: _Few = 1
    ensemble: _Few = 1
    epochs: AtLeastOne = 60
    patience: AtLeastOne = 8
    batch: AtLeastOne = 512
    learning_rate: AboveZero = 1e-3
    weight_decay: Annotated[float, msgspec.Meta(ge=0, le=1e12)] = 1e-2
    class_weights: ClassWeights = "none"

    @property
    def runs(self) -> int:
        """Return how many networks are trained."""
        return max(self.seeds, self.ensemble)
