"""Where the server listens: loopback addresses alone, because the links carry no keys yet."""

import errno
import ipaddress
from typing import Final

import zmq

from shared.endpoints import Endpoints, pair, parse
from shared.errors import SettingsError, UnavailableError
from shared.settings import ServerSettings

ZAP_DOMAIN: Final = b"tickerlens"


def endpoints_of(settings: ServerSettings) -> Endpoints:
    """Return the endpoints to bind for what is published and for requests.

    Raises:
        SettingsError: One is not `tcp://HOST:PORT`, or HOST is not a loopback address.
    """
    endpoints = pair("publish", settings.publish, settings.requests)
    _require_loopback("publish", endpoints.publish)
    _require_loopback("requests", endpoints.requests)
    return endpoints


def bind(socket: zmq.Socket[bytes], endpoint: str) -> str:
    """Bind `socket` and return the endpoint that others connect to.

    Greetings of ZMTP 1 and 2 are refused: what a web page sends to a port of this machine reads as
    one of ZMTP 1, which has no signature, and as messages behind it.

    Raises:
        UnavailableError: The address is taken or cannot be had.
    """
    # libzmq refuses what cannot be authenticated where a domain is named, also when nobody does.
    socket.zap_domain = ZAP_DOMAIN
    socket.ipv6 = endpoint.startswith("tcp://[")
    try:
        socket.bind(endpoint)
    except zmq.ZMQError as e:
        if e.errno == errno.EADDRINUSE:
            sentence = f"{endpoint} is taken: another server may be running; choose another port"
            raise UnavailableError(f"{sentence} with --publish and --requests") from e
        raise UnavailableError(f"{endpoint} cannot be listened on: {e.strerror}") from e
    return socket.get_string(zmq.LAST_ENDPOINT).rstrip("\0")


def _require_loopback(setting: str, endpoint: str) -> None:
    if not _is_loopback(parse(setting, endpoint).host.strip("[]")):
        raise SettingsError(
            f"{setting} must be a loopback address such as 127.0.0.1, was {endpoint!r}: the links "
            f"carry no keys yet; reach the server from elsewhere through a tunnel, such as "
            f"ssh -L 5555:127.0.0.1:5555 -L 5556:127.0.0.1:5556 HOST"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
