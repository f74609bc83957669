from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import zmq
from structlog.testing import capture_logs

from client.net.locks import new_pair
from server.figures import Access
from server.locks.allow_list import AllowedKeys, allow, revoke
from server.locks.guard import Guard
from server.locks.key_folder import Lock
from server.protocol.endpoints import OPEN_DOMAIN, bind
from shared.errors import UnavailableError
from shared.keys import DeskKeys
from tests.kit.house import Context
from tests.kit.locked import LOOPBACK, LockedServer, visiting
from tests.kit.raw_peer import OLD_GREETINGS, SIGNATURE, said_back
from tests.kit.waiting import LIMIT_MS


@pytest.fixture
def server(context: Context, tmp_path: Path) -> Iterator[LockedServer]:
    with LockedServer(context, tmp_path) as server:
        yield server


def keys_of_a_stranger(server: LockedServer) -> DeskKeys:
    return server.keys_of(new_pair())


def keys_with_another_server(server: LockedServer) -> DeskKeys:
    return msgspec.structs.replace(server.admit("bob"), server=new_pair().public)


def no_keys(_server: LockedServer) -> None:
    return None


def revoked_keys(server: LockedServer) -> DeskKeys:
    keys = server.admit("bob")
    revoke(server.list, "bob")
    return keys


@pytest.mark.parametrize(
    "keys_of", [no_keys, keys_of_a_stranger, keys_with_another_server, revoked_keys]
)
def test_who_is_not_allowed_hears_nothing_and_gets_no_answer(
    context: Context, server: LockedServer, keys_of: object
) -> None:
    assert callable(keys_of)
    with (
        visiting(context, server, keys_of(server)) as outsider,
        visiting(context, server, server.admit("ada")) as desk,
    ):
        server.serve(until=outsider.stays_out)
        # All along there was something to hear.
        server.serve(until=lambda: desk.hears(b"news"))
        outsider.look()
    assert outsider.news | outsider.answers == set()


def test_a_revoked_key_loses_its_open_connections_at_once(
    context: Context, server: LockedServer
) -> None:
    keys = server.admit("bob")
    with (
        visiting(context, server, keys) as bob,
        visiting(context, server, server.admit("ada")) as ada,
    ):
        server.serve(until=lambda: bob.hears(b"news"))
        server.serve(until=lambda: ada.hears(b"news"))
        revoke(server.list, "bob")
        server.guard.renew()
        server.word = b"later"
        server.serve(until=bob.stays_out)
        server.serve(until=lambda: ada.hears(b"later"))
        bob.look()
    assert bob.news | bob.answers == {b"news"}
    # A name is only a name: with another key it may return, with the old one it may not.
    allow(server.list, "bob", new_pair().public)
    with visiting(context, server, keys) as again:
        server.serve(until=again.stays_out)
    assert again.news | again.answers == set()


def test_a_request_that_waits_while_its_key_is_revoked_is_not_answered(
    context: Context, server: LockedServer
) -> None:
    with visiting(context, server, server.admit("bob")) as bob:
        server.serve(until=lambda: bob.hears(b"news"))
        bob.look()
        assert server.router.poll(LIMIT_MS)
        waiting = server.router.recv_multipart(copy=False)
        assert server.guard.hears(waiting[0])
        revoke(server.list, "bob")
        server.guard.renew()
        # The name alone does not help: it is another one's now.
        allow(server.list, "bob", new_pair().public)
        server.guard.renew()
        assert not server.guard.hears(waiting[0])


def test_a_port_that_another_program_takes_at_that_moment_is_told(
    context: Context, server: LockedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def taken(_socket: object, endpoint: str) -> str:
        tries.append(endpoint)
        raise UnavailableError(f"{endpoint} is taken")

    server.admit("bob")
    server.guard.renew()
    revoke(server.list, "bob")
    monkeypatch.setattr("server.locks.guard.bind", taken)
    monkeypatch.setattr("server.locks.guard._BIND_AGAIN_S", 0.02)
    with pytest.raises(UnavailableError, match="taken"):
        server.guard.renew()
    assert set(tries) == {server.publisher}
    assert len(tries) > 1


def test_a_key_that_is_allowed_later_gets_in_without_a_restart(
    context: Context, server: LockedServer
) -> None:
    pair = new_pair()
    with visiting(context, server, server.keys_of(pair)) as early:
        server.serve(until=early.stays_out)
    allow(server.list, "late", pair.public)
    with visiting(context, server, server.keys_of(pair)) as late:
        server.serve(until=lambda: late.hears(b"news"))


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("who knows\n")])
def test_a_list_that_is_lost_or_spoilt_lets_nobody_in(
    context: Context, server: LockedServer, spoil: object
) -> None:
    assert callable(spoil)
    with visiting(context, server, server.admit("ada")) as desk:
        server.serve(until=lambda: desk.hears(b"news"))
        spoil(server.list)
        with capture_logs() as said:
            server.guard.renew()
        assert [line["event"] for line in said] == ["nobody is let in", "revoked"]
        server.word = b"later"
        server.serve(until=desk.stays_out)
    assert desk.news | desk.answers == {b"news"}


@pytest.mark.parametrize("sent", OLD_GREETINGS.values(), ids=OLD_GREETINGS)
def test_old_greetings_and_web_pages_open_no_lock(server: LockedServer, sent: bytes) -> None:
    for endpoint in (server.publisher, server.requests):
        assert said_back(endpoint, sent) in (b"", SIGNATURE)
    assert not server.router.poll(0)
    assert not server.xpub.poll(0)


def test_a_lock_holds_on_ipv6(context: Context, tmp_path: Path) -> None:
    try:
        server = LockedServer(context, tmp_path, "tcp://[::1]:*")
    except OSError:
        pytest.skip("there is no IPv6 here")
    with (
        server,
        visiting(context, server, None) as outsider,
        visiting(context, server, server.admit("ada")) as desk,
    ):
        server.serve(until=lambda: desk.hears(b"news"))
        server.serve(until=outsider.stays_out)


def test_a_locked_socket_without_its_guard_lets_nobody_in(
    context: Context, server: LockedServer
) -> None:
    keys = server.admit("ada")
    server.guard.socket.unbind("inproc://zeromq.zap.01")
    with visiting(context, server, keys) as desk:
        server.serve(until=desk.stays_out)


def test_who_comes_is_told_by_name_and_who_is_refused_seldom(
    context: Context, server: LockedServer
) -> None:
    stranger = new_pair()
    with (
        capture_logs() as said,
        visiting(context, server, server.keys_of(stranger)) as outsider,
        visiting(context, server, server.admit("ada")) as desk,
    ):
        server.serve(until=outsider.stays_out)
        server.serve(until=lambda: desk.hears(b"news"))
    let_in = [line["desk"] for line in said if line["event"] == "let in"]
    connected = [line["desks"] for line in said if line["event"] == "connected"]
    refused = [line["key"] for line in said if line["event"] == "refused"]
    assert let_in == ["ada", "ada"]
    assert connected == [("ada",)]
    assert refused == [stranger.public]
    access = server.guard.access()
    assert (access.desks, access.admitted) == (("ada",), 2)
    assert access.refused >= 2


def test_a_socket_that_knows_its_peers_otherwise_stays_open(context: Context) -> None:
    lock = Lock(pair=new_pair(), allowed=AllowedKeys({}))
    with (
        Guard(context, lock) as guard,
        context.socket(zmq.ROUTER) as router,
        context.socket(zmq.DEALER) as dealer,
    ):
        dealer.connect(bind(router, LOOPBACK, OPEN_DOMAIN))
        dealer.send(b"token")
        assert guard.socket.poll(LIMIT_MS)
        guard.answer()
        assert router.poll(LIMIT_MS)
        assert router.recv_multipart()[1] == b"token"
    assert guard.access() == Access(desks=(), admitted=0, refused=0)
