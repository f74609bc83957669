"""The server that the settings of a desk name, or the one that is looked for without them."""

from pathlib import Path
from typing import Final

import msgspec

from client.net.locks import can_lock
from shared import secret_files
from shared.endpoints import ANY, DEFAULT_PUBLISH, Endpoints, pair, parse
from shared.errors import DataError, SettingsError, UnavailableError
from shared.keys import NO_CURVE, Invite
from shared.settings import DeskSettings

_MOST_BYTES: Final = 4_096


def endpoints_of(settings: DeskSettings) -> Endpoints | None:
    """Return the server that the settings name; None when they leave the choice to the desk.

    Raises:
        SettingsError: An endpoint is not one to connect to, or requests stand without a server.
        TickerlensError: The invite cannot be used.
    """
    invite = open_invite(Path(settings.invite)) if settings.invite else None
    if settings.connect:
        found = pair("connect", settings.connect, settings.requests)
    elif settings.requests:
        raise SettingsError("requests is set, but connect is not: it names the server")
    elif invite is not None:
        found = pair("connect", invite.connect, invite.requests)
    else:
        return None
    _require_one_place(found)
    return found if invite is None else msgspec.structs.replace(found, keys=invite.keys)


def open_invite(path: Path) -> Invite:
    """Return what a server gave this desk to be let in.

    Raises:
        DataError: The file is no invite.
        InputMissingError: It cannot be opened.
        OpenFileError: Others than its owner can read it.
        UnavailableError: Nothing can be unlocked here.
    """
    if not can_lock():
        raise UnavailableError(NO_CURVE)
    try:
        return msgspec.json.decode(secret_files.read(path, _MOST_BYTES), type=Invite)
    except msgspec.DecodeError as e:
        raise DataError(f"{path} is no invite: {e}") from e


def _require_one_place(found: Endpoints) -> None:
    for setting, endpoint in (("connect", found.publish), ("requests", found.requests)):
        if ANY in parse(setting, endpoint):
            example = f"one host and port, as {DEFAULT_PUBLISH}"
            raise SettingsError(f"{setting} must name {example}, was {endpoint!r}")


def default_endpoints() -> Endpoints:
    """Return where a server is when nothing says otherwise."""
    return pair("connect", DEFAULT_PUBLISH, "")
