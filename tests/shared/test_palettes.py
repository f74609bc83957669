from typing import get_args

import msgspec
import pytest

from shared.palettes import PALETTE_HUES, PALETTE_WORDS, PaletteName
from shared.settings import DeskSettings, described


def test_every_palette_has_its_hues_and_no_two_the_same() -> None:
    assert tuple(PALETTE_HUES) == get_args(PaletteName)
    assert len(set(PALETTE_HUES.values())) == len(PALETTE_HUES)


@pytest.mark.parametrize("name", PALETTE_HUES)
def test_every_palette_can_be_chosen_and_is_described(name: PaletteName) -> None:
    assert msgspec.convert({"palette": name}, DeskSettings).palette == name
    (setting,) = (s for s in described(DeskSettings) if s.name == "palette")
    assert name in setting.choices
    assert PALETTE_WORDS in setting.words
    assert f"`{name}`" in PALETTE_WORDS
