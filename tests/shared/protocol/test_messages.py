from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.columns import DECIDED, FORMING, UP_WINS
from shared.errors import WireError
from shared.features import Feature
from shared.protocol import wire
from shared.protocol.answers import Bars, BuyLog, ModelCard, Snapshot, Universe
from shared.protocol.envelope import Message
from shared.protocol.explanations import Explanation, Methods
from shared.protocol.messages import Bar, Buy, Confidence, Heatmap
from shared.protocol.rows import pack_sets, unpack_sets
from tests.kit.for_each import for_each
from tests.kit.methods import CAM, LIVE, UNSIGNED

Builder = Callable[..., Any]

FEATURE = Feature(name="age", label="age")
SAME_LABEL = tuple(Feature(name=f"age_{i}", label="age") for i in range(8))


def f4(*values: Any) -> Any:
    return np.array(values, np.float32)


def u1(*values: int) -> Any:
    return np.array(values, np.uint8)


@for_each(
    ("kind", "changes", "sentence"),
    [
        (Confidence, {"symbols": ("A", "A")}, "stands twice"),
        (Confidence, {"symbols": ("A", "B C")}, "without blanks"),
        (Confidence, {"symbols": ("A",)}, "must be"),
        (Confidence, {"probabilities": f4((1.2, 0, -0.2), (0, 0, 0))}, "outside 0..1"),
        (Confidence, {"probabilities": f4((0.5, 0.5, 0.5), (0, 0, 0))}, "add up to 1"),
        (Confidence, {"probabilities": f4((0.2, 0.3, 0.5), (0, 0, 1))}, "undecided row"),
        (Confidence, {"probabilities": f4((0.5, 0.3, 0.2), (0, 0, 0))}, "UP_WINS contradicts"),
        (Confidence, {"flags": u1(DECIDED, 0)}, "UP_WINS contradicts"),
        (Confidence, {"last": np.array([1.0, -1.0])}, r"last lies outside 0\.\."),
        (Confidence, {"last": f4(1.0, 1.0)}, "must be <f8"),
        (Confidence, {"bar_ms": np.array([1, -1])}, r"bar_ms lies outside 0\.\."),
        (Snapshot, {"probabilities": np.zeros((2, 2), np.float32)}, "must be <f4"),
        (Confidence, {"sets": u1(1, 0)}, "lacks the winner"),
        (Confidence, {"sets": u1(12, 0)}, r"sets lies outside 0\.\.7"),
        (Confidence, {"sets": u1(4, 4)}, "undecided row"),
        (Confidence, {"coverage": 0.0}, "without a coverage"),
        (Confidence, {"coverage": np.nan}, r"float` >= 0\.0 - at `\$\.coverage"),
        (Buy, {"confidence": f4(0.2, 0.5)}, "confidence lies outside 0.333332..1"),
        (Heatmap, {"winner": 0}, "did not win"),
        (Heatmap, {"bar_ms": np.array([1, 2, 3, 4, 5, 5])}, "out of order"),
        (Heatmap, {"saliency": np.zeros((8, 6), np.float32)}, "must be <f4"),
        (Heatmap, {"scores": f4(0.5, 0.5, 0.5)}, "add up to 1"),
        (Heatmap, {"top_drop": 1.01}, r"float` <= 1\.0 - at `\$\.top_drop"),
        (Heatmap, {"random_drop": np.nan}, r"float` >= -1\.0 - at `\$\.random_drop"),
        (Methods, {"methods": (LIVE, LIVE)}, "stands twice"),
        (Methods, {"methods": (CAM, LIVE)}, "does not stand first"),
        (Explanation, {"method": CAM}, "must be <f4"),
        (Explanation, {"map": np.full((6, 8), np.nan, np.float32)}, "finite"),
        (Explanation, {"method": UNSIGNED}, "without signs"),
        (Explanation, {"winner": 0}, "did not win"),
        (Explanation, {"gap": np.inf}, r"float` <= 1e\+18.* - at `\$\.gap"),
        (Explanation, {"top_drop": -1.01}, r"float` >= -1\.0 - at `\$\.top_drop"),
        (Explanation, {"bar_ms": np.array([1, 2, 3, 4, 5, 5])}, "out of order"),
        (Bar, {"ohlcv": np.array([10.0, 9.0, 8.0, 8.5, 1.0])}, "outside low..high"),
        (Bar, {"ohlcv": np.array([0.0, 9.0, 0.0, 8.5, 1.0])}, "not above 0"),
        (Bar, {"ohlcv": np.array([8.5, 9.0, 8.0, 8.5, -1.0])}, r"ohlcv lies outside 0\.\."),
        (Bars, {"bar_ms": np.array([7, 7])}, "out of order"),
        (BuyLog, {"sequence": np.array([2, 1])}, "out of order"),
        (Universe, {"names": ("one",)}, "differ in length"),
        (Universe, {"sectors": ("one",) * 9}, "symbols and sectors differ in length"),
        (Universe, {"interval": "1w"}, "interval"),
        (ModelCard, {"features": (FEATURE,) * 8}, "two features have one name"),
        (ModelCard, {"features": SAME_LABEL}, "two features have one label"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(
    a: Builder, kind: type[Message], changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(WireError, match=sentence):
        a(kind, **changes)


def test_a_forming_row_is_allowed(a: Builder) -> None:
    message = a(Confidence, flags=u1(DECIDED | UP_WINS | FORMING, FORMING))
    assert (message.flags & FORMING).all()


def test_a_bit_that_a_later_minor_added_means_nothing(a: Builder) -> None:
    message = a(Confidence, flags=u1(DECIDED | UP_WINS | 8, 128))
    assert ((message.flags & DECIDED) != 0).tolist() == [True, False]


def test_a_map_of_time_alone_has_one_column(a: Builder) -> None:
    assert a(Explanation, method=CAM, map=np.zeros((6, 1), np.float32)).map.shape == (6, 1)


@pytest.mark.parametrize("columns", [0, 2, 6, 48])
def test_a_map_has_a_column_for_each_feature_or_one(a: Builder, columns: int) -> None:
    frames = wire.encode_answer(1, a(Explanation))
    header = msgspec.msgpack.decode(frames[1])
    header["method"]["columns"] = columns
    with pytest.raises(WireError, match="columns"):
        wire.decode_answer([frames[0], msgspec.msgpack.encode(header), *frames[2:]])


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3)))
def test_sets_come_back_from_their_bytes(rows: list[list[bool]]) -> None:
    sets = np.array(rows, np.bool_).reshape(-1, 3)
    packed = pack_sets(sets)
    assert packed.tolist() == [down + 2 * flat + 4 * up for down, flat, up in rows]
    np.testing.assert_array_equal(unpack_sets(packed), sets)


def test_messages_are_frozen(a: Builder) -> None:
    with pytest.raises(AttributeError):
        a(Bar).symbol = "000660"
