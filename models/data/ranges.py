"""Numbers of cards, recipes and rules, each with the range that it must lie in."""

from typing import Annotated

from msgspec import Meta

AtLeastZero = Annotated[int, Meta(ge=0)]
AtLeastOne = Annotated[int, Meta(ge=1)]
AboveZero = Annotated[float, Meta(gt=0)]
ProperShare = Annotated[float, Meta(gt=0, lt=1)]
