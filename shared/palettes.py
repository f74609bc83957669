"""The palettes of price moves. The setting, its words and the desk's colors are made from here."""

from typing import Final, Literal, NamedTuple

Hue = Literal["red", "green", "blue", "light blue", "yellow"]
PaletteName = Literal["korean", "western", "east-asian", "colour-blind"]


class Hues(NamedTuple):
    """The hue of a rise and that of a fall; the desk has the exact colors."""

    up: Hue
    down: Hue


PALETTE_HUES: Final[dict[PaletteName, Hues]] = {
    "korean": Hues(up="red", down="blue"),
    "western": Hues(up="green", down="red"),
    "east-asian": Hues(up="red", down="green"),
    # Blue and yellow stay apart for every kind of color blindness, and from orange and violet.
    "colour-blind": Hues(up="light blue", down="yellow"),
}
PALETTE_WORDS: Final = "; ".join(
    f"`{name}` is up {hues.up}, down {hues.down}" for name, hues in PALETTE_HUES.items()
)
