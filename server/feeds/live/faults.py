"""What goes wrong with a source, what a person can do about it, and how long to wait then."""

import random
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from shared.errors import TickerlensError

FaultKind = Literal[
    "clock_off",
    "cut",
    "key_expired",
    "key_missing",
    "key_refused",
    "key_revoked",
    "limited",
    "nonsense",
    "not_registered",
    "server_error",
    "silent",
    "units_differ",
    "unknown_ticker",
    "unreachable",
]


@dataclass(frozen=True, kw_only=True)
class FaultAdvice:
    """What becomes of a kind of fault.

    Attributes:
        means: What happened, after the name of the source.
        do: What to do about it.
        first_s: What is waited after the first one, s; twice as long after each further one.
        most_s: What is waited at most, s.
    """

    means: str
    do: str
    first_s: float
    most_s: float


_SOON: Final = (1.0, 60.0)
_LATER: Final = (30.0, 900.0)


def _advice(means: str, do: str, waits: tuple[float, float] = _SOON) -> FaultAdvice:
    return FaultAdvice(means=means, do=do, first_s=waits[0], most_s=waits[1])


ADVICE: Final[dict[FaultKind, FaultAdvice]] = {
    "clock_off": _advice(
        "has another time than this machine", "let the machine keep time (NTP)", _LATER
    ),
    "cut": _advice("cut the connection", "nothing, it is made again"),
    "key_expired": _advice("says that the key has expired", "make a new key", _LATER),
    "key_missing": _advice("needs a key", "put it into the environment or the keyring", _LATER),
    "key_refused": _advice("does not know the key", "check it, or make a new one", _LATER),
    "key_revoked": _advice(
        "says that the key became invalid, as when another program asks for one",
        "let one program alone use the key",
        _LATER,
    ),
    "limited": _advice("was asked too often", "nothing, it is asked less often", (2.0, 300.0)),
    "nonsense": _advice("gave an answer that is none", "nothing, it is asked again"),
    "not_registered": _advice(
        "does not answer the address of this machine", "register the address there", _LATER
    ),
    "server_error": _advice("has trouble of its own", "nothing, it is asked again"),
    "silent": _advice("says nothing although the market is open", "nothing, it is called anew"),
    "units_differ": _advice(
        "counts volume otherwise in its history than live",
        "use another kind of contract, or another source",
        _LATER,
    ),
    "unknown_ticker": _advice("does not know the ticker", "take it out of the universe", _LATER),
    "unreachable": _advice("cannot be reached", "check the network and the name of the host"),
}


class SourceError(TickerlensError):
    """A source of live bars does not do what it should: the feed waits, tells why, and goes on.

    Args:
        kind: Which, of `ADVICE`.
        source: The name of the source.
        detail: What the vendor said, without any key.
        retry_s: What the vendor says to wait, s; None where it does not say.
    """

    exit_code: ClassVar[int] = 69

    def __init__(
        self, kind: FaultKind, source: str, detail: str = "", *, retry_s: float | None = None
    ) -> None:
        advice = ADVICE[kind]
        said = f" ({detail[:120]})" if detail else ""
        super().__init__(f"{source} {advice.means}{said}; what to do: {advice.do}")
        self.kind, self.source, self.detail, self.retry_s = kind, source, detail, retry_s


class Backoff:
    """How long to wait before trying again: longer each time, up to a ceiling, never in step.

    Waits double and are drawn between half and the whole of that, so that many programs that were
    cut off at the same moment do not come back at the same moment (Brooker, "Exponential backoff
    and jitter", AWS Architecture Blog, 2015: "equal jitter").

    Args:
        seed: Start of the random numbers; None for another one each time.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)  # noqa: S311 - no secret is made of it
        self._again = 0

    def wait_s(self, fault: SourceError) -> float:
        """Return what to wait after a fault, s; never less than the vendor said."""
        advice = ADVICE[fault.kind]
        longest = min(advice.first_s * 2.0 ** min(self._again, 30), advice.most_s)
        self._again += 1
        drawn = longest * (0.5 + 0.5 * self._random.random())
        return max(drawn, fault.retry_s or 0.0)

    def healed(self) -> None:
        """Begin anew: the source does what it should."""
        self._again = 0
