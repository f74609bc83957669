"""Where the server listens: loopback addresses alone, because the links carry no keys yet."""

import errno
import ipaddress
import re
from typing import Final

import zmq

from shared.errors import SettingsError, UnavailableError
from shared.settings import ServerSettings

_TCP: Final = re.compile(r"tcp://(?P<host>\[[^\]/]+\]|[^\[\]:/]+):(?P<port>\*|[0-9]{1,5})")


def endpoints_of(settings: ServerSettings) -> tuple[str, str]:
    """Return the endpoints to bind for what is published and for requests.

    Raises:
        SettingsError: One is not `tcp://HOST:PORT`, or HOST is not a loopback address.
    """
    host, port = _parse("publish", settings.publish)
    following = "*" if port == "*" else str(int(port) + 1)
    requests = settings.requests or f"tcp://{host}:{following}"
    _parse("requests", requests)
    return settings.publish, requests


def bind(socket: zmq.Socket[bytes], endpoint: str) -> str:
    """Bind `socket` and return the endpoint that others connect to.

    Raises:
        UnavailableError: The address is taken or cannot be had.
    """
    socket.ipv6 = endpoint.startswith("tcp://[")
    try:
        socket.bind(endpoint)
    except zmq.ZMQError as e:
        if e.errno == errno.EADDRINUSE:
            sentence = f"{endpoint} is taken: another server may be running; choose another port"
            raise UnavailableError(f"{sentence} with --publish and --requests") from e
        raise UnavailableError(f"{endpoint} cannot be listened on: {e.strerror}") from e
    return socket.get_string(zmq.LAST_ENDPOINT).rstrip("\0")


def _parse(setting: str, endpoint: str) -> tuple[str, str]:
    match = _TCP.fullmatch(endpoint)
    if match is None or not (match["port"] == "*" or 0 < int(match["port"]) < 65_536):
        example = "tcp://127.0.0.1:5555, or * as the port"
        raise SettingsError(f"{setting} must be like {example}, was {endpoint!r}")
    if not _is_loopback(match["host"].strip("[]")):
        raise SettingsError(
            f"{setting} must be a loopback address such as 127.0.0.1, was {endpoint!r}: the links "
            f"carry no keys yet; reach the server from elsewhere through a tunnel, such as "
            f"ssh -L 5555:127.0.0.1:5555 -L 5556:127.0.0.1:5556 HOST"
        )
    return match["host"], match["port"]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
