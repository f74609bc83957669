import itertools

import pytest

from client.state.colors import DARK, LIGHT, Rgb, Tokens, to_oklab
from client.state.greys import grey_palette, grey_tokens


def chroma(color: Rgb) -> int:
    return max(color) - min(color)


def contrast_to(tokens: Tokens, *colors: Rgb) -> list[float]:
    panel = to_oklab(tokens.panel)[..., 0]
    return [abs(float(to_oklab(color)[..., 0] - panel)) for color in colors]


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.scheme)
def test_no_color_is_left_and_the_parts_can_be_told_apart(tokens: Tokens) -> None:
    grey, palette = grey_tokens(tokens), grey_palette(tokens)
    most = max(chroma(tokens.text), chroma(tokens.panel), chroma(tokens.muted))
    parts = (grey.accent, grey.flat_line, grey.down_line)
    ends = (grey.speaks_for, grey.speaks_against, grey.no_saliency)
    for colors in (parts, ends, (palette.up, palette.down)):
        assert all(chroma(color) <= most for color in colors)
        told = contrast_to(tokens, *colors)
        assert told == sorted(told, reverse=True)
        assert all(b - a < -0.05 for a, b in itertools.pairwise(told))
