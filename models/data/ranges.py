"""Numbers of cards, recipes and rules, each with the range that it must lie in."""

from typing import Annotated

from msgspec import Meta

from shared.limits import MAX_COUNT

# What none of ours comes near; beyond it arithmetic overflows, and nobody has looked what of it.
_MOST = 1e12

AtLeastZero = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
AtLeastOne = Annotated[int, Meta(ge=1, le=MAX_COUNT)]
AboveZero = Annotated[float, Meta(gt=0, le=_MOST)]
Measure = Annotated[float, Meta(ge=-_MOST, le=_MOST)]
ProperShare = Annotated[float, Meta(gt=0, lt=1)]
