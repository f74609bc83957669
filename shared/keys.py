"""Keys of CURVE, the records that carry them, and how they are written.

A key has 32 bytes. People and files have it as 40 characters of Z85
(https://rfc.zeromq.org/spec/32/), as ZeroMQ has it in all languages. The secret half of a pair
stands in no text that is made of these records: they tell of the public half alone.
"""

from typing import Any, Final

import msgspec

from shared.errors import UnavailableError

_Z85: Final = (
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
)
NO_CURVE: Final = (
    "ZeroMQ was built without CURVE here, so that nothing can be locked: "
    "python -m pip install --force-reinstall pyzmq"
)
_LETTERS: Final = 5  # of Z85, for each four bytes

CurveKey = str  # one that `is_key` holds of


class KeyPair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who has the secret half is who the public half names.

    Attributes:
        public: May be known to everybody.
        secret: Known to its owner alone.
    """

    public: CurveKey
    secret: CurveKey

    def __post_init__(self) -> None:
        _require_keys(self.public, self.secret)

    def __repr__(self) -> str:
        return f"KeyPair(public={self.public!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("public", self.public)]


class DeskKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a desk needs to reach a server that asks for keys.

    Attributes:
        server: The server's public key: nobody else can answer in its place.
        pair: The desk's own.
    """

    server: CurveKey
    pair: KeyPair

    def __post_init__(self) -> None:
        _require_keys(self.server)


class ServerKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a server is handed by the program that starts it for itself alone.

    Attributes:
        pair: The server's own.
        desk: The public key of the only one that is let in.
    """

    pair: KeyPair
    desk: CurveKey

    def __post_init__(self) -> None:
        _require_keys(self.desk)


class Invite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file with which a desk finds a server and is let in.

    Attributes:
        name: Under which the server knows the desk.
        connect: The server's `publish` endpoint, as the desk reaches it.
        requests: Where the server answers; empty means the port after `connect`.
        keys: What opens both.
    """

    name: str
    connect: str
    requests: str
    keys: DeskKeys


def pair_of(halves: tuple[bytes, bytes] | None) -> KeyPair:
    """Return a pair as ZeroMQ made it.

    Args:
        halves: The public and the secret one; None where ZeroMQ can make none.

    Raises:
        UnavailableError: There is none.
    """
    if halves is None:
        raise UnavailableError(NO_CURVE)
    public, secret = halves
    return KeyPair(public=public.decode(), secret=secret.decode())


def is_key(text: str) -> bool:
    """Return whether `text` is a key: 40 letters of Z85, each five of them four bytes."""
    if len(text) != 40 or not set(text) <= set(_Z85):
        return False
    return all(_number(text[at : at + _LETTERS]) < 2**32 for at in range(0, len(text), _LETTERS))


def _require_keys(*texts: str) -> None:
    # The text itself is not told: it may be a secret with a letter too many.
    if not all(map(is_key, texts)):
        raise ValueError("a key is 40 letters of Z85")


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * len(_Z85) + _Z85.index(letter)
    return number
