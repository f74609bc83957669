import msgspec
import pytest

from shared.explaining import Finding, Grade, MapKind, MethodCard, OfferedMethod, Verdict
from tests.kit.methods import GUIDED


def test_what_cannot_be_told_is_no_fault() -> None:
    by_grade = {grade: [f for f in Finding if f.grade is grade] for grade in Grade}
    assert by_grade[Grade.UNKNOWN] == [Finding.TOO_FEW_DAYS]
    assert {f.value.split("_")[0] for f in by_grade[Grade.TRUE]} == {"true"}
    assert len(by_grade[Grade.TRUE]) == 4
    assert Finding.NO_BETTER_THAN_RANDOM in by_grade[Grade.FAULT]


def test_a_method_comes_back_from_the_wire_as_it_was() -> None:
    sent = msgspec.msgpack.encode(GUIDED)
    assert msgspec.msgpack.decode(sent, type=OfferedMethod) == GUIDED
    assert msgspec.msgpack.decode(sent)["kind"] == "slope"
    assert msgspec.msgpack.decode(sent)["verdict"]["finding"] == "blind_to_head"


@pytest.mark.parametrize("kind", [MapKind.SLOPE, MapKind.SHARE])
def test_a_slope_or_a_share_has_signs(kind: MapKind) -> None:
    with pytest.raises(ValueError, match=f"a {kind.value} has signs"):
        MethodCard(name="made", title="Made", columns=8, signed=False, kind=kind, note="")


@pytest.mark.parametrize(
    "wrong",
    [
        {"finding": "true here"},
        {"finding": 3},
        {"finding": "blind_to_head", "value": "much"},
        {"value": 0.4},
    ],
)
def test_a_verdict_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Verdict)
