from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from shared.answers import Bars, BuyLog, Snapshot, Universe
from shared.envelope import Message
from shared.errors import WireError
from shared.messages import DECIDED, FORMING, HELD, Bar, Buy, Confidence, Heatmap

Builder = Callable[..., Any]


def f4(*values: Any) -> Any:
    return np.array(values, np.float32)


def u1(*values: int) -> Any:
    return np.array(values, np.uint8)


@pytest.mark.parametrize(
    ("kind", "changes", "sentence"),
    [
        (Confidence, {"symbols": ("A", "A")}, "stands twice"),
        (Confidence, {"symbols": ("A", "B C")}, "without blanks"),
        (Confidence, {"symbols": ("A",)}, "must be"),
        (Confidence, {"probabilities": f4((1.2, 0, -0.2), (0, 0, 0))}, "outside 0..1"),
        (Confidence, {"probabilities": f4((0.5, 0.5, 0.5), (0, 0, 0))}, "add up to 1"),
        (Confidence, {"probabilities": f4((0.2, 0.3, 0.5), (0, 0, 1))}, "undecided row"),
        (Confidence, {"probabilities": f4((0.5, 0.3, 0.2), (0, 0, 0))}, "HELD contradicts"),
        (Confidence, {"flags": u1(DECIDED, 0)}, "HELD contradicts"),
        (Confidence, {"flags": u1(DECIDED | HELD, 8)}, "flag is unknown"),
        (Confidence, {"last": np.array([1.0, -1.0])}, "below 0"),
        (Confidence, {"last": f4(1.0, 1.0)}, "must be <f8"),
        (Confidence, {"bar_ms": np.array([1, -1])}, "before 1970"),
        (Snapshot, {"probabilities": np.zeros((2, 2), np.float32)}, "must be <f4"),
        (Buy, {"confidence": f4(0.2, 0.5)}, "1/3..1"),
        (Heatmap, {"winner": 0}, "did not win"),
        (Heatmap, {"bar_ms": np.array([1, 2, 3, 4, 5, 5])}, "out of order"),
        (Heatmap, {"saliency": np.zeros((8, 6), np.float32)}, "must be <f4"),
        (Bar, {"ohlcv": np.array([10.0, 9.0, 8.0, 8.5, 1.0])}, "outside low..high"),
        (Bar, {"ohlcv": np.array([0.0, 9.0, 0.0, 8.5, 1.0])}, "not above 0"),
        (Bar, {"ohlcv": np.array([8.5, 9.0, 8.0, 8.5, -1.0])}, "volume is below 0"),
        (Bars, {"bar_ms": np.array([7, 7])}, "out of order"),
        (BuyLog, {"sequence": np.array([2, 1])}, "out of order"),
        (Universe, {"names": ("one",)}, "differ in length"),
        (Universe, {"interval": "1w"}, "interval"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(
    a: Builder, kind: type[Message], changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(WireError, match=sentence):
        a(kind, **changes)


def test_a_forming_row_is_allowed(a: Builder) -> None:
    message = a(Confidence, flags=u1(DECIDED | HELD | FORMING, FORMING))
    assert (message.flags & FORMING).all()


def test_messages_are_frozen(a: Builder) -> None:
    with pytest.raises(AttributeError):
        a(Bar).symbol = "000660"
