from pathlib import Path

import msgspec
import pytest

from client.net.endpoints import default_endpoints, endpoints_of
from client.net.locks import new_pair
from shared import secret_files
from shared.endpoints import Endpoints
from shared.errors import (
    DataError,
    InputMissingError,
    OpenFileError,
    SettingsError,
    UnavailableError,
)
from shared.keys import DeskKeys, Invite
from shared.settings import DeskSettings
from tests.kit.for_each import for_each


def test_requests_are_answered_at_the_next_port() -> None:
    expected = Endpoints(publish="tcp://10.0.0.1:7000", requests="tcp://10.0.0.1:7001")
    assert endpoints_of(DeskSettings(connect="tcp://10.0.0.1:7000")) == expected


def test_requests_are_answered_where_the_settings_say() -> None:
    found = endpoints_of(DeskSettings(connect="tcp://a-b.c:7000", requests="tcp://[::1]:9"))
    assert found == Endpoints(publish="tcp://a-b.c:7000", requests="tcp://[::1]:9")


def test_without_settings_the_choice_is_the_desks() -> None:
    assert endpoints_of(DeskSettings()) is None
    assert default_endpoints().requests == "tcp://127.0.0.1:5556"


@for_each(
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


@pytest.fixture
def invite() -> Invite:
    keys = DeskKeys(server=new_pair().public, pair=new_pair())
    return Invite(name="ada", connect="tcp://10.0.0.1:7000", requests="", keys=keys)


@pytest.fixture
def file(tmp_path: Path, invite: Invite) -> Path:
    path = tmp_path / "ada.invite"
    secret_files.create(path, msgspec.json.encode(invite).decode())
    return path


def test_an_invite_says_where_the_server_is_and_opens_it(file: Path, invite: Invite) -> None:
    found = endpoints_of(DeskSettings(invite=str(file)))
    assert found == Endpoints(
        publish="tcp://10.0.0.1:7000", requests="tcp://10.0.0.1:7001", keys=invite.keys
    )


def test_the_server_of_an_invite_may_be_reached_by_another_way(file: Path, invite: Invite) -> None:
    found = endpoints_of(DeskSettings(invite=str(file), connect="tcp://127.0.0.1:9"))
    assert found == Endpoints(
        publish="tcp://127.0.0.1:9", requests="tcp://127.0.0.1:10", keys=invite.keys
    )


def test_an_invite_that_others_can_read_is_refused(file: Path) -> None:
    file.chmod(0o644)
    with pytest.raises(OpenFileError, match="chmod 600"):
        endpoints_of(DeskSettings(invite=str(file)))


@pytest.mark.parametrize("text", ["", "{}", "no", '{"name": "ada"}'])
def test_a_file_that_is_no_invite_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(DataError, match=r"ada\.invite is no invite"):
        endpoints_of(DeskSettings(invite=str(file)))


def test_an_invite_to_no_place_is_refused(file: Path, invite: Invite) -> None:
    nowhere = msgspec.structs.replace(invite, connect="tcp://*:7000")
    file.write_bytes(msgspec.json.encode(nowhere))
    with pytest.raises(SettingsError, match="tcp://127"):
        endpoints_of(DeskSettings(invite=str(file)))


def test_an_invite_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="absent"):
        endpoints_of(DeskSettings(invite=str(tmp_path / "absent")))


def test_without_curve_no_invite_can_be_used(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zmq.has", lambda _what: False)
    with pytest.raises(UnavailableError, match="CURVE"):
        endpoints_of(DeskSettings(invite=str(file)))
