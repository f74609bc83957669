"""The compiled twin of `relu_stack`: the same numbers from C, where a compiler was at hand.

`native/relu_stack.c` is built as the package is installed, if that works; a machine without a
compiler has the numpy path alone. It is no module of Python: ctypes calls it, which lets go of the
interpreter's lock meanwhile, and it fits every version of Python.
"""

import ctypes
import importlib.machinery
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.inference.relu_stack import Convolution, ReluStack
from models.inference.scorer import Scorer
from shared.contract import STEPS, WINDOW_SHAPE, Class, Float32, Float64, Int64

VERSIONS: Final = ("plain", "AVX2", "AVX-512")  # of the library, by its own numbers
_TILES: Final = (4, 4, 8)  # outputs of which it holds the sums at once
_LANES: Final = 16  # windows side by side
_WORD: Final = 32  # bits
_ALIGNED: Final = 64  # bytes
_MOST_LAYERS: Final = 8

_TRIED: Final = 64  # windows that both are asked about
_STEP: Final = 1e-5  # share by which windows move; a ReLU whose side changes is too near to 0
_APART: Final = 1e-5  # of logits and slopes, in units of the largest of them


class NotCompiledError(Exception):
    """The compiled kernel cannot compute a network; the sentence says why."""


class _Stack(ctypes.Structure):
    # `struct stack` of relu_stack.c.
    _fields_ = (
        ("members", ctypes.c_int32),
        ("layers", ctypes.c_int32),
        ("channels", ctypes.c_int32 * (_MOST_LAYERS + 1)),
        ("kernels", ctypes.c_int32 * _MOST_LAYERS),
        ("forward", ctypes.c_void_p * _MOST_LAYERS),
        ("biases", ctypes.c_void_p * _MOST_LAYERS),
        ("backward", ctypes.c_void_p * _MOST_LAYERS),
        ("head", ctypes.c_void_p),
        ("constant", ctypes.c_void_p),
    )


class CompiledStack:
    """What `ReluStack` is, computed by C; it keeps nothing that it is given, threads may share it.

    Attributes:
        runs_on: What computes, for people.

    Args:
        convolutions: From the window on, each followed by a ReLU; 1 to 8.
        head: (members, 3, out, 6) float64, what the linear layer makes of the last activations.
        bias: (3,) float64, the mean of the members' own.

    Raises:
        NotCompiledError: There is no compiled kernel here, or too many layers for it.
    """

    def __init__(self, convolutions: Sequence[Convolution], head: Float64, bias: Float64) -> None:
        self._library = _library()
        if len(convolutions) > _MOST_LAYERS:
            raise NotCompiledError(f"it has more than {_MOST_LAYERS} convolutions")
        self._version = int(self._library.tickerlens_version())
        self.runs_on = f"compiled kernel, {VERSIONS[self._version]}"
        self._members, tile = len(head), _TILES[self._version]
        self._words = sum(-(-STEPS * c.weight.shape[1] // _WORD) for c in convolutions)
        forward = [_tiled(c.weight, tile) for c in convolutions]
        # A slope comes back through the taps in reverse.
        backward = [_tiled(c.weight.swapaxes(1, 2)[..., ::-1], tile) for c in convolutions]
        biases = [_padded(c.bias, tile) for c in convolutions]
        answer = _float32(head.swapaxes(2, 3) / self._members)
        constant = _float32(bias)
        self._kept = (forward, backward, biases, answer, constant)  # as long as `_stack` is used
        first = convolutions[0].weight.shape[2]
        self._stack = _Stack(
            members=self._members,
            layers=len(convolutions),
            channels=(first, *(c.weight.shape[1] for c in convolutions)),
            kernels=tuple(c.weight.shape[3] for c in convolutions),
            forward=tuple(array.ctypes.data for array in forward),
            biases=tuple(array.ctypes.data for array in biases),
            backward=tuple(array.ctypes.data for array in backward),
            head=answer.ctypes.data,
            constant=constant.ctypes.data,
        )

    def logits(self, scaled: Float32) -> Float32:
        """Return (n, 3) float32 logits of (n, 6, 8) float32 windows; n may be 0.

        Raises:
            MemoryError: There is no room.
        """
        return self._traced(scaled, None)

    def trace(self, scaled: Float32) -> tuple[Float32, Callable[[Int64], Float32]]:
        """Return the logits, and what makes slopes of classes that are chosen by them.

        Args:
            scaled: (n, 6, 8) float32 windows; n may be 0.

        Returns:
            (n, 3) float32 logits, and a function from (n,) int64 classes to the (n, 6, 8) float32
            gradient of each window's own logit of its class. At 0 a ReLU has the slope 0.

        Raises:
            MemoryError: There is no room.
        """
        blocks = -(-len(scaled) // _LANES)
        bits = _aligned(blocks * self._members * self._words * _LANES)
        return self._traced(scaled, bits), lambda classes: self._slopes(bits, classes)

    def _traced(self, scaled: Float32, bits: npt.NDArray[np.int32] | None) -> Float32:
        windows = _float32(scaled)
        found = np.empty((len(windows), len(Class)), dtype=np.float32)
        where = None if bits is None else bits.ctypes.data
        _check_room(
            self._library.tickerlens_trace(
                ctypes.byref(self._stack),
                self._version,
                *(windows.ctypes.data, len(windows), found.ctypes.data, where),
            )
        )
        return found

    def _slopes(self, bits: npt.NDArray[np.int32], classes: Int64) -> Float32:
        chosen = np.ascontiguousarray(classes, dtype=np.int64)
        if not ((chosen >= 0) & (chosen < len(Class))).all():
            raise ValueError(f"classes must lie within 0..{len(Class) - 1}")
        found = np.empty((len(chosen), *WINDOW_SHAPE), dtype=np.float32)
        _check_room(
            self._library.tickerlens_slopes(
                ctypes.byref(self._stack),
                self._version,
                *(bits.ctypes.data, chosen.ctypes.data, len(chosen), found.ctypes.data),
            )
        )
        return found


def _check_room(failed: int) -> None:
    if failed:
        raise MemoryError("there is no memory for a batch of windows")


def fastest_stack(convolutions: Sequence[Convolution], head: Float64, bias: Float64) -> Scorer:
    """Return the compiled stack where there is one that says what numpy says, else that of numpy.

    Both are asked about random windows as the model is loaded. Slopes are not compared where they
    jump within rounding of a window: each of the two is right there.

    Args:
        convolutions: From the window on, each followed by a ReLU; at least one.
        head: (members, 3, out, 6) float64, what the linear layer makes of the last activations.
        bias: (3,) float64, the mean of the members' own.
    """
    plain = ReluStack(convolutions, head, bias)
    try:
        compiled = CompiledStack(convolutions, head, bias)
    except NotCompiledError as e:
        plain.runs_on = f"numpy: {e}"
        return plain
    if agree(plain, compiled):
        return compiled
    plain.runs_on = f"numpy: on random windows the {compiled.runs_on}, says something else"
    return plain


def agree(plain: Scorer, other: Scorer) -> bool:
    """Return whether two scorers say the same of random windows, slopes near no jump included."""
    scaled = np.random.default_rng(0).normal(size=(_TRIED, *WINDOW_SHAPE)).astype(np.float32)
    classes = np.arange(_TRIED) % len(Class)
    less, more = (
        plain.trace(scaled * np.float32(1 + step))[1](classes) for step in (-_STEP, _STEP)
    )
    clear = (np.abs(less - more) <= _APART * _largest(less)).all(axis=(1, 2))
    (wanted, wanted_slopes), (found, found_slopes) = plain.trace(scaled), other.trace(scaled)
    return _alike(wanted, found) and _alike(
        wanted_slopes(classes)[clear], found_slopes(classes)[clear]
    )


def _alike(wanted: Float32, found: Float32) -> bool:
    return bool((np.abs(found - wanted) <= _APART * _largest(wanted)).all())


def _largest(values: Float32) -> float:
    return float(np.abs(values).max(initial=1e-30))


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(str(_path()))
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    stack, version = ctypes.POINTER(_Stack), ctypes.c_int
    library.tickerlens_version.argtypes = ()
    library.tickerlens_trace.argtypes = (stack, version, pointer, number, pointer, pointer)
    library.tickerlens_slopes.argtypes = (stack, version, pointer, pointer, number, pointer)
    return library


def _path() -> Path:
    # In a folder of ours, as the build names it: no path of the system is ever searched. It is no
    # package, for whatever looks for modules would find one there that none can import.
    here = Path(__file__).parent / "native"
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        if (path := here / f"relu_stack_kernel{suffix}").is_file():
            return path
    raise NotCompiledError("no compiled kernel was built as tickerlens was installed")


def _padded(bias: Float64, tile: int) -> Float32:
    # (members, out) -> (members, tiles * tile)
    members, outputs = bias.shape
    found = np.zeros((members, -(-outputs // tile) * tile), dtype=np.float32)
    found[:, :outputs] = bias
    return found


def _tiled(weight: Float64, tile: int) -> Float32:
    # (members, out, in, kernel) -> (members, tiles, kernel, in, tile), zeros past the last output.
    members, outputs, inputs, kernel = weight.shape
    tiles = -(-outputs // tile)
    padded = np.zeros((members, tiles * tile, inputs, kernel))
    padded[:, :outputs] = weight
    return _float32(padded.reshape(members, tiles, tile, inputs, kernel).transpose(0, 1, 4, 3, 2))


def _float32(values: npt.NDArray[Any]) -> Float32:
    return np.ascontiguousarray(values, dtype=np.float32)


def _aligned(count: int) -> npt.NDArray[np.int32]:
    # (count,) int32 that begins where a vector may begin.
    room = np.empty(4 * count + _ALIGNED, dtype=np.uint8)
    start = -room.ctypes.data % _ALIGNED
    return room[start : start + 4 * count].view(np.int32)
