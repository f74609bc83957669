import msgspec
import numpy as np
import pytest

from shared.errors import WireError
from shared.protocol import wire
from shared.protocol.heatmaps import Heatmaps
from shared.protocol.messages import Heatmap
from tests.kit.maker import Maker


@pytest.fixture
def three() -> list[Heatmap]:
    make = Maker()
    maps = [make.heatmap(symbol, newest_ms=9 + i) for i, symbol in enumerate(("A", "005930", "C"))]
    return [
        msgspec.structs.replace(
            one,
            stamp=msgspec.structs.replace(
                one.stamp, sequence=7 + i, newest_bar_ms=int(one.bar_ms[-1])
            ),
            saliency=one.saliency + np.float32(i),
            top_drop=0.25 * i,
        )
        for i, one in enumerate(maps)
    ]


def together(maps: list[Heatmap]) -> Heatmaps:
    arrays = {name: np.stack([one.array(name) for one in maps]) for name in Heatmap.ARRAYS}
    drops = {n: np.array([getattr(m, n) for m in maps]) for n in ("top_drop", "random_drop")}
    first = maps[0]
    fields = {"stamp": first.stamp, "symbols": tuple(one.symbol for one in maps)}
    words = {name: getattr(first, name) for name in ("method", "title", "kind")}
    return Heatmaps.of_parts(fields | words, arrays | drops)


def test_several_are_said_as_each_alone(three: list[Heatmap]) -> None:
    said = [[bytes(f) for f in frames] for frames in wire.encode_said(together(three))]
    alone = [[bytes(f) for f in wire.encode_published(one)] for one in three]
    assert said == alone
    again = [[bytes(f) for f in wire.encode_published(m)] for m in together(three).each()]
    assert again == alone


def test_of_answers_none_has_a_number(three: list[Heatmap]) -> None:
    unnumbered = [
        msgspec.structs.replace(m, stamp=msgspec.structs.replace(m.stamp, sequence=0))
        for m in three
    ]
    assert [m.stamp.sequence for m in together(unnumbered).each()] == [0, 0, 0]


def test_what_no_heatmap_may_say_none_of_several_may(three: list[Heatmap]) -> None:
    good = together(three)
    wrong = {
        "saliency": (np.nan, "finite"),
        "raw": (1e30, "outside"),
        "probabilities": (0.9, "add up"),
        "scores": (0.9, "add up"),
        "top_drop": (1.5, "outside"),
        "bar_ms": (0, "out of order"),
    }
    for name, (value, sentence) in wrong.items():
        array = good.array(name).copy()
        array[(1, *[-1] * (array.ndim - 1))] = value
        with pytest.raises(WireError, match=sentence):
            msgspec.structs.replace(good, **{name: array})
    with pytest.raises(WireError, match="twice"):
        msgspec.structs.replace(good, symbols=("A", "A", "C"))
