import msgspec
import pytest

from server.feeds.settings import SETTINGS
from shared.settings import described


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_has_words_and_a_default_that_fits(name: str) -> None:
    kind = SETTINGS[name]
    assert msgspec.convert({s.name: s.default for s in described(kind)}, kind) == kind()


@pytest.mark.parametrize("name", ["simulated", "replay"])
@pytest.mark.parametrize("speed", ["max", "0.5", "600"])
def test_speed_is_a_number_or_max(name: str, speed: str) -> None:
    got = msgspec.convert({"speed": speed}, SETTINGS[name], strict=False)
    assert str(msgspec.to_builtins(got)["speed"]) in {speed, f"{speed}.0"}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"speed": 0}, SETTINGS[name])
