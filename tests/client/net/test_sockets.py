import socket
from pathlib import Path

import msgspec
import pytest
import zmq

from client.net.locks import new_pair
from client.net.sockets import Connected, Sockets, new_socket
from shared.endpoints import Endpoints
from shared.protocol import wire
from shared.protocol.requests import GetModel
from tests.kit.fake_server import FakeServer
from tests.kit.locked import LockedServer
from tests.kit.maker import Maker
from tests.kit.raw_peer import OLD_GREETINGS, read_to_end
from tests.kit.waiting import LIMIT_S

IN_A_ROW = 20  # refused this often, a request is not merely waiting for the network


def test_requests_wait_in_no_queue_for_a_dead_server(
    fake_server: FakeServer, context: zmq.Context[zmq.Socket[bytes]]
) -> None:
    sockets = Sockets(context, fake_server.endpoints)
    try:
        _send_until_taken(sockets, 1)
        fake_server.serve(until=lambda: bool(fake_server.requests))
        fake_server.die()
        refused = 0
        while refused < IN_A_ROW or not sockets.are_over:
            refused = 0 if sockets.send(GetModel(request_id=2)) else refused + 1
            list(sockets.receive(10))
        sockets.close()
        fake_server.rise("run-2")
        sockets = Sockets(context, fake_server.endpoints)
        _send_until_taken(sockets, 3)
        fake_server.serve(until=lambda: bool(fake_server.requests))
        assert [r.request_id for r in fake_server.requests] == [3]
    finally:
        sockets.close()


def _send_until_taken(sockets: Sockets, request_id: int) -> None:
    while not sockets.send(GetModel(request_id=request_id)):
        list(sockets.receive(10))


def test_each_connection_is_noticed(
    fake_server: FakeServer, context: zmq.Context[zmq.Socket[bytes]]
) -> None:
    for run_id in ("run-2", "run-3", "run-4"):
        sockets = Sockets(context, fake_server.endpoints)
        try:
            _receive_connected(sockets)
            fake_server.die()
            while not sockets.are_over:
                assert not any(isinstance(event, Connected) for event in sockets.receive(10))
        finally:
            sockets.close()
        fake_server.rise(run_id)


def test_no_socket_loses_its_reader_between_two_parts_of_a_message(
    context: zmq.Context[zmq.Socket[bytes]],
) -> None:
    for kind in (zmq.SUB, zmq.DEALER):
        with new_socket(context, kind, "tcp://127.0.0.1:1", None) as one:
            assert not one.immediate


def _receive_connected(sockets: Sockets) -> None:
    while not any(isinstance(event, Connected) for event in sockets.receive(10)):
        pass


def test_an_unknown_kind_is_skipped_and_counted_and_the_next_message_comes(
    fake_server: FakeServer, context: zmq.Context[zmq.Socket[bytes]], make: Maker
) -> None:
    sockets = Sockets(context, fake_server.endpoints)
    try:
        _receive_connected(sockets)
        fake_server.serve(until=lambda: wire.topic("status") in fake_server.topics)
        topic, header = wire.encode_published(make.status(1))
        later = msgspec.msgpack.decode(header) | {"type": "alert"}
        fake_server.publisher.send_multipart([topic, msgspec.msgpack.encode(later)])
        last = make.buy("AAPL", 1)
        fake_server.publish(last)
        while not any(isinstance(event, type(last)) for event in sockets.receive(10)):
            pass
        assert (sockets.skipped, sockets.rejected, sockets.complaint) == (1, 0, "")
    finally:
        sockets.close()


@pytest.mark.parametrize("sent", OLD_GREETINGS.values(), ids=OLD_GREETINGS)
def test_a_server_with_an_old_greeting_is_not_heard(
    context: zmq.Context[zmq.Socket[bytes]], sent: bytes
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LIMIT_S)
        endpoint = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with new_socket(context, zmq.DEALER, endpoint, None) as dealer:
            dealer.connect(endpoint)
            peer, _ = server.accept()
            with peer:
                peer.settimeout(LIMIT_S)
                peer.sendall(sent)
                read_to_end(peer)
            assert not dealer.poll(0)


def test_a_server_that_does_not_let_in_is_told_from_one_that_is_away(
    context: zmq.Context[zmq.Socket[bytes]], tmp_path: Path
) -> None:
    with LockedServer(context, tmp_path) as server:
        allowed, stranger = server.admit("ada"), server.keys_of(new_pair())
        other = msgspec.structs.replace(allowed, server=new_pair().public)
        at = Endpoints(publish=server.publisher, requests=server.requests)
        whys = []
        for keys in (stranger, other, None):
            sockets = Sockets(context, msgspec.structs.replace(at, keys=keys))
            assert sockets.refusal == ""

            def refused(sockets: Sockets = sockets) -> bool:
                return not list(sockets.receive(0)) and bool(sockets.refusal)

            try:
                server.serve(until=refused)
            finally:
                sockets.close()
            whys.append(sockets.refusal)
        assert "revoked" in whys[0]
        assert "another key" in whys[1]
        assert "--invite" in whys[2]
