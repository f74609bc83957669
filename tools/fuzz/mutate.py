"""Valid frames to hostile ones: what is inside them is known, and one thing or a few are wrong."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
import numpy as np

from shared.limits import LAST_MS, MAX_COUNT, MAX_PRICE
from tools.fuzz.dice import Dice, pick

Frames = list[bytes]

_FAR_MS: Final = 253_402_300_800_000  # the year 10000, at which calendars of libraries end
VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 1, -1, 2, 3, 7, 255, 256),
    *(2**31, 2**53, 2**53 + 1, 2**62, 2**63 - 1, 2**63, 2**64 - 1, -(2**31), -(2**62), -(2**63)),
    *(LAST_MS, LAST_MS + 1, _FAR_MS, MAX_COUNT + 1, MAX_PRICE),
    *(0.0, -0.0, 1.0, 0.5, 1e-300, 1e18, 1e19, 1e300, float("inf"), float("-inf"), float("nan")),
    *("", "A", "x" * 33, "x" * 65, "x" * 201, "x" * 70_000, "a b", "\0", "\x1b[31m", "\u202e"),
    *("<h1>", "<img src=x>", "../../etc", "America", "confidence", "live", "1d", "9999d", "0m"),
    *(b"", b"\0" * 99, [], {}, [[]], [None] * 300, ["A"] * 300, [1.5, "A"], {"": ""}, {1: 2}),
)
BYTES: Final[Frames] = [
    b"",
    b"\0",
    b"\xc0",
    b"\xc1",  # which MessagePack never uses
    b"\x80",
    b"\x91" * 5_000,  # lists in lists
    b"\x81\xa1a" * 2_000,  # maps in maps
    b"\xdd\xff\xff\xff\xff",  # a list, a text and a map of 4 billion
    b"\xdb\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\xc9\xff\xff\xff\xff\x01",
    b"\xd6\xff\xff\xff\xff\xff",  # a time stamp of MessagePack
    b"\xa2\xff\xfe",  # a text that is none
    b"\x00" * 4_097,
]
_CELLS: Final = (0.0, -1.0, 1e-45, 1e12, 1e18, 1e30, 3e38, 1.7e308, np.nan, np.inf, -np.inf)
_TIMES: Final = (0, 1, -1, LAST_MS, LAST_MS + 1, _FAR_MS, 2**53, 2**62, -(2**62), 2**63 - 1)


def mutated(frames: Frames, dice: Dice) -> Frames:
    """Return frames of which one to three things were changed, mostly one."""
    for _ in range(pick(dice, (1, 1, 1, 1, 2, 3))):
        frames = pick(dice, _CHANGES)(frames, dice)
    return frames


def _change_value(frames: Frames, dice: Dice) -> Frames:
    return _in_map(frames, dice, _put)


def _put(place: Any, key: Any, dice: Dice) -> None:
    old, new = place[key], pick(dice, VALUES)
    how = dice.below(8)
    if how == 0 and isinstance(old, int | float):
        new = old + pick(dice, (-1, 1))
    elif how == 1 and isinstance(old, str | list):
        new = old * 2
    elif how == 2:  # as deep as a reader will follow
        for _ in range(50):
            new = [new]
    place[key] = new


def _drop_value(frames: Frames, dice: Dice) -> Frames:
    return _in_map(frames, dice, lambda place, key, _: place.__delitem__(key))


def _add_value(frames: Frames, dice: Dice) -> Frames:
    def add(place: Any, key: Any, dice: Dice) -> None:
        new = pick(dice, VALUES)
        if isinstance(place, dict):
            place[pick(dice, ("more", "type", "stamp", "arrays", "symbols", key))] = new
        else:
            place.insert(key, new)

    return _in_map(frames, dice, add)


def _swap_values(frames: Frames, dice: Dice) -> Frames:
    def swap(place: Any, key: Any, dice: Dice) -> None:
        other = pick(dice, list(place) if isinstance(place, dict) else range(len(place)))
        place[key], place[other] = place[other], place[key]

    return _in_map(frames, dice, swap)


def _in_map(frames: Frames, dice: Dice, change: Callable[[Any, Any, Dice], object]) -> Frames:
    # Change one place of a frame that holds a map: the header, mostly.
    found = [i for i, frame in enumerate(frames) if frame[:1] >= b"\x80" and _read(frame)]
    if not found:
        return frames
    i = pick(dice, found)
    tree = _read(frames[i])
    change(*pick(dice, list(_places(tree))), dice)
    try:
        return [*frames[:i], msgspec.msgpack.encode(tree), *frames[i + 1 :]]
    except (TypeError, ValueError, OverflowError, RecursionError):  # what no encoder would send
        return frames


def _read(frame: bytes) -> Any:
    try:
        tree = msgspec.msgpack.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return tree if isinstance(tree, dict) else None


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    # The first few of each list are as good as all.
    keys = list(tree) if isinstance(tree, dict) else range(min(len(tree), 8))
    for key in keys:
        yield tree, key
        if isinstance(tree[key], dict | list):
            yield from _places(tree[key])


def _change_cell(frames: Frames, dice: Dice) -> Frames:
    i = dice.below(len(frames))
    dtype, values = pick(dice, (("<f4", _CELLS), ("<f8", _CELLS), ("<i8", _TIMES)))
    cells = len(frames[i]) // np.dtype(dtype).itemsize
    if not cells:
        return frames
    with np.errstate(over="ignore"):
        cell = np.array(pick(dice, values)).astype(dtype).tobytes()
    start = dice.below(cells) * len(cell)
    return _with(frames, i, frames[i][:start] + cell + frames[i][start + len(cell) :])


def _change_byte(frames: Frames, dice: Dice) -> Frames:
    i = dice.below(len(frames))
    if not frames[i]:
        return frames
    frame = bytearray(frames[i])
    frame[dice.below(len(frame))] ^= 1 << dice.below(8)
    return _with(frames, i, bytes(frame))


def _change_length(frames: Frames, dice: Dice) -> Frames:
    i = dice.below(len(frames))
    longer = frames[i] + b"\0" * pick(dice, (1, 4, 8))
    return _with(frames, i, pick(dice, (frames[i][:-1], frames[i][: len(frames[i]) // 2], longer)))


def _put_bytes(frames: Frames, dice: Dice) -> Frames:
    return _with(frames, dice.below(len(frames)), pick(dice, BYTES))


def _move_frames(frames: Frames, dice: Dice) -> Frames:
    i, j = dice.below(len(frames)), dice.below(len(frames))
    one = frames[i]
    rest = frames[:i] + frames[i + 1 :]
    moved = (rest or frames, [*frames[:j], one, *frames[j:]], [*rest[:j], one, *rest[j:]])
    return pick(dice, moved)


def _with(frames: Frames, i: int, frame: bytes) -> Frames:
    return [*frames[:i], frame, *frames[i + 1 :]]


# What is most likely to pass the first checks, and so to find something, comes more often.
_CHANGES: Final = (
    *(_change_value,) * 6,
    *(_change_cell,) * 4,
    *(_drop_value, _add_value, _swap_values, _change_byte, _change_length),
    *(_put_bytes, _move_frames),
)
