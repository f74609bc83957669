"""How true a map is: measures against planted truth, and of what the network really does.

A map has 48 cells, or, from a method that only knows time, 6 bars; "units" are its cells or bars.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from torch import nn

from models.calibration.static import softmax
from models.explain.method import Method
from models.training.fit import logits_of
from shared.contract import Bool, Float32, Float64, Int64
from shared.explaining import MapKind

RANDOM_ORDERS: Final = 8
_SUBSETS: Final = 32


def winner_of(network: nn.Module, scaled: Float32) -> Int64:
    """Return the (n,) int64 class with the greatest logit of (n, 6, 8) float32 windows."""
    winner: Int64 = logits_of(network, scaled).argmax(axis=1)
    return winner


def strength(maps: Float32, method: Method) -> Float32:
    """Return (n, units) float32 numbers by which a method ranks its units, the greatest first."""
    flat = maps.reshape(len(maps), -1)
    return np.abs(flat) if method.kind is MapKind.SLOPE else flat


# Against planted truth -------------------------------------------------------------------------


def pointing(maps: Float32, deciding: Bool) -> Float64:
    """Return (n,) 1 where the unit of greatest size decides, else 0; of units without any, 0.

    The pointing game of Zhang et al., "Top-down neural attention by excitation backprop", ECCV
    2016.

    Args:
        maps: (n, 6, 8) or (n, 6) float32.
        deciding: (n, 6, 8) bool, the cells that decide; a bar decides where one of its cells does.
    """
    size, truth = _sizes(maps, deciding)
    first = size.argmax(axis=1)[:, None]
    hit: Bool = np.take_along_axis(truth, first, axis=1)[:, 0] & (size.max(axis=1) > 0)
    return hit.astype(np.float64)


def mass_accuracy(maps: Float32, deciding: Bool) -> Float64:
    """Return the (n,) share of a map's size that lies on deciding units; 0 of an empty map.

    Relevance mass accuracy of Arras, Osman and Samek, "CLEVR-XAI", Information Fusion 81 (2022).
    """
    size, truth = _sizes(maps, deciding)
    total = size.sum(axis=1)
    share: Float64 = (size * truth).sum(axis=1) / np.where(total > 0, total, 1.0)
    return share


def rank_accuracy(maps: Float32, deciding: Bool) -> Float64:
    """Return the (n,) share of the K units of greatest size that decide, where K units decide.

    Relevance rank accuracy of the same paper.
    """
    size, truth = _sizes(maps, deciding)
    rank = np.argsort(np.argsort(-size, axis=1, kind="stable"), axis=1)
    count = truth.sum(axis=1)
    found = (truth & (rank < count[:, None]) & (size > 0)).sum(axis=1)
    share: Float64 = found / np.maximum(count, 1)
    return share


def _sizes(maps: Float32, deciding: Bool) -> tuple[Float64, Bool]:
    # (n, units) sizes, and which units decide.
    truth: Bool = deciding.reshape(len(maps), -1)
    if maps.ndim == 2:
        truth = np.asarray(deciding.any(axis=2))
    return np.abs(maps.reshape(len(maps), -1)).astype(np.float64), truth


# Against the network itself --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class Curves:
    """How the winner's probability moves while units go to their training mean, or come from it.

    Attributes:
        deletion: (n, units + 1) float64, the first k units of an order are at 0.
        insertion: (n, units + 1) float64, only the first k units are not at 0.
    """

    deletion: Float64
    insertion: Float64

    @property
    def deletion_area(self) -> Float64:
        """Return the (n,) areas over the share of deleted units; the lower, the truer."""
        return _area(self.deletion)

    @property
    def insertion_area(self) -> Float64:
        """Return the (n,) areas over the share of inserted units; the higher, the truer."""
        return _area(self.insertion)


def curves(network: nn.Module, scaled: Float32, winner: Int64, order: Int64) -> Curves:
    """Return deletion and insertion curves (Petsiuk, Das and Saenko, "RISE", BMVC 2018).

    Args:
        network: (n, 6, 8) scaled windows to logits; a cell at 0 is at its training mean.
        scaled: (n, 6, 8) float32 windows.
        winner: (n,) int64, whose probability is followed.
        order: (n, units) int64, the most important unit first; 48 cells or 6 bars.
    """
    units = order.shape[1]
    rank = np.argsort(order, axis=1).reshape(len(scaled), 6, -1)  # (n, 6, 8) or (n, 6, 1)
    steps = range(units + 1)
    deletion = [_probability(network, scaled * (rank >= k), winner) for k in steps]
    insertion = [_probability(network, scaled * (rank < k), winner) for k in steps]
    return Curves(deletion=np.stack(deletion, axis=1), insertion=np.stack(insertion, axis=1))


def order_of(maps: Float32, method: Method) -> Int64:
    """Return the (n, units) int64 units of each map, the most important first."""
    return np.argsort(-strength(maps, method), axis=1, kind="stable")


def random_curves(network: nn.Module, scaled: Float32, winner: Int64, units: int) -> Curves:
    """Return the mean curves of `RANDOM_ORDERS` random orders, other ones for each window.

    Args:
        network: From windows to logits.
        scaled: (n, 6, 8) float32 windows.
        winner: (n,) int64, the class that is watched.
        units: 48 for cells, 6 for bars.
    """
    random = np.random.default_rng(0)
    draws = [
        curves(network, scaled, winner, random.permuted(_all_units(len(scaled), units), axis=1))
        for _ in range(RANDOM_ORDERS)
    ]
    return Curves(
        deletion=np.mean([draw.deletion for draw in draws], axis=0),
        insertion=np.mean([draw.insertion for draw in draws], axis=0),
    )


def infidelity(
    network: nn.Module, scaled: Float32, winner: Int64, maps: Float32, method: Method
) -> Float64:
    """Return the (n,) share of what happens to the logit that a map does not foretell, 0 to 1.

    Yeh et al., "On the (in)fidelity and sensitivity of explanations", NeurIPS 2019, with the
    optimal scale that they allow: the least mean of (b p - d)² over that of d², b at least 0, where
    random subsets of units go to 0, d is the fall of the logit, and p what the map foretells: the
    sum over the subset of shares or scores, or of slope times window.
    """
    # Captum's own may take a scale below 0, so that a map which foretells the opposite is perfect.
    random = np.random.default_rng(0)
    before = _winning_logit(network, scaled, winner)
    told = maps * scaled if method.kind is MapKind.SLOPE else maps
    falls, foretold = [], []
    for _ in range(_SUBSETS):
        gone = random.random(maps.shape[1:]) < random.uniform(0.05, 0.5)  # (6, 8) or (6,)
        cells = gone if maps.ndim == 3 else gone[:, None]
        falls.append(before - _winning_logit(network, scaled * ~cells, winner))
        foretold.append((told * gone).reshape(len(maps), -1).sum(axis=1, dtype=np.float64))
    d, p = np.stack(falls, axis=1), np.stack(foretold, axis=1)  # (n, subsets)
    return 1 - _explained(p, d)


def _explained(p: Float64, d: Float64) -> Float64:
    # Share of d² that the best b >= 0 times p explains, row by row.
    both, own, total = (p * d).sum(axis=1), (p * p).sum(axis=1), (d * d).sum(axis=1)
    below = own * total
    return np.where(below > 0, both.clip(min=0) ** 2 / np.where(below > 0, below, 1.0), 0.0)


def _winning_logit(network: nn.Module, scaled: Float32, winner: Int64) -> Float64:
    return np.take_along_axis(logits_of(network, scaled), winner[:, None], axis=1)[:, 0]


def _probability(network: nn.Module, scaled: Float32, winner: Int64) -> Float64:
    probabilities = softmax(logits_of(network, scaled))
    return np.take_along_axis(probabilities, winner[:, None], axis=1)[:, 0]


def _all_units(count: int, units: int) -> Int64:
    return np.tile(np.arange(units), (count, 1))


def _area(curve: Float64) -> Float64:
    area: Float64 = np.trapezoid(curve, axis=1) / (curve.shape[1] - 1)
    return area
