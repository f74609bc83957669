from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from shared.settings import SECTIONS, described


class Made(msgspec.Struct):
    size: Annotated[int, Meta(ge=1, description="how `many`")] = 3
    on: Annotated[bool, Meta(description="or off")] = True


class Hidden(msgspec.Struct):
    token: Annotated[str, Meta(description="of the vendor", extra={"secret": True})] = ""


class Silent(msgspec.Struct):
    size: int = 3


def test_a_setting_is_told_by_its_type() -> None:
    size, on = described(Made)
    assert (size.name, size.words, size.plain_words) == ("size", "how `many`", "how many")
    assert (size.default_text, on.default_text) == ("3", "on")
    assert (size.switch, on.switch) == (False, True)


def test_a_setting_without_words_is_refused() -> None:
    with pytest.raises(TypeError, match="size"):
        described(Silent)


def test_a_secret_is_marked_in_its_type() -> None:
    size, on = described(Made)
    (token,) = described(Hidden)
    assert (size.secret, on.secret, token.secret) == (False, False, True)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_has_words_and_a_default_that_fits(section: str) -> None:
    kind = SECTIONS[section]
    assert msgspec.convert({s.name: s.default for s in described(kind)}, kind) == kind()
