import pytest

from client.net.endpoints import default_endpoints, endpoints_of
from shared.endpoints import Endpoints
from shared.errors import SettingsError
from shared.settings import DeskSettings


def test_requests_are_answered_at_the_next_port() -> None:
    expected = Endpoints(publish="tcp://10.0.0.1:7000", requests="tcp://10.0.0.1:7001")
    assert endpoints_of(DeskSettings(connect="tcp://10.0.0.1:7000")) == expected


def test_requests_are_answered_where_the_settings_say() -> None:
    found = endpoints_of(DeskSettings(connect="tcp://a-b.c:7000", requests="tcp://[::1]:9"))
    assert found == Endpoints(publish="tcp://a-b.c:7000", requests="tcp://[::1]:9")


def test_without_settings_the_choice_is_the_desks() -> None:
    assert endpoints_of(DeskSettings()) is None
    assert default_endpoints().requests == "tcp://127.0.0.1:5556"


@pytest.mark.parametrize(
    "endpoint",
    [
        "127.0.0.1:5555",
        "tcp://127.0.0.1",
        "tcp://*:5555",
        "tcp://h:*",
        "tcp://h:0",
        "tcp://h:70000",
        "tcp://h:65535",
        "tcp://-h:1",
        "tcp://_h:1",
        "tcp://a b:1",
        "tcp://:1",
        "ipc://x",
    ],
)
def test_what_cannot_be_connected_to_is_refused(endpoint: str) -> None:
    with pytest.raises(SettingsError, match="tcp://127"):
        endpoints_of(DeskSettings(connect=endpoint))


def test_requests_without_a_server_are_refused() -> None:
    with pytest.raises(SettingsError, match="connect"):
        endpoints_of(DeskSettings(requests="tcp://127.0.0.1:5556"))
