"""Convolutions over time with ReLUs and one linear head, forward and backward, in numpy alone.

The members of an ensemble are computed together, and some windows at a time, so that each layer
finds in the cache what the one before left there. A bias costs no step of its own: of
h = max(z + b, 0) and h' = max(z, -b), h is h' + b, and what b adds to the next layer is a constant
of that (`_floors`). `models.inference.scorer` says for which networks this stands in for torch.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from shared.contract import STEPS, WINDOW_SHAPE, Bool, Class, Float32, Float64, Int64

_CELLS: Final = WINDOW_SHAPE[0] * WINDOW_SHAPE[1]
_CACHE_BYTES: Final = 2**20  # of activations of one block
_LEAST, _MOST = 16, 128  # windows in a block
_TOGETHER: Final = 2  # steps of a layer in one product: more of them multiply more padding


@dataclass(frozen=True, kw_only=True, eq=False)
class Convolution:
    """One convolution of every member, padded with zeros so that it keeps the six steps.

    Attributes:
        weight: (members, out, in, kernel) float64; `kernel` is odd.
        bias: (members, out) float64.
    """

    weight: Float64
    bias: Float64


@dataclass(frozen=True, kw_only=True, eq=False)
class _Product:
    # Some steps of a layer: which inputs they read, and which outputs they are.
    reads: slice
    writes: slice
    weight: Float32  # (members, inputs, outputs)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Layer:
    # Attributes:
    #   forward: Makes z of h'.
    #   backward: Makes the slope of h' of that of z.
    #   floor: (members, 6 * out) float32, -b with all that came before it: h' is max(z, floor).
    forward: tuple[_Product, ...]
    backward: tuple[_Product, ...]
    floor: Float32


class ReluStack:
    """A network of such layers; it keeps nothing that it is given, and threads may share it.

    Attributes:
        runs_on: What computes, for people.

    Args:
        convolutions: From the window on, each followed by a ReLU; at least one.
        head: (members, 3, out, 6) float64, what the linear layer makes of the last activations.
        bias: (3,) float64, the mean of the members' own.
    """

    def __init__(self, convolutions: Sequence[Convolution], head: Float64, bias: Float64) -> None:
        self.runs_on = "numpy"
        with np.errstate(over="ignore", invalid="ignore"):  # who asks looks at what came out
            self._prepare(convolutions, head, bias)

    def _prepare(self, convolutions: Sequence[Convolution], head: Float64, bias: Float64) -> None:
        dense = [_dense(convolution.weight) for convolution in convolutions]
        floors = _floors(convolutions, dense)
        self._members = len(head)
        # Of all members at once: they read the same window.
        first = np.concatenate(list(dense[0]), axis=1)  # (48, members * 6 * out)
        self._first = first.astype(np.float32)
        self._first_back = np.ascontiguousarray(first.T, dtype=np.float32)
        self._first_floor = (-floors[0]).astype(np.float32)
        self._layers = tuple(
            _layer(c.weight.shape, d, f)
            for c, d, f in zip(convolutions[1:], dense[1:], floors[1:], strict=True)
        )
        mean = head.swapaxes(2, 3).reshape(self._members, len(Class), -1) / self._members
        self._head = mean.astype(np.float32)  # (members, 3, 6 * out)
        self._head_forward = np.ascontiguousarray(mean.swapaxes(1, 2), dtype=np.float32)
        self._constant = (bias + np.einsum("mo,mco->c", floors[-1], mean)).astype(np.float32)
        widths = [d.shape[2] for d in dense]
        self._widths = tuple(widths)
        room = _CACHE_BYTES // (4 * self._members * sum(widths))
        self._block = min(max(room, _LEAST), _MOST)

    def logits(self, scaled: Float32) -> Float32:
        """Return (n, 3) float32 logits of (n, 6, 8) float32 windows; n may be 0."""
        raw = np.empty((len(scaled), len(Class)), dtype=np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            for place, active in self._passed(scaled):
                raw[place] = self._answer(active[-1])
        return raw

    def trace(self, scaled: Float32) -> tuple[Float32, Callable[[Int64], Float32]]:
        """Return the logits, and what makes slopes of classes that are chosen by them.

        Args:
            scaled: (n, 6, 8) float32 windows; n may be 0.

        Returns:
            (n, 3) float32 logits, and a function from (n,) int64 classes to the (n, 6, 8) float32
            gradient of each window's own logit of its class. At 0 a ReLU has the slope 0.
        """
        raw = np.empty((len(scaled), len(Class)), dtype=np.float32)
        kept: list[tuple[slice, list[Bool]]] = []
        with np.errstate(over="ignore", invalid="ignore"):
            for place, active in self._passed(scaled):
                raw[place] = self._answer(active[-1])
                kept.append((place, self._masks(active)))
        return raw, lambda classes: self._slopes(kept, classes)

    def _passed(self, scaled: Float32) -> Iterator[tuple[slice, list[Float32]]]:
        # Each block of windows, and (members, k, 6 * out) h' of each layer, in room that the next
        # block takes again.
        cells = np.ascontiguousarray(scaled).reshape(-1, _CELLS)
        room = self._room(min(self._block, len(cells)))
        for start in range(0, len(cells), self._block):
            place = slice(start, min(start + self._block, len(cells)))
            active = [values[:, : place.stop - start] for values in room]
            self._pass(cells[place], active)
            yield place, active

    def _room(self, k: int) -> list[Float32]:
        # The first layer has a window's members side by side in memory, the others a member's
        # windows: as their products write them.
        first, *others = self._widths
        side_by_side = np.empty((k, self._members, first), dtype=np.float32)
        rest = [np.empty((self._members, k, width), dtype=np.float32) for width in others]
        return [side_by_side.swapaxes(0, 1), *rest]

    def _pass(self, cells: Float32, active: list[Float32]) -> None:
        together = active[0].swapaxes(0, 1).reshape(len(cells), -1)  # a view
        np.matmul(cells, self._first, out=together)
        np.maximum(active[0], self._first_floor[:, None], out=active[0])
        for layer, (before, after) in zip(self._layers, pairwise(active), strict=True):
            _multiply(layer.forward, before, after)
            np.maximum(after, layer.floor[:, None], out=after)

    def _answer(self, last: Float32) -> Float32:
        raw: Float32 = np.matmul(last, self._head_forward).sum(axis=0) + self._constant
        return raw

    def _masks(self, active: list[Float32]) -> list[Bool]:
        floors = (self._first_floor, *(layer.floor for layer in self._layers))
        return [a > floor[:, None] for a, floor in zip(active, floors, strict=True)]

    def _slopes(self, kept: list[tuple[slice, list[Bool]]], classes: Int64) -> Float32:
        slopes = np.empty((len(classes), _CELLS), dtype=np.float32)
        room = self._room(min(self._block, len(classes)))
        with np.errstate(over="ignore", invalid="ignore"):
            for place, masks in kept:
                k = place.stop - place.start
                self._back(masks, classes[place], [values[:, :k] for values in room], slopes[place])
        return slopes.reshape(-1, *WINDOW_SHAPE)

    def _back(self, masks: list[Bool], classes: Int64, room: list[Float32], out: Float32) -> None:
        np.multiply(self._head[:, classes], masks[-1], out=room[-1])
        for nth in range(len(self._layers), 0, -1):
            _multiply(self._layers[nth - 1].backward, room[nth], room[nth - 1])
            room[nth - 1] *= masks[nth - 1]
        together = room[0].swapaxes(0, 1).reshape(len(classes), -1)
        np.matmul(together, self._first_back, out=out)


def _multiply(parts: tuple[_Product, ...], before: Float32, after: Float32) -> None:
    for part in parts:
        np.matmul(before[:, :, part.reads], part.weight, out=after[:, :, part.writes])


def _dense(weight: Float64) -> Float64:
    # (members, out, in, kernel) -> (members, 6 * in, 6 * out), by step and then by channel.
    members, after, before, kernel = weight.shape
    dense = np.zeros((members, STEPS, before, STEPS, after))
    for step in range(STEPS):
        for tap in range(kernel):
            read = step + tap - kernel // 2
            if 0 <= read < STEPS:
                dense[:, read, :, step] = weight[..., tap].swapaxes(1, 2)
    return dense.reshape(members, STEPS * before, STEPS * after)


def _floors(convolutions: Sequence[Convolution], dense: Sequence[Float64]) -> list[Float64]:
    # (members, 6 * out) for each layer: what h is above h'.
    above: list[Float64] = []
    for convolution, matrix in zip(convolutions, dense, strict=True):
        bias = np.tile(convolution.bias, (1, STEPS))
        above.append(bias + np.einsum("mi,mio->mo", above[-1], matrix) if above else bias)
    return above


def _layer(shape: tuple[int, ...], dense: Float64, above: Float64) -> _Layer:
    _, after, before, kernel = shape
    forward, backward = [], []
    for start in range(0, STEPS, _TOGETHER):
        stop = min(start + _TOGETHER, STEPS)
        near = max(start - kernel // 2, 0), min(stop + kernel // 2, STEPS)
        here = start, stop
        forward.append(_product(dense, _channels(near, before), _channels(here, after)))
        backward.append(
            _product(dense.swapaxes(1, 2), _channels(near, after), _channels(here, before))
        )
    return _Layer(
        forward=tuple(forward), backward=tuple(backward), floor=(-above).astype(np.float32)
    )


def _channels(steps: tuple[int, int], channels: int) -> slice:
    return slice(steps[0] * channels, steps[1] * channels)


def _product(dense: Float64, reads: slice, writes: slice) -> _Product:
    weight = np.ascontiguousarray(dense[:, reads, writes], dtype=np.float32)
    return _Product(reads=reads, writes=writes, weight=weight)
