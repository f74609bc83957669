import pytest

from client.net.link import Link
from client.state.inbox import Inbox
from client.terminal.live import run_terminal
from shared.endpoints import Endpoints
from shared.errors import ServerSilentError
from shared.settings import DeskSettings


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def test_into_a_pipe_without_a_server_it_gives_up(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.terminal.live.FIRST_WITHIN_S", 0.0)
    nowhere = Endpoints(publish="tcp://127.0.0.1:1", requests="tcp://127.0.0.1:2")
    with pytest.raises(ServerSilentError, match="no rows within a minute"):
        run_terminal(Link(nowhere, inbox), inbox, DeskSettings())
