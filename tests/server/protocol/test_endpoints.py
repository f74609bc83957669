import re

import pytest
import zmq

from server.protocol.endpoints import bind, endpoints_of, new_context
from shared.endpoints import Endpoints
from shared.errors import SettingsError, UnavailableError
from shared.settings import ServerSettings
from tests.kit.house import Context
from tests.kit.raw_peer import OLD_GREETINGS, SIGNATURE, connect_3_0, said_back
from tests.kit.waiting import LIMIT_MS


@pytest.mark.parametrize(
    ("publish", "requests", "expected"),
    [
        ("tcp://127.0.0.1:5555", "", "tcp://127.0.0.1:5556"),
        ("tcp://127.9.9.9:7000", "", "tcp://127.9.9.9:7001"),
        ("tcp://localhost:7000", "", "tcp://localhost:7001"),
        ("tcp://[::1]:7000", "", "tcp://[::1]:7001"),
        ("tcp://127.0.0.1:*", "", "tcp://127.0.0.1:*"),
        ("tcp://127.0.0.1:5555", "tcp://127.0.0.2:9", "tcp://127.0.0.2:9"),
        ("tcp://127.0.0.1:65535", "tcp://127.0.0.1:1", "tcp://127.0.0.1:1"),
    ],
)
def test_requests_are_on_the_next_port_unless_set(
    publish: str, requests: str, expected: str
) -> None:
    settings = ServerSettings(publish=publish, requests=requests)
    assert endpoints_of(settings) == Endpoints(publish=publish, requests=expected)


@pytest.mark.parametrize(
    "endpoint",
    [
        "127.0.0.1:5555",
        "ipc:///tmp/x",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:0",
        "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:5555/",
        "tcp://::1:5555",
    ],
)
def test_what_is_no_endpoint_is_refused(endpoint: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"was {endpoint!r}")):
        endpoints_of(ServerSettings(publish=endpoint))


def test_the_last_port_has_no_next_one() -> None:
    with pytest.raises(SettingsError, match="requests must be like"):
        endpoints_of(ServerSettings(publish="tcp://127.0.0.1:65535"))


def test_any_free_port_is_told(context: Context) -> None:
    with context.socket(zmq.ROUTER) as socket:
        assert re.fullmatch(r"tcp://127\.0\.0\.1:[1-9]\d+", bind(socket, "tcp://127.0.0.1:*"))


def test_a_taken_port_is_named(context: Context) -> None:
    with context.socket(zmq.ROUTER) as first, context.socket(zmq.ROUTER) as second:
        endpoint = bind(first, "tcp://127.0.0.1:*")
        with pytest.raises(UnavailableError, match=f"{re.escape(endpoint)} is taken"):
            bind(second, endpoint)


@pytest.mark.parametrize("sent", OLD_GREETINGS.values(), ids=OLD_GREETINGS)
@pytest.mark.parametrize("kind", [zmq.ROUTER, zmq.XPUB])
def test_old_greetings_and_what_a_web_page_sends_are_refused(
    context: Context, kind: int, sent: bytes
) -> None:
    with context.socket(kind) as socket:
        assert said_back(bind(socket, "tcp://127.0.0.1:*"), sent) in (b"", SIGNATURE)
        assert not socket.poll(0)


def test_a_peer_of_zmtp_3_0_is_heard() -> None:
    with (
        new_context() as context,
        context.socket(zmq.ROUTER) as router,
        connect_3_0(bind(router, "tcp://127.0.0.1:*")),
    ):
        assert router.poll(LIMIT_MS)
        assert router.recv_multipart()[1] == b"hi"


@pytest.mark.parametrize("kind", [zmq.ROUTER, zmq.XPUB])
def test_a_peer_that_is_gone_is_told_by_tcp_and_not_by_heartbeats(kind: int) -> None:
    # With heartbeats libzmq ended a server under a client that left badly.
    with new_context() as context, context.socket(kind) as socket:
        bind(socket, "tcp://127.0.0.1:*")
        assert socket.get(zmq.HEARTBEAT_IVL) == 0
        assert socket.get(zmq.TCP_KEEPALIVE) == 1
        assert socket.get(zmq.TCP_KEEPALIVE_IDLE) == 30
