"""Where a server is: two endpoints, of which the second follows from the first unless it is set."""

import re
from typing import Final

import msgspec

from shared.errors import SettingsError
from shared.settings import DeskSettings

_TCP: Final = re.compile(
    r"(tcp://(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9][\w.-]*):)([0-9]{1,5})", re.ASCII
)


class Endpoints(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The two sockets of a server.

    Attributes:
        publish: Where it publishes.
        requests: Where it answers.
    """

    publish: str
    requests: str


def endpoints_of(settings: DeskSettings) -> Endpoints | None:
    """Return the server that the settings name; None when they leave the choice to the desk.

    Raises:
        SettingsError: An endpoint is not `tcp://host:port`, or requests stand without a server.
    """
    if settings.connect:
        return _endpoints(settings.connect, settings.requests)
    if settings.requests:
        raise SettingsError("requests is set, but connect is not: it names the server")
    return None


def default_endpoints() -> Endpoints:
    """Return where a server is when nothing says otherwise."""
    return _endpoints("tcp://127.0.0.1:5555", "")


def _endpoints(publish: str, requests: str) -> Endpoints:
    host, port = _split("connect", publish)
    requests = requests or f"{host}{port + 1}"
    _split("requests", requests)
    return Endpoints(publish=publish, requests=requests)


def _split(setting: str, endpoint: str) -> tuple[str, int]:
    match = _TCP.fullmatch(endpoint)
    if match is None or not 0 < int(match[2]) < 65536:
        raise SettingsError(f"{setting} must be like tcp://127.0.0.1:5555, was {endpoint!r}")
    return match[1], int(match[2])
