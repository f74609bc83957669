from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.state import colors
from client.state.colors import DARK, LIGHT, PALETTES, Palette, Rgb, Tokens
from shared.palettes import PaletteName

THEMES = pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
SHADES = st.tuples(*[st.integers(0, 255)] * 3)


def lightness(color: Rgb) -> float:
    return float(colors.to_oklab(color)[0])


def test_a_code_and_its_color_are_each_others_inverse() -> None:
    assert colors.rgb("#26a69a") == (38, 166, 154)
    assert colors.code((38, 166, 154)) == "#26a69a"


def test_oklab_of_white_and_of_red_is_as_published() -> None:
    np.testing.assert_allclose(colors.to_oklab((255, 255, 255)), (1, 0, 0), atol=1e-4)
    np.testing.assert_allclose(colors.to_oklab((255, 0, 0)), (0.628, 0.225, 0.126), atol=1e-3)


@given(SHADES)
def test_oklab_and_back_is_the_same_color(color: Rgb) -> None:
    np.testing.assert_allclose(colors.from_oklab(colors.to_oklab(color)), color, atol=0.05)


def test_contrast_of_black_and_white_is_21_in_either_order() -> None:
    assert colors.contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert colors.contrast((255, 255, 255), (0, 0, 0)) == pytest.approx(21)


def test_mixing_half_and_half_is_the_middle() -> None:
    assert colors.mix((100, 0, 200), (0, 100, 0), 0.5) == (50, 50, 100)


@given(SHADES, SHADES)
def test_a_readable_color_has_the_contrast_on_any_background(color: Rgb, behind: Rgb) -> None:
    assert colors.contrast(colors.readable(color, behind), behind) >= colors.MIN_CONTRAST


def test_a_color_that_is_readable_already_stays_as_it_is() -> None:
    assert colors.readable(DARK.text, DARK.surface) == DARK.text


def test_a_contrast_that_no_color_has_is_refused() -> None:
    with pytest.raises(ValueError, match="no color has contrast 21"):
        colors.readable((0, 0, 0), (128, 128, 128), minimum=21)


@THEMES
def test_no_tint_stands_at_nothing_and_45_percent_of_the_accent_at_the_top(tokens: Tokens) -> None:
    assert colors.row_tint(0.0, tokens) == tokens.surface
    assert colors.row_tint(1.0, tokens) == colors.mix(tokens.accent, tokens.surface, 0.45)
    assert colors.row_tint(0.03, tokens) != tokens.surface


@THEMES
def test_lightness_of_the_tint_goes_one_way_in_even_steps(tokens: Tokens) -> None:
    steps = np.linspace(0, 1, 9)
    change = np.diff([lightness(colors.row_tint(c, tokens)) for c in steps])
    assert (np.sign(change) == (1 if tokens.scheme == "dark" else -1)).all()
    np.testing.assert_allclose(change, change.mean(), atol=0.004)  # colors are rounded to 8 bits


@THEMES
@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES.keys())
def test_all_text_of_a_row_is_readable_at_every_confidence(
    tokens: Tokens, palette: Palette
) -> None:
    for percent in range(101):
        row = colors.row_colors(colors.row_tint(percent / 100, tokens), tokens, palette)
        for color in (row.text, row.muted, row.up, row.flat, row.down):
            assert colors.contrast(color, row.tint) >= colors.MIN_CONTRAST


@THEMES
@pytest.mark.parametrize("behind", ["surface", "panel"])
def test_words_are_readable_on_every_ground(tokens: Tokens, behind: str) -> None:
    for words in (tokens.text, tokens.muted, tokens.accent_text):
        assert colors.contrast(words, getattr(tokens, behind)) >= colors.MIN_CONTRAST
    assert colors.contrast(tokens.badge_text, tokens.badge) >= colors.MIN_CONTRAST


@THEMES
def test_stale_rows_are_grey_and_readable(tokens: Tokens) -> None:
    stale = colors.stale_colors(tokens)
    assert stale.up == stale.down == stale.text
    assert colors.contrast(stale.text, stale.tint) >= colors.MIN_CONTRAST


@pytest.mark.parametrize(
    ("setting", "language", "expected"),
    [
        ("auto", "ko", "korean"),
        ("auto", "ja", "east-asian"),
        ("auto", "zh", "east-asian"),
        ("auto", "de", "western"),
        ("western", "ko", "western"),
        ("colour-blind", "ko", "colour-blind"),
        ("east-asian", "ko", "east-asian"),
    ],
)
def test_the_palette_follows_the_setting_before_the_language(
    setting: Literal["auto", PaletteName], language: str, expected: PaletteName
) -> None:
    assert colors.palette_of(setting, language) == PALETTES[expected]


def test_no_price_color_is_near_a_color_of_confidence_or_saliency() -> None:
    meanings = [DARK.accent, DARK.speaks_for, DARK.speaks_against]
    for palette in PALETTES.values():
        for price in (palette.up, palette.down):
            for other in meanings:
                distance = np.linalg.norm(colors.to_oklab(price) - colors.to_oklab(other))
                assert distance > 0.07


@pytest.mark.parametrize(("change", "expected"), [(0.1, "up"), (0.0, "flat"), (-0.1, "down")])
def test_direction_of_a_change(change: float, expected: str) -> None:
    assert colors.direction(change) == expected
