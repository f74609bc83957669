"""Colors as pure functions: the tokens of both themes, the price palettes and the ramps.

Colors are sRGB triples of 0..255; the caller makes the QColor. Nothing here knows Qt.
"""

import dataclasses
import functools
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from shared.contract import Float64
from shared.palettes import PALETTE_HUES, Hue, PaletteName

Rgb = tuple[int, int, int]
Scheme = Literal["dark", "light"]
Direction = Literal["up", "flat", "down"]

MIN_CONTRAST: Final = 4.5  # WCAG 2.2, 1.4.3, level AA for text
STRONGEST_TINT: Final = 0.45


def rgb(code: str) -> Rgb:
    """Return the color of a `#rrggbb` code."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def code(color: Rgb) -> str:
    """Return the `#rrggbb` code of a color."""
    return "#{:02x}{:02x}{:02x}".format(*color)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tokens:
    """The roles that colors play; both themes fill the same ones.

    Attributes:
        scheme: Which theme this is.
        surface: Behind everything.
        panel: Behind bars and boxes.
        raised: Behind what is chosen, such as the current list.
        hairline: The thinnest separation.
        text: What is read.
        muted: What is read second.
        accent: Up confidence as an area or a line, and the one accent.
        accent_text: Up confidence as text.
        flat: The flat class as an area.
        down: The down class as an area.
        flat_line: The flat class as a line.
        down_line: The down class as a line.
        speaks_for: The far end of saliency above 0.
        speaks_against: The far end of saliency below 0.
        no_saliency: The middle of the saliency ramp.
        live: The status dot of a live link to a market of now.
        played: The status dot of a live link to a market of another time.
        late: The status dot of a late link.
        lost: The status dot of a lost link.
        badge: Behind a warning label.
        badge_text: The words of a warning label.
    """

    scheme: Scheme
    surface: Rgb
    panel: Rgb
    raised: Rgb
    hairline: Rgb
    text: Rgb
    muted: Rgb
    accent: Rgb
    accent_text: Rgb
    flat: Rgb
    down: Rgb
    flat_line: Rgb
    down_line: Rgb
    speaks_for: Rgb
    speaks_against: Rgb
    no_saliency: Rgb
    live: Rgb
    played: Rgb
    late: Rgb
    lost: Rgb
    badge: Rgb
    badge_text: Rgb


DARK: Final = Tokens(
    scheme="dark",
    surface=rgb("#0f131a"),
    panel=rgb("#151b24"),
    raised=rgb("#232e3b"),
    hairline=rgb("#232b37"),
    text=rgb("#d9dee7"),
    muted=rgb("#7d8898"),
    accent=rgb("#26a69a"),
    accent_text=rgb("#74e0d1"),
    flat=rgb("#4b5565"),
    down=rgb("#2c3857"),
    flat_line=rgb("#7d8898"),
    down_line=rgb("#5b6fb5"),
    speaks_for=rgb("#ffa63d"),
    speaks_against=rgb("#b388f0"),
    no_saliency=rgb("#232a36"),
    live=rgb("#3fb950"),
    played=rgb("#58a6ff"),
    late=rgb("#d29922"),
    lost=rgb("#f85149"),
    badge=rgb("#43300f"),
    badge_text=rgb("#e3b04b"),
)
LIGHT: Final = Tokens(
    scheme="light",
    surface=rgb("#ffffff"),
    panel=rgb("#f5f7fa"),
    raised=rgb("#e2e8ef"),
    hairline=rgb("#dfe4eb"),
    text=rgb("#1a2330"),
    muted=rgb("#5f6b7a"),
    accent=rgb("#26a69a"),
    accent_text=rgb("#0b6b62"),
    flat=rgb("#b3bcc8"),
    down=rgb("#8e9cc6"),
    flat_line=rgb("#7d8898"),
    down_line=rgb("#5b6fb5"),
    speaks_for=rgb("#cc5f00"),
    speaks_against=rgb("#6a3fb5"),
    no_saliency=rgb("#e9edf2"),
    live=rgb("#1a7f37"),
    played=rgb("#0969da"),
    late=rgb("#b7791f"),
    lost=rgb("#cf222e"),
    badge=rgb("#fbe7bd"),
    badge_text=rgb("#7a4d00"),
)


@dataclasses.dataclass(frozen=True)
class Palette:
    """The colors of price moves; ▲ and ▼ say the same without color."""

    up: Rgb
    down: Rgb


_HUES: Final[dict[Hue, Rgb]] = {
    "red": rgb("#e5534b"),
    "green": rgb("#3fae68"),
    "blue": rgb("#4c8dff"),
    "light blue": rgb("#4aa3e8"),
    "yellow": rgb("#e2c93f"),
}
PALETTES: Final = {
    name: Palette(up=_HUES[hues.up], down=_HUES[hues.down]) for name, hues in PALETTE_HUES.items()
}
_HABITS: Final[dict[str, PaletteName]] = {
    "ko": "korean",
    "zh": "east-asian",
    "ja": "east-asian",
}


def palette_of(setting: Literal["auto", PaletteName], language: str) -> Palette:
    """Return the palette of a `palette` setting; `auto` follows the language (ISO 639-1)."""
    return PALETTES[_HABITS.get(language, "western") if setting == "auto" else setting]


def direction(change: float) -> Direction:
    """Return which way a price moved."""
    if change == 0:
        return "flat"
    return "up" if change > 0 else "down"


def mix(over: Rgb, under: Rgb, alpha: float) -> Rgb:
    """Return `over` painted with opacity `alpha` on `under`, in sRGB as screens do it."""
    return _triple(alpha * np.array(over) + (1 - alpha) * np.array(under))


# Björn Ottosson, "A perceptual color space for image processing", 2020.
_LINEAR_TO_CONE: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_CONE_TO_LAB: Final = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LAB_TO_CONE: Final = np.linalg.inv(_CONE_TO_LAB)
_CONE_TO_LINEAR: Final = np.linalg.inv(_LINEAR_TO_CONE)


def to_oklab(colors: npt.ArrayLike) -> Float64:
    """Return (..., 3) float64 OKLab (lightness 0..1, a, b) of (..., 3) sRGB 0..255."""
    lab: Float64 = np.cbrt(_linear(colors) @ _LINEAR_TO_CONE.T) @ _CONE_TO_LAB.T
    return lab


def from_oklab(lab: npt.ArrayLike) -> Float64:
    """Return (..., 3) float64 sRGB 0..255 of (..., 3) OKLab, clipped to what screens show."""
    linear = (np.asarray(lab) @ _LAB_TO_CONE.T) ** 3 @ _CONE_TO_LINEAR.T
    linear = np.clip(linear, 0.0, 1.0)
    low, high = 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055
    result: Float64 = 255 * np.where(linear <= 0.0031308, low, high)
    return result


def _linear(colors: npt.ArrayLike) -> Float64:
    # IEC 61966-2-1, the transfer function of sRGB.
    encoded = np.asarray(colors, dtype=np.float64) / 255
    low, high = encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4
    result: Float64 = np.where(encoded <= 0.04045, low, high)
    return result


def _triple(color: Float64) -> Rgb:
    r, g, b = (round(float(c)) for c in color)
    return r, g, b


def _between(start: Rgb, end: Rgb, share: float) -> Rgb:
    a, b = to_oklab(start), to_oklab(end)
    return _triple(from_oklab(a + share * (b - a)))


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio 1..21 of two colors (WCAG 2.2, "contrast ratio")."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    dark, bright = sorted(float(_linear(c) @ weights) for c in (one, other))
    return (bright + 0.05) / (dark + 0.05)


@functools.cache
def readable(color: Rgb, background: Rgb, minimum: float = MIN_CONTRAST) -> Rgb:
    """Return `color`, moved toward black or white until it has `minimum` contrast.

    Raises:
        ValueError: Neither black nor white has that contrast with `background`.
    """
    pole = max(((0, 0, 0), (255, 255, 255)), key=lambda p: contrast(p, background))
    steps = (_between(color, pole, share) for share in np.linspace(0, 1, 51))
    for step in steps:
        if contrast(step, background) >= minimum:
            return step
    raise ValueError(f"no color has contrast {minimum} with {code(background)}")


def row_tint(share: float, tokens: Tokens) -> Rgb:
    """Return the background of a row, from the bare surface to strong; `share` is 0 to 1.

    The strong end is the accent over the surface at opacity 0.45; on the way lightness grows in
    even steps, because the line between two colors is straight in OKLab.
    """
    strongest = mix(tokens.accent, tokens.surface, STRONGEST_TINT)
    return _between(tokens.surface, strongest, share)


def verdict_color(share: float, tokens: Tokens) -> Rgb:
    """Return the color of a verdict of class 2 in words, whose row has that share of the tint."""
    return _between(tokens.muted, tokens.accent_text, 0.25 + 0.75 * share)


@dataclasses.dataclass(frozen=True)
class RowColors:
    """What is painted in one row; every text has `MIN_CONTRAST` with the tint."""

    tint: Rgb
    text: Rgb
    muted: Rgb
    up: Rgb
    flat: Rgb
    down: Rgb


def row_colors(tint: Rgb, tokens: Tokens, palette: Palette) -> RowColors:
    """Return the colors of a row with background `tint`."""
    roles = (tokens.text, tokens.muted, palette.up, tokens.muted, palette.down)
    return RowColors(tint, *(readable(role, tint) for role in roles))


def stale_colors(tokens: Tokens) -> RowColors:
    """Return the colors of a row whose values are old: grey, whatever they were."""
    grey = readable(tokens.muted, tokens.surface)
    return RowColors(tokens.surface, grey, grey, grey, grey, grey)
