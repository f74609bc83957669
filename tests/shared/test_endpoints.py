import pytest

from shared.endpoints import Address, Endpoints, beyond_loopback, pair, parse
from shared.errors import SettingsError
from tests.kit.for_each import for_each


@pytest.mark.parametrize(
    ("endpoint", "host", "port"),
    [
        ("tcp://127.0.0.1:5555", "127.0.0.1", "5555"),
        ("tcp://a-b.c:65535", "a-b.c", "65535"),
        ("tcp://[::1]:9", "[::1]", "9"),
        ("tcp://localhost:*", "localhost", "*"),
        ("tcp://*:1", "*", "1"),
    ],
)
def test_an_endpoint_has_a_host_and_a_port(endpoint: str, host: str, port: str) -> None:
    assert parse("connect", endpoint) == Address(host, port)


@for_each(
    "endpoint",
    [
        "",
        "127.0.0.1:5555",
        "ipc://x",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:5555/",
        "tcp://127.0.0.1:0",
        "tcp://127.0.0.1:65536",
        "tcp://::1:5555",
        "tcp://-h:1",
        "tcp://_h:1",
        "tcp://a b:1",
        "tcp://:1",
        "tcp://h:٣",
    ],
)
def test_what_is_no_endpoint_is_refused_by_its_setting(endpoint: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        parse("connect", endpoint)
    assert str(refusal.value) == f"connect must be like tcp://127.0.0.1:5555, was {endpoint!r}"


@pytest.mark.parametrize(
    ("publish", "requests", "expected"),
    [
        ("tcp://h:1", "", "tcp://h:2"),
        ("tcp://[::1]:1", "", "tcp://[::1]:2"),
        ("tcp://h:*", "", "tcp://h:*"),
        ("tcp://h:1", "tcp://g:9", "tcp://g:9"),
    ],
)
def test_requests_are_on_the_next_port_unless_set(
    publish: str, requests: str, expected: str
) -> None:
    assert pair("connect", publish, requests) == Endpoints(publish=publish, requests=expected)


def test_the_last_port_has_no_next_one() -> None:
    with pytest.raises(SettingsError, match="requests must be like"):
        pair("connect", "tcp://h:65535", "")


@for_each(
    ("endpoint", "beyond"),
    [
        ("tcp://127.0.0.1:5555", False),
        ("tcp://[::1]:*", False),
        ("tcp://localhost:5555", False),
        ("tcp://0.0.0.0:5555", True),
        ("tcp://*:5555", True),
        ("tcp://192.168.1.2:5555", True),
        ("tcp://[::]:1", True),
        ("tcp://host:1", True),
    ],
)
def test_what_others_than_this_machine_may_reach(endpoint: str, beyond: bool) -> None:
    assert beyond_loopback("publish", endpoint) is beyond
