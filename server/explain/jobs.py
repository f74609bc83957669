"""What the server hands to the process that explains, in the encoding of the wire."""

from collections.abc import Sequence
from typing import ClassVar, Final, Literal, cast

import msgspec

from models.calibration.adaptive import AdaptiveState
from shared.contract import STEPS, WINDOW_SHAPE, Float32, Int64
from shared.explaining import OfferedMethod
from shared.protocol.envelope import Array, Message
from shared.protocol.wire import Frame, Kinds


class Job(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, eq=False, tag="job"):
    """A window as it was when the question came, and what is asked about it.

    Attributes:
        symbol: The ticker.
        method: Which method.
        winner: The winning class.
        target: The class to explain.
        adaptive: What the recalibrator knew; None where there is none.
        probabilities: (3,) float32, of down, flat, up, as published.
        raw: (6, 8) float32, features in their own units, oldest bar first.
        scaled: (6, 8) float32, features as the network sees them, in standard deviations.
        bar_ms: (6,) int64, close of each bar, ms since 1970 UTC.
    """

    ARRAYS: ClassVar[dict[str, Array]] = {
        "probabilities": Array("<f4", (3,)),
        "raw": Array("<f4", WINDOW_SHAPE),
        "scaled": Array("<f4", WINDOW_SHAPE),
        "bar_ms": Array("<i8", (STEPS,)),
    }
    symbol: str
    method: OfferedMethod
    winner: Literal[0, 1, 2]
    target: Literal[0, 1, 2]
    adaptive: AdaptiveState | None
    probabilities: Float32
    raw: Float32
    scaled: Float32
    bar_ms: Int64


class Start(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line on the process's stdin, as JSON.

    Attributes:
        endpoint: Where the server listens for it.
        identity: What it names itself there; nobody else knows it.
    """

    endpoint: str
    identity: str


def decode_job(frames: Sequence[Frame]) -> Job:
    """Return the job in `frames`.

    Raises:
        WireError: They are no job.
    """
    return cast(Job, _JOBS.decode(frames))


_JOBS: Final = Kinds(Job)
