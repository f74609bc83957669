import numpy as np
import pytest

from client.state import colors
from client.state.colors import DARK, LIGHT, Rgb, Tokens
from client.state.ramp import Ramp, limit_of, signed_ramp, strength_ramp

THEMES = pytest.mark.parametrize("tokens", [DARK, LIGHT])
GREYS: tuple[Rgb, ...] = tuple((i, i, i) for i in range(11))


def away(ramp: Ramp, tokens: Tokens) -> list[float]:
    """Return how far each color is from nothing in lightness."""
    lightness = colors.to_oklab(ramp.colors)[:, 0]
    return [float(x) for x in np.abs(lightness - colors.to_oklab(tokens.no_saliency)[0])]


@THEMES
def test_signs_are_nothing_in_the_middle_and_stronger_toward_both_ends(tokens: Tokens) -> None:
    ramp = signed_ramp(tokens)
    assert len(ramp.colors) == 255
    assert ramp.colors[127] == tokens.no_saliency
    assert ramp.colors[-1] == tokens.speaks_for
    assert ramp.colors[0] == tokens.speaks_against
    steps = away(ramp, tokens)
    for half in (steps[127::8], steps[127::-8]):
        assert (np.diff(half) > 0).all()


@THEMES
def test_strength_grows_evenly_from_nothing_and_takes_neither_side(tokens: Tokens) -> None:
    ramp = strength_ramp(tokens)
    assert ramp.colors[0] == tokens.no_saliency
    assert ramp.colors[-1] == tokens.text
    assert (np.diff(away(ramp, tokens)[::8]) > 0).all()
    assert not {tokens.speaks_for, tokens.speaks_against} & set(ramp.colors)


def test_signed_colors_are_symmetric_about_zero_and_end_at_the_limits() -> None:
    ramp = Ramp(GREYS, signed=True)
    assert [ramp.color(v, 2.0)[0] for v in (-9.0, -2.0, 0.0, 1.0, 2.0)] == [0, 0, 5, 8, 10]
    assert ramp.color(0.0, 0.0) == (5, 5, 5)


def test_strength_starts_at_zero() -> None:
    ramp = Ramp(GREYS, signed=False)
    assert [ramp.color(v, 2.0)[0] for v in (-1.0, 0.0, 1.0, 9.0)] == [0, 0, 5, 10]
    assert ramp.color(0.0, 0.0) == (0, 0, 0)


@pytest.mark.parametrize("signed", [True, False])
def test_many_colors_at_once_are_those_of_one(signed: bool) -> None:
    ramp = Ramp(GREYS, signed=signed)
    values = np.array([[-9.0, -1.0, 0.0], [0.5, 2.0, 9.0]], np.float32)
    limits = np.array([[2.0], [0.0]], np.float32)
    pixels = ramp.pixels(values, limits)
    for found, row, (limit,) in zip(pixels.tolist(), values, limits, strict=True):
        wanted = [ramp.color(float(v), float(limit)) for v in row]
        assert found == [0xFF000000 | r << 16 | g << 8 | b for r, g, b in wanted]


def test_the_limit_is_the_number_farthest_from_zero() -> None:
    assert limit_of(np.array([[1, -3], [2, 0]], np.float32)) == 3
