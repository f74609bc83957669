"""What all messages have in common: a stamp, arrays of declared form, and checks of values.

A message has scalar fields, which travel in the header, and arrays, which travel as frames of their
own; `ARRAYS` of each class names them in the order of the frames. Fields, arrays and kinds that a
program does not know are ignored: a later minor version added them.

The type of a field and the form of an array declare the range of every number and the bound of
every list and text. Construction checks both, whoever made the message: what does not fit is never
sent, and never taken.
"""

import functools
import operator
from typing import Annotated, Any, ClassVar, Final, Self

import msgspec
import numpy as np
import numpy.typing as npt

from shared.columns import COLUMNS
from shared.contract import Float32, Float64, check_symbol, is_symbol
from shared.errors import DataError, WireError
from shared.limits import MAX_PRICE, Count, EpochMs, Identifier, Name

# The one place of the version. A minor only adds what an older program may ignore; anything else is
# a new major, which older programs refuse. A row column that is newer counts by itself.
PROTOCOL: Final = 3
MINOR: Final = max(2, *(column.since for column in COLUMNS))

Major = Annotated[int, msgspec.Meta(ge=PROTOCOL, le=PROTOCOL)]


class Array(msgspec.Struct, frozen=True):
    """The form of one array frame.

    Attributes:
        dtype: numpy's name of the little-endian element type.
        shape: Each axis is a number, or the name of a header field, dotted where that is in a
            record: a list gives its length, a number its value.
        low: The least value that can be; None for any. Floating-point values are finite anyway.
        high: The greatest value that can be; None for any.
        since: The minor version that added it: an older sender leaves it out, and it reads as 0.
    """

    dtype: str
    shape: tuple[int | str, ...]
    low: float | None = None
    high: float | None = None
    since: int = 0

    def lengths(self, header: object) -> tuple[int, ...]:
        """Return the shape that the fields of `header` fix."""
        return tuple(_axis(header, axis) for axis in self.shape)


def _axis(header: object, axis: int | str) -> int:
    if isinstance(axis, int):
        return axis
    value = operator.attrgetter(axis)(header)
    return value if isinstance(value, int) else len(value)


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """What every message says of its origin.

    Attributes:
        protocol: The major version of this protocol.
        minor: The minor version: which of the later additions the sender knows.
        run_id: Changes each time the server starts, and each time another model takes over.
        sequence: Counts the messages of one kind in one run, from 1; 0 in answers.
        model_id: Name and first 8 digits of the weights' hash.
        newest_bar_ms: Close of the newest bar in the message, ms since 1970 UTC; 0 without bars.
        made_ms: When the server made the message, ms since 1970 UTC.
    """

    protocol: Major = PROTOCOL
    minor: Count = MINOR
    run_id: Identifier
    sequence: Count = 0
    model_id: Name
    newest_bar_ms: EpochMs = 0
    made_ms: EpochMs


class Message(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The root of all messages; construction checks every field and array as they are declared.

    Raises:
        WireError: A field or an array has another type or shape, or a value that cannot be.
    """

    ARRAYS: ClassVar[dict[str, Array]] = {}
    stamp: Stamp

    def __post_init__(self) -> None:
        _check_header(self)
        for name, form in self.ARRAYS.items():
            _check_form(type(self).__name__, name, self.array(name), form, form.lengths(self))
        self.check()

    @classmethod
    def header_fields(cls) -> tuple[str, ...]:
        """Return the names of the fields that travel in the header."""
        return tuple(name for name in cls.__struct_fields__ if name not in cls.ARRAYS)

    @classmethod
    def of_parts(cls, fields: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> Self:
        """Return the message of these header fields and these arrays, each of `ARRAYS`."""
        parts: dict[str, Any] = fields | arrays
        return cls(**parts)

    def array(self, name: str) -> npt.NDArray[Any]:
        """Return one of `ARRAYS`."""
        array: npt.NDArray[Any] = getattr(self, name)
        return array

    def check(self) -> None:
        """Refuse values that fit their types but cannot be true."""


@functools.cache
def header_type(kind: type[Message]) -> type[msgspec.Struct]:
    """Return the record of the header fields of a kind, so that each is written down once."""
    in_header = kind.header_fields()
    fields = [_field(f) for f in msgspec.structs.fields(kind) if f.name in in_header]
    return msgspec.defstruct(f"{kind.__name__}Header", fields, frozen=True, kw_only=True)


def _field(info: msgspec.structs.FieldInfo) -> tuple[str, Any, Any]:
    # With its default: what a later minor adds is absent from the headers of older senders.
    default: Any = {"default": info.default, "default_factory": info.default_factory}
    return info.name, info.type, msgspec.field(**default)


def _check_header(message: Message) -> None:
    header = header_type(type(message))
    values = {name: getattr(message, name) for name in header.__struct_fields__}
    try:
        # By way of plain values: a record within the header is taken as it is otherwise.
        msgspec.convert(msgspec.to_builtins(values), header)
    except msgspec.ValidationError as e:
        raise WireError(f"{type(message).__name__}: {e}") from e


def _check_form(
    message: str, name: str, array: npt.NDArray[Any], form: Array, shape: tuple[int, ...]
) -> None:
    if array.shape != shape or array.dtype != np.dtype(form.dtype):
        raise WireError(
            f"{message}.{name} must be {form.dtype} {shape}, was {array.dtype} {array.shape}"
        )
    # The range first, which also tells NaN and infinity: two passes instead of three, for a server
    # makes thousands of messages a cycle.
    if array.size and not _is_within(array, form):
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise WireError(f"{message}.{name} must be finite, was not")
        raise WireError(f"{message}.{name} lies outside {_end(form.low)}..{_end(form.high)}")


def _is_within(array: npt.NDArray[Any], form: Array) -> bool:
    low = -np.inf if form.low is None else form.low
    high = np.inf if form.high is None else form.high
    # Also infinity lies outside where there is no end: none of ours is it.
    finite = array.dtype.kind != "f" or (form.low is not None and form.high is not None)
    within = bool(array.min() >= low) and bool(array.max() <= high)
    return within and (finite or bool(np.isfinite(array).all()))


def _end(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def refuse(message: Message, wrong: bool, sentence: str) -> None:
    """Raise `WireError` with the message's kind and `sentence` if `wrong`."""
    if wrong:
        raise WireError(f"{type(message).__name__}: {sentence}")


def check_symbols(message: Message, symbols: tuple[str, ...]) -> None:
    """Refuse symbols that are doubled or malformed."""
    refuse(message, len(set(symbols)) != len(symbols), "a ticker stands twice")
    if all(map(is_symbol, symbols)):
        return
    try:
        check_symbol(next(symbol for symbol in symbols if not is_symbol(symbol)))
    except DataError as e:
        raise WireError(str(e)) from e


def check_probabilities(message: Message, rows: Float32) -> None:
    """Refuse (n, 3) or (3,) float32 rows within 0..1 that do not add up to 1."""
    sums = rows.sum(axis=-1, dtype=np.float64)
    refuse(message, bool((np.abs(sums - 1.0) > 1e-3).any()), "probabilities do not add up to 1")


def check_bars(message: Message, ohlcv: Float64) -> None:
    """Refuse (n, 5) float64 bars whose prices cannot be."""
    prices = ohlcv[:, :4]
    refuse(message, bool((prices <= 0).any()), "a price is not above 0")
    refuse(message, bool((prices > MAX_PRICE).any()), f"a price is above {MAX_PRICE:g}")
    outside = (prices.max(axis=1) > ohlcv[:, 1]) | (prices.min(axis=1) < ohlcv[:, 2])
    refuse(message, bool(outside.any()), "a price lies outside low..high")
