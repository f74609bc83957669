"""The colors of what is not of now: greys alone, whose lightness still tells the parts apart."""

import dataclasses

from client.state.colors import Palette, Tokens, mix


def grey_tokens(tokens: Tokens) -> Tokens:
    """Return the colors of a theme with every one that means something replaced by a grey.

    Up is lighter than flat, flat than down, and what speaks for than what speaks against.
    """
    text, panel = tokens.text, tokens.panel
    return dataclasses.replace(
        tokens,
        accent=mix(text, panel, 0.62),
        accent_text=mix(text, panel, 0.7),
        flat=mix(text, panel, 0.3),
        down=mix(text, panel, 0.2),
        flat_line=mix(text, panel, 0.45),
        down_line=mix(text, panel, 0.3),
        speaks_for=mix(text, panel, 0.78),
        speaks_against=mix(text, panel, 0.42),
    )


def grey_palette(tokens: Tokens) -> Palette:
    """Return greys in place of the colors of price moves; ▲ and ▼ say the same."""
    text, panel = tokens.text, tokens.panel
    return Palette(up=mix(text, panel, 0.7), down=mix(text, panel, 0.4))
