from collections.abc import Iterator

import pytest
import zmq

from tests.kit.contexts import ending_context
from tests.kit.fake_server import FakeServer
from tests.kit.maker import Maker
from tests.kit.scripted_desk import Desk


@pytest.fixture
def make() -> Maker:
    return Maker()


@pytest.fixture
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    with ending_context() as context:
        yield context


@pytest.fixture
def fake_server(context: zmq.Context[zmq.Socket[bytes]], make: Maker) -> Iterator[FakeServer]:
    server = FakeServer(context, make)
    yield server
    server.die()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def joined(desk: Desk, make: Maker) -> Desk:
    desk.join(make)
    return desk
