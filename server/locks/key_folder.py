"""What a server asks of those that connect: nothing, on loopback addresses, or else a known key."""

import dataclasses
import sys
from pathlib import Path
from typing import Final

import msgspec
import zmq

from server.locks.allow_list import AllowedKeys, AllowListFile
from shared import secret_files, settings_layers
from shared.endpoints import Endpoints, beyond_loopback
from shared.errors import DataError, InputMissingError, SettingsError, UnavailableError
from shared.keys import NO_CURVE, KeyPair, ServerKeys, pair_of
from shared.settings import ServerSettings

_MOST_BYTES: Final = 4_096
_WAYS_OUT: Final = (
    "make keys with `tickerlens-server keys keygen`, let each desk in with `tickerlens-server keys "
    "invite NAME`; or stay on loopback and make a tunnel, such as "
    "ssh -L 5555:127.0.0.1:5555 -L 5556:127.0.0.1:5556 HOST"
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Lock:
    """What those that connect are held to.

    Attributes:
        pair: The server's own keys.
        allowed: Whom it lets in.
    """

    pair: KeyPair
    allowed: AllowedKeys


class KeyFolder:
    """Where a server's keys are.

    Attributes:
        pair: File of the server's own keys.
        allowed: File of those that are let in.

    Args:
        settings: `keys` is used.
    """

    def __init__(self, settings: ServerSettings) -> None:
        folder = Path(settings.keys) if settings.keys else _usual_folder()
        self.pair, self.allowed = folder / "server.key", folder / "allowed"

    def make_pair(self) -> KeyPair:
        """Make the server's own keys, and return them.

        Raises:
            SettingsError: There are some.
            TickerlensError: They cannot be made or written.
        """
        pair = new_pair()
        secret_files.make_folder(self.pair.parent)
        secret_files.create(self.pair, msgspec.json.encode(pair).decode() + "\n")
        return pair

    def read_pair(self) -> KeyPair:
        """Return the server's own keys.

        Raises:
            DataError: The file holds none.
            InputMissingError: It cannot be opened.
            OpenFileError: Others than its owner can read it.
        """
        if not self.pair.exists():
            raise InputMissingError(f"{self.pair} is not there: tickerlens-server keys keygen")
        text = secret_files.read(self.pair, _MOST_BYTES)
        try:
            return msgspec.json.decode(text, type=KeyPair)
        except msgspec.DecodeError as e:
            raise DataError(f"{self.pair} holds no pair of keys: {e}") from e


def lock_of(settings: ServerSettings, endpoints: Endpoints) -> Lock | None:
    """Return what those that connect are held to; None where all of this machine are let in.

    Raises:
        SettingsError: Keys are needed, and there are none.
        TickerlensError: They cannot be used.
    """
    reason = _why_locked(settings, endpoints)
    if not reason:
        return None
    return read_lock(KeyFolder(settings), reason, _WAYS_OUT)


def read_lock(folder: KeyFolder, reason: str, ways_out: str) -> Lock:
    """Return what those that connect are held to by the keys in a folder.

    Args:
        folder: Where they are.
        reason: Why they are needed, for the sentence.
        ways_out: What to do where there are none, likewise.

    Raises:
        SettingsError: There are none, or they let nobody in.
        TickerlensError: They cannot be used.
    """
    _require_curve()
    for path in (folder.pair, folder.allowed):
        if not path.exists():
            raise SettingsError(f"{reason}, and {path} is not there: {ways_out}")
    lock = Lock(pair=folder.read_pair(), allowed=AllowListFile(folder.allowed))
    if not lock.allowed.names:
        raise SettingsError(f"{reason}, and {folder.allowed} lets nobody in: {ways_out}")
    return lock


def handed_lock() -> Lock:
    """Return what the program that started this one handed over, as a line of JSON on stdin.

    Raises:
        SettingsError: It is no `ServerKeys`.
        UnavailableError: Nothing can be locked here.
    """
    _require_curve()
    line = b"" if sys.stdin is None else sys.stdin.buffer.readline(_MOST_BYTES)
    try:
        handed = msgspec.json.decode(line, type=ServerKeys)
    except msgspec.DecodeError as e:
        raise SettingsError(f"the first line of stdin must hold keys: {e}") from e
    return Lock(pair=handed.pair, allowed=AllowedKeys({handed.desk: "parent"}))


def new_pair() -> KeyPair:
    """Return new keys.

    Raises:
        UnavailableError: None can be made here.
    """
    return pair_of(zmq.curve_keypair() if zmq.has("curve") else None)


def _why_locked(settings: ServerSettings, endpoints: Endpoints) -> str:
    for setting, endpoint in (("publish", endpoints.publish), ("requests", endpoints.requests)):
        if beyond_loopback(setting, endpoint):
            return (
                f"{setting} must be a loopback address such as 127.0.0.1 where there are no keys, "
                f"was {endpoint!r}"
            )
    return "require_keys is on" if settings.require_keys else ""


def _require_curve() -> None:
    if not zmq.has("curve"):
        raise UnavailableError(NO_CURVE)


def _usual_folder() -> Path:
    return settings_layers.default_file().parent / "keys"
