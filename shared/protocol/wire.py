"""Messages to frames and back, and the topics under which they are published.

The frames are a MessagePack header and then one frame an array, raw and little-endian; nothing is
ever unpickled. Every frame's length is checked before it is read. The header names the arrays that
follow, so that a reader finds those that it knows among those that it does not.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, Final, TypeVar, cast, get_args
from urllib.parse import quote

import msgspec
import numpy as np
import numpy.typing as npt

from shared.errors import UnknownKindError, WireError
from shared.limits import Identifier, Name
from shared.protocol.answers import Answer
from shared.protocol.envelope import PROTOCOL, Array, Major, Message, header_type
from shared.protocol.heatmaps import Heatmaps
from shared.protocol.messages import Bar, Heatmap, Published
from shared.protocol.requests import AnyRequest

MAX_HEADER_BYTES: Final = 8 * 2**20
MAX_REQUEST_BYTES: Final = 4096
# A longer frame costs its sender the connection; one between the two is refused in words.
MAX_REQUEST_FRAME_BYTES: Final = 2**18
MAX_FRAME_BYTES: Final = 64 * 2**20
MAX_ARRAYS: Final = 64

Frame = bytes | bytearray | memoryview
T = TypeVar("T")
F = TypeVar("F", bound=Frame)


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """The first frame of an answer.

    Attributes:
        protocol: The major version of this protocol.
        request_id: As in the request that is answered; None where it had none that can be read.
    """

    protocol: Major = PROTOCOL
    request_id: int | None


def topic(kind: str, symbol: str = "") -> bytes:
    """Return the topic of a message kind, or of one ticker's messages of that kind.

    The closing slash keeps A from being a prefix of AAPL; a slash within a symbol travels as %2F.
    """
    return f"{kind}/{quote(symbol, safe='')}/".encode() if symbol else f"{kind}/".encode()


def topic_of(message: Published) -> bytes:
    """Return the topic under which `message` is published."""
    symbol = message.symbol if isinstance(message, Heatmap | Bar) else ""
    return topic(_tag(type(message)), symbol)


def encode(message: Message) -> list[bytes | memoryview]:
    """Return the header frame and one frame an array; the arrays are not copied."""
    header = {"type": _tag(type(message)), "arrays": list(message.ARRAYS)} | {
        name: getattr(message, name) for name in message.header_fields()
    }
    arrays = [np.ascontiguousarray(message.array(name)).data for name in message.ARRAYS]
    return [msgspec.msgpack.encode(header), *(_as_bytes(a) for a in arrays)]


def _as_bytes(view: memoryview) -> bytes | memoryview:
    # An array with a zero axis has no C-contiguous cast, and nothing to say.
    return view.cast("B") if view.nbytes else b""


def encode_published(message: Published) -> list[bytes | memoryview]:
    """Return the topic frame followed by the frames of `encode`."""
    return [topic_of(message), *encode(message)]


def encode_said(message: Published | Heatmaps) -> Iterator[list[bytes | memoryview]]:
    """Yield the frames of `encode_published`, of several heatmaps for each ticker's."""
    if not isinstance(message, Heatmaps):
        yield encode_published(message)
        return
    arrays = [np.ascontiguousarray(message.array(name)) for name in Heatmap.ARRAYS]
    rows = [array.reshape(len(array), -1).view(np.uint8) for array in arrays]
    kind = {"type": _tag(Heatmap), "arrays": list(Heatmap.ARRAYS)}
    for i, header in enumerate(message.headers()):
        about = topic(_tag(Heatmap), header["symbol"])
        yield [about, msgspec.msgpack.encode(kind | header), *(row[i].data for row in rows)]


def decode_published(frames: Sequence[Frame]) -> Published:
    """Return the message in `frames`: topic, header, arrays.

    Raises:
        UnknownKindError: The message is of no kind that is known here.
        WireError: The frames are not a published message, or contradict their topic.
    """
    if not frames:
        raise WireError("a message must have a topic, was empty")
    message = cast(Published, _PUBLISHED.decode(frames[1:]))
    if bytes(frames[0]) != topic_of(message):
        raise WireError(f"{_tag(type(message))} must not come under {bytes(frames[0][:80])!r}")
    return message


def encode_answer(request_id: int | None, message: Answer) -> list[bytes | memoryview]:
    """Return the envelope frame followed by the frames of `encode`."""
    return answer_frames(request_id, encode(message))


def answer_frames(request_id: int | None, message: Iterable[F]) -> list[bytes | F]:
    """Return the envelope frame followed by the frames of a message that is encoded already."""
    return [msgspec.msgpack.encode(Envelope(request_id=request_id)), *message]


def decode_answer(frames: Sequence[Frame]) -> tuple[int | None, Answer]:
    """Return the request's id and the answer to it; None is a refusal of what had no id.

    Raises:
        UnknownKindError: The answer is of no kind that is known here.
        WireError: The frames are not an answer of this protocol version.
    """
    if not frames:
        raise WireError("an answer must have an envelope, was empty")
    envelope = _parse(frames[0], _ENVELOPE_DECODER)
    return envelope.request_id, cast(Answer, _ANSWERS.decode(frames[1:]))


def encode_request(request: AnyRequest) -> bytes:
    """Return the one frame of a request."""
    return msgspec.msgpack.encode(request)


def decode_request(frame: Frame) -> AnyRequest:
    """Return the request in `frame`.

    Raises:
        UnknownKindError: The request is of no kind that is known here.
        WireError: The frame is not a request of this protocol version.
    """
    if len(frame) > MAX_REQUEST_BYTES:
        raise WireError(f"a request has at most {MAX_REQUEST_BYTES} bytes, was {len(frame)}")
    head = _parse(frame, _REQUEST_HEAD_DECODER)
    _check_version(head.protocol)
    if head.type not in _REQUEST_KINDS:
        raise UnknownKindError(f"no request is called {head.type[:80]!r}")
    return _parse(frame, _REQUEST_DECODER)


def request_id_of(frame: Frame) -> int | None:
    """Return the number under which a frame asks, request or not; None if it has none."""
    if len(frame) > MAX_REQUEST_BYTES:
        return None
    try:
        return _parse(frame, _ANY_ID_DECODER).request_id
    except WireError:
        return None


def _tag(kind: type[Message]) -> str:
    return str(kind.__struct_config__.tag)


def _parse(frame: Frame, decoder: msgspec.msgpack.Decoder[T]) -> T:
    try:
        return decoder.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise WireError(f"the frame is not what it must be: {e}") from e


class _AnyId(msgspec.Struct):
    # All that is needed of a bad request to tell the one who asked.
    request_id: int


class _Version(msgspec.Struct):
    protocol: int


class _Head(msgspec.Struct):
    # What must be known of a header before it can be read as one of its kind.
    stamp: _Version
    type: Identifier
    arrays: Annotated[tuple[Identifier, ...], msgspec.Meta(max_length=MAX_ARRAYS)] = ()


class _RequestHead(msgspec.Struct):
    type: Name
    protocol: int = PROTOCOL


def _check_version(protocol: int) -> None:
    if protocol != PROTOCOL:
        raise WireError(f"the sender speaks protocol {protocol}, this program {PROTOCOL}")


class Kinds:
    """The messages that may stand in one place, and a decoder for the header of each.

    Args:
        kinds: Their types.
    """

    def __init__(self, *kinds: type[Message]) -> None:
        self._kinds = {_tag(kind): kind for kind in kinds}
        self._decoders: dict[str, msgspec.msgpack.Decoder[msgspec.Struct]] = {
            _tag(kind): msgspec.msgpack.Decoder(header_type(kind)) for kind in kinds
        }

    def decode(self, frames: Sequence[Frame]) -> Message:
        """Return the message in `frames`: header, arrays.

        Raises:
            UnknownKindError: It is none of these kinds.
            WireError: It is not what its kind must be.
        """
        if not frames or len(frames[0]) > MAX_HEADER_BYTES:
            raise WireError(f"a header has 1 to {MAX_HEADER_BYTES} bytes")
        head = _parse(frames[0], _HEAD_DECODER)
        _check_version(head.stamp.protocol)
        kind = self._kinds.get(head.type)
        if kind is None:
            raise UnknownKindError(f"no message is called {head.type[:80]!r} here")
        header = _parse(frames[0], self._decoders[head.type])
        fields: dict[str, Any] = {n: getattr(header, n) for n in header.__struct_fields__}
        return kind.of_parts(fields, _arrays(kind, header, _named(head.arrays, frames[1:])))


def _named(names: tuple[str, ...], frames: Sequence[Frame]) -> dict[str, Frame]:
    if len(names) != len(frames):
        raise WireError(f"the header names {len(names)} arrays, was {len(frames)}")
    named = dict(zip(names, frames, strict=True))
    if len(named) != len(names):
        raise WireError("the header names an array twice")
    return named


def _arrays(
    kind: type[Message], header: Any, frames: dict[str, Frame]
) -> dict[str, npt.NDArray[Any]]:
    # The arrays that are known here; whatever else the sender's minor has is left alone.
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, form in kind.ARRAYS.items():
        shape, frame = form.lengths(header), frames.get(name)
        if frame is not None:
            arrays[name] = _array(name, frame, form, shape)
        elif form.since > header.stamp.minor:
            arrays[name] = np.zeros(shape, dtype=form.dtype)
        else:
            raise WireError(f"{_tag(kind)} must have the array {name}")
    return arrays


def _array(name: str, frame: Frame, form: Array, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    dtype = np.dtype(form.dtype)
    if len(frame) != dtype.itemsize * math.prod(shape):
        raise WireError(f"{name} must hold {shape} {form.dtype}, was {len(frame)} bytes")
    return np.frombuffer(frame, dtype=dtype).reshape(shape)


_PUBLISHED: Final = Kinds(*get_args(Published))
_ANSWERS: Final = Kinds(*get_args(Answer))
_HEAD_DECODER: Final = msgspec.msgpack.Decoder(_Head)
_REQUEST_HEAD_DECODER: Final = msgspec.msgpack.Decoder(_RequestHead)
_ENVELOPE_DECODER: Final = msgspec.msgpack.Decoder(Envelope)
_ANY_ID_DECODER: Final = msgspec.msgpack.Decoder(_AnyId)
_REQUEST_DECODER: Final[msgspec.msgpack.Decoder[AnyRequest]] = msgspec.msgpack.Decoder(AnyRequest)
_REQUEST_KINDS: Final = frozenset(str(k.__struct_config__.tag) for k in get_args(AnyRequest))
