"""Where a server is: two endpoints, of which the second follows from the first unless it is set.

One rule of writing for both sides. What each side refuses beyond it stands with that side: a desk
cannot connect to any host, a server does not listen beyond this machine.
"""

import re
from typing import Final, NamedTuple

import msgspec

from shared.errors import SettingsError
from shared.keys import DeskKeys

DEFAULT_PUBLISH: Final = "tcp://127.0.0.1:5555"
ANY: Final = "*"

_TCP: Final = re.compile(
    r"tcp://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9][\w.-]*|\*):([0-9]{1,5}|\*)", re.ASCII
)


class Endpoints(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The two sockets of a server.

    Attributes:
        publish: Where it publishes.
        requests: Where it answers.
        keys: What opens both; None where nothing is asked.
    """

    publish: str
    requests: str
    keys: DeskKeys | None = None


class Address(NamedTuple):
    """The parts of an endpoint.

    Attributes:
        host: A name, an IPv4 address, an IPv6 address in brackets, or `*` for all of the machine's.
        port: 1 to 65535, or `*` for any that is free.
    """

    host: str
    port: str


def parse(setting: str, endpoint: str) -> Address:
    """Return the parts of an endpoint.

    Args:
        setting: Where it stands, for the sentence.
        endpoint: `tcp://HOST:PORT`.

    Raises:
        SettingsError: It is not written so.
    """
    match = _TCP.fullmatch(endpoint)
    if match is None or not (match[2] == ANY or 0 < int(match[2]) < 65_536):
        raise SettingsError(f"{setting} must be like {DEFAULT_PUBLISH}, was {endpoint!r}")
    return Address(*match.groups())


def pair(setting: str, publish: str, requests: str) -> Endpoints:
    """Return both endpoints; without `requests` it is the port after `publish`.

    Args:
        setting: Where `publish` stands, for the sentence.
        publish: Where a server publishes.
        requests: Where it answers; empty for the usual place.

    Raises:
        SettingsError: One is not `tcp://HOST:PORT`, or there is no port after `publish`.
    """
    host, port = parse(setting, publish)
    following = ANY if port == ANY else str(int(port) + 1)
    requests = requests or f"tcp://{host}:{following}"
    parse("requests", requests)
    return Endpoints(publish=publish, requests=requests)


def beyond_loopback(setting: str, endpoint: str) -> bool:
    """Return whether others than this machine may reach an endpoint.

    Raises:
        SettingsError: It is not `tcp://HOST:PORT`.
    """
    import ipaddress  # `--help` has no endpoint to ask this of

    host = parse(setting, endpoint).host.strip("[]")
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
