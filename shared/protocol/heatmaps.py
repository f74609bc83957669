"""The heatmaps of several tickers at once, checked as whole arrays and sent one by one."""

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec
import numpy as np
import numpy.typing as npt

from shared.contract import Float32, Float64, Int64
from shared.explaining import MapKind, MethodName, MethodTitle
from shared.limits import Symbols
from shared.protocol.envelope import (
    Array,
    Message,
    Stamp,
    check_probabilities,
    check_symbols,
    refuse,
)
from shared.protocol.messages import Heatmap, WindowMap

_DROPS = Array("<f8", ("symbols",), low=-1, high=1)


def _of_several(form: Array) -> Array:
    return msgspec.structs.replace(form, shape=("symbols", *form.shape))


class Heatmaps(Message, frozen=True, kw_only=True, eq=False, tag="heatmaps"):
    """What a `Heatmap` says, of several tickers; the same checks cost one pass for all of them.

    Attributes:
        symbols: (n,) the tickers.
        method: As of a `Heatmap`, and so is all that follows.
        title: What people call it.
        kind: What a number of `saliency` is.
        top_drop: (n,) float64.
        random_drop: (n,) float64.
        probabilities: (n, 3) float32.
        scores: (n, 3) float32.
        saliency: (n, 6, 8) float32.
        raw: (n, 6, 8) float32.
        scaled: (n, 6, 8) float32.
        bar_ms: (n, 6) int64, ms since 1970 UTC.
    """

    ARRAYS: ClassVar[dict[str, Array]] = {
        **{name: _of_several(form) for name, form in WindowMap.ARRAYS.items()},
        "top_drop": _DROPS,
        "random_drop": _DROPS,
    }
    symbols: Symbols
    method: MethodName
    title: MethodTitle
    kind: MapKind
    top_drop: Float64
    random_drop: Float64
    probabilities: Float32
    scores: Float32
    saliency: Float32
    raw: Float32
    scaled: Float32
    bar_ms: Int64

    def check(self) -> None:
        """Refuse bars out of order; who won is read from the probabilities."""
        check_symbols(self, self.symbols)
        check_probabilities(self, self.probabilities)
        check_probabilities(self, self.scores)
        refuse(self, bool((np.diff(self.bar_ms, axis=1) <= 0).any()), "bars are out of order")

    def headers(self) -> Iterator[dict[str, Any]]:
        """Yield the header fields of each `Heatmap`; the stamps count on from the first one's."""
        stamp = self.stamp
        step = 1 if stamp.sequence else 0  # answers have no number
        columns = zip(
            self.symbols,
            self.bar_ms[:, -1].tolist(),
            self.probabilities.argmax(axis=1).tolist(),
            self.top_drop.tolist(),
            self.random_drop.tolist(),
            strict=True,
        )
        for i, (symbol, newest_ms, winner, top_drop, random_drop) in enumerate(columns):
            yield {
                "stamp": Stamp(
                    run_id=stamp.run_id,
                    sequence=stamp.sequence + step * i,
                    model_id=stamp.model_id,
                    newest_bar_ms=newest_ms,
                    made_ms=stamp.made_ms,
                ),
                "symbol": symbol,
                "method": self.method,
                "title": self.title,
                "kind": self.kind,
                "winner": winner,
                "top_drop": top_drop,
                "random_drop": random_drop,
            }

    def each(self) -> Iterator[Heatmap]:
        """Yield the message of each ticker; its arrays are views."""
        for i, header in enumerate(self.headers()):
            arrays: dict[str, npt.NDArray[Any]] = {n: self.array(n)[i] for n in Heatmap.ARRAYS}
            yield Heatmap.of_parts(header, arrays)
