import importlib.util

import pytest
import zmq

from client.net import source
from client.net.local_server import LocalServer
from client.net.source import Remote, find_source
from shared.endpoints import Endpoints
from tests.kit.fake_server import FakeServer

Context = zmq.Context[zmq.Socket[bytes]]


@pytest.fixture
def usual(fake_server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    """Return a server that stands where one is looked for; it answers nothing by itself."""
    monkeypatch.setattr(source, "default_endpoints", lambda: fake_server.endpoints)
    monkeypatch.setattr(source, "ANSWER_WITHIN_MS", 50)
    return fake_server


def test_the_server_of_the_settings_is_used_unasked(context: Context) -> None:
    given = Endpoints(publish="tcp://127.0.0.1:1", requests="tcp://127.0.0.1:2")
    assert find_source(context, given).poll(0) == given


def test_a_server_that_answers_at_the_usual_place_is_used(
    usual: FakeServer, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "answers", lambda *_: True)
    found = find_source(context, None)
    assert found.poll(0) == usual.endpoints
    assert not found.local
    assert not found.trouble


def test_who_takes_requests_and_says_nothing_is_no_server(
    usual: FakeServer, context: Context
) -> None:
    assert isinstance(find_source(context, None), LocalServer)


def test_a_port_with_nobody_behind_it_is_no_server(usual: FakeServer, context: Context) -> None:
    usual.die()
    assert isinstance(find_source(context, None), LocalServer)


def test_without_the_packages_of_a_server_it_says_how_to_get_them(
    usual: FakeServer, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else real(name)
    )
    found = find_source(context, None)
    assert isinstance(found, Remote)
    assert found.poll(0) == usual.endpoints
    assert "without torch: " in found.trouble
    assert 'pip install "tickerlens[all]"' in found.trouble


def test_where_nothing_can_be_locked_no_server_is_started(
    usual: FakeServer, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zmq.has", lambda _what: False)
    found = find_source(context, None)
    assert isinstance(found, Remote)
    assert "CURVE" in found.trouble
