"""One cheap number on how far a map can be believed, for every heatmap that somebody looks at."""

from typing import Final

import numpy as np

from models.calibration.adaptive import Recalibrator
from models.calibration.static import softmax
from models.explain.method import Method
from models.inference.served import Served
from shared.contract import WINDOW_SHAPE, Bool, Class, Float32, Float64, Int64
from shared.explaining import MapKind

TOP: Final = 5  # cells that go to the baseline
DRAWS: Final = 16
_CELLS: Final = WINDOW_SHAPE[0] * WINDOW_SHAPE[1]


class Faithfulness:
    """Takes the cells away that a map points at, and looks at what is left of the answer.

    Deletion at one point of the curve of Petsiuk, Das and Saenko, "RISE", BMVC 2018: the cells with
    the greatest relevance go to 0, which is the training mean, and so do as many at random. Cells
    that speak against the class stay: without them its probability would rise.

    Args:
        model: The one that is explained.
    """

    def __init__(self, model: Served) -> None:
        self._scorer = model.scorer
        self._calibration = model.card.calibration.static
        self._at_random = _draws()

    def drops(
        self,
        scaled: Float32,
        relevance: Float32,
        target: Int64,
        recalibrator: Recalibrator | None = None,
    ) -> tuple[Float64, Float64]:
        """Return how far the published probability of a class falls without the cells.

        Args:
            scaled: (n, 6, 8) float32, in standard deviations; n may be 0.
            relevance: (n, 6, 8) float32; the greatest numbers speak most for the class.
            target: (n,) int64 classes.
            recalibrator: Makes the probabilities; without one they are the statically calibrated.

        Returns:
            (n,) float64 without the 5 top cells, and (n,) float64 without 5 at random, the mean of
            16 draws that are the same for every window. Below 0 where the probability rises.
        """
        n = len(scaled)
        removed = np.empty((n, 2 + DRAWS, _CELLS), dtype=np.bool_)  # nothing, the top, the draws
        removed[:, 0] = False
        removed[:, 1] = _top(relevance.reshape(n, _CELLS))
        removed[:, 2:] = self._at_random
        windows = np.where(removed, np.float32(0), scaled.reshape(n, 1, _CELLS))
        said = self._probabilities(windows.reshape(-1, *WINDOW_SHAPE), recalibrator)
        chosen = said.reshape(n, 2 + DRAWS, len(Class))[np.arange(n), :, target]  # (n, 2 + DRAWS)
        fall = chosen[:, :1] - chosen[:, 1:]
        return fall[:, 0], fall[:, 1:].mean(axis=1)

    def _probabilities(self, scaled: Float32, recalibrator: Recalibrator | None) -> Float64:
        logits = self._calibration.apply(self._scorer.logits(scaled))
        return (
            softmax(logits) if recalibrator is None else recalibrator.forecast(logits).probabilities
        )


def relevance_of(maps: Float32, scaled: Float32, method: Method) -> Float32:
    """Return (n, 6, 8) float32 numbers: how much each cell speaks for the class of a map.

    A slope counts as far as its cell is from the mean; of a map that only knows time, a cell counts
    by its bar, and as far as it is from the mean. A map without signs tells no side, so all that
    it holds counts as speaking for the class.

    Args:
        maps: (n, 6, 8) float32, or (n, 6) of a method that only knows time.
        scaled: (n, 6, 8) float32, the windows.
        method: What made the maps.
    """
    if maps.ndim == 2:
        return maps[:, :, None] * np.abs(scaled)
    return maps * scaled if method.kind is MapKind.SLOPE else maps


def _top(relevance: Float32) -> Bool:
    # (n, 48) -> (n, 48); among equals the first ones, so that the answer is always the same.
    order = np.argsort(-relevance, axis=1, kind="stable")
    top = np.zeros(relevance.shape, dtype=np.bool_)
    np.put_along_axis(top, order[:, :TOP], values=True, axis=1)
    return top


def _draws() -> Bool:
    # (16, 48), 5 cells in each.
    rng = np.random.default_rng(0)
    draws = np.zeros((DRAWS, _CELLS), dtype=np.bool_)
    for draw in draws:
        draw[rng.choice(_CELLS, TOP, replace=False)] = True
    return draws
