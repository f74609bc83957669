"""The real server process, locked, and those who want in: from its command line to its sockets."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import zmq

from client.net.endpoints import endpoints_of
from client.net.link import Link
from client.net.local_server import COMMAND, LocalServer
from client.net.locks import new_pair
from client.net.sockets import Sockets
from client.state.inbox import Inbox
from server.__main__ import main
from shared.endpoints import Endpoints
from shared.keys import DeskKeys
from shared.protocol.answers import Universe
from shared.protocol.messages import Status
from shared.protocol.requests import GetUniverse
from shared.settings import DeskSettings
from tests.kit.live_server import LiveServer, StartServer
from tests.kit.tap import Tap
from tests.kit.waiting import wait_for
from tests.kit.warm_python import warmed

SYMBOL = "100010"  # of the simulated market


class Follower:
    """A desk's two sockets, and what came through them."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets
        self.kinds: set[type] = set()
        self.symbols: set[str] = set()

    def look(self) -> None:
        self._sockets.send(GetUniverse(request_id=1))
        for event in self._sockets.receive(10):
            match event:
                case (_, Universe(symbols=symbols)):
                    self.kinds.add(Universe)
                    self.symbols |= set(symbols)
                case Status():
                    self.kinds.add(Status)

    def is_inside(self) -> bool:
        self.look()
        return self.kinds == {Universe, Status}

    def is_refused(self) -> str:
        self.look()
        return self._sockets.refusal


@contextlib.contextmanager
def following(endpoints: Endpoints) -> Iterator[Follower]:
    with zmq.Context() as context, contextlib.closing(Sockets(context, endpoints)) as sockets:
        yield Follower(sockets)


@pytest.fixture
def keys(tmp_path: Path) -> Callable[..., None]:
    def run(*words: str) -> None:
        assert main(["keys", "--keys", str(tmp_path / "keys"), *words]) == 0

    return run


@pytest.fixture
def server(tmp_path: Path, start_server: StartServer, keys: Callable[..., None]) -> LiveServer:
    """A locked server on a loopback address, for `ada` and `bob`."""
    keys("keygen")
    for name in ("ada", "bob"):
        keys("invite", name, "--connect", "tcp://localhost:1", "--to", str(tmp_path / name))
    return start_server("--require-keys", "--keys", str(tmp_path / "keys"), "--tickers", "5")


@pytest.fixture
def invited(tmp_path: Path, server: LiveServer) -> Callable[[str], Endpoints]:
    def open_invite(name: str) -> Endpoints:
        settings = DeskSettings(
            invite=str(tmp_path / name), connect=server.publish, requests=server.requests
        )
        found = endpoints_of(settings)
        assert found is not None
        return found

    return open_invite


@pytest.mark.slow
def test_keys_open_a_running_server_until_they_are_revoked(
    server: LiveServer, keys: Callable[..., None], invited: Callable[[str], Endpoints]
) -> None:
    keyless = Endpoints(publish=server.publish, requests=server.requests)
    with (
        following(invited("ada")) as ada,
        following(invited("bob")) as bob,
        following(keyless) as outsider,
    ):
        wait_for(ada.is_inside)
        wait_for(bob.is_inside)
        assert "--invite" in wait_for(outsider.is_refused)
        assert outsider.kinds == set()
        keys("revoke", "bob")
        assert "revoked" in wait_for(bob.is_refused)
        ada.kinds.clear()
        bob.kinds.clear()
        wait_for(ada.is_inside)
        assert bob.is_refused()
        assert bob.kinds == outsider.kinds == set()


@pytest.mark.slow
@pytest.mark.parametrize("locked", [True, False])
def test_who_listens_on_the_way_reads_nothing(
    start_server: StartServer,
    request: pytest.FixtureRequest,
    locked: bool,
) -> None:
    if locked:
        open_invite = request.getfixturevalue("invited")
        endpoints: Endpoints = open_invite("ada")
    else:
        server = start_server("--tickers", "5")
        endpoints = Endpoints(publish=server.publish, requests=server.requests)
    with Tap(endpoints.publish) as said, Tap(endpoints.requests) as asked:
        tapped = msgspec.structs.replace(endpoints, publish=said.endpoint, requests=asked.endpoint)
        with following(tapped) as desk:
            wait_for(desk.is_inside)
    assert SYMBOL in desk.symbols
    # Without keys both can be read, or the test would say nothing.
    assert (SYMBOL.encode() in asked.heard) is not locked
    assert (b"universe_revision" in said.heard) is not locked


@pytest.mark.slow
def test_a_server_of_the_desk_s_own_lets_in_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path))
    with contextlib.closing(LocalServer(warmed(COMMAND))) as local:
        mine = wait_for(lambda: local.poll(0))
        assert mine.keys is not None
        strange = DeskKeys(server=mine.keys.server, pair=new_pair())
        with (
            following(mine) as desk,
            following(msgspec.structs.replace(mine, keys=None)) as keyless,
            following(msgspec.structs.replace(mine, keys=strange)) as stranger,
        ):
            wait_for(desk.is_inside)
            wait_for(keyless.is_refused)
            wait_for(stranger.is_refused)
            assert keyless.kinds == stranger.kinds == set()


@pytest.mark.slow
def test_a_desk_that_is_let_in_again_heals_by_itself(
    keys: Callable[..., None], invited: Callable[[str], Endpoints]
) -> None:
    endpoints = invited("bob")
    assert endpoints.keys is not None
    link = Link(endpoints, Inbox())
    link.start()
    try:
        wait_for(lambda: link.health().state == "live")
        keys("revoke", "bob")
        wait_for(lambda: "revoked" in link.health().sentence)
        keys("allow", "bob", "--", endpoints.keys.pair.public)
        wait_for(lambda: link.health().state == "live")
    finally:
        assert link.stop()
