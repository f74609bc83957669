import io
import sys
from pathlib import Path

import msgspec
import pytest

from server.locks import key_folder
from server.locks.allow_list import allow
from server.locks.key_folder import KeyFolder, handed_lock, lock_of, new_pair
from server.protocol.endpoints import endpoints_of
from shared.errors import (
    DataError,
    InputMissingError,
    OpenFileError,
    SettingsError,
    UnavailableError,
)
from shared.keys import ServerKeys
from shared.settings import ServerSettings


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    return ServerSettings(keys=str(tmp_path / "keys"), require_keys=True)


@pytest.fixture
def folder(settings: ServerSettings) -> KeyFolder:
    """Keys of a server that lets one in."""
    folder = KeyFolder(settings)
    folder.make_pair()
    allow(folder.allowed, "ada", new_pair().public)
    return folder


def lock(settings: ServerSettings) -> key_folder.Lock | None:
    return lock_of(settings, endpoints_of(settings))


def test_loopback_needs_no_keys() -> None:
    assert lock(ServerSettings()) is None


@pytest.mark.parametrize(
    "endpoint",
    [
        "tcp://0.0.0.0:5555",
        "tcp://*:5555",
        "tcp://192.168.1.2:5555",
        "tcp://[::]:1",
        "tcp://host:1",
    ],
)
@pytest.mark.parametrize("setting", ["publish", "requests"])
def test_other_than_loopback_is_refused_with_a_way_out(
    tmp_path: Path, setting: str, endpoint: str
) -> None:
    expected = f"{setting} must be a loopback address .* no keys.*keys keygen.*keys invite.*ssh -L"
    given = {setting: endpoint, "keys": str(tmp_path)}
    with pytest.raises(SettingsError, match=expected):
        lock(msgspec.convert(given, ServerSettings))


def test_with_keys_any_address_can_be_had(settings: ServerSettings, folder: KeyFolder) -> None:
    beyond = msgspec.structs.replace(settings, publish="tcp://0.0.0.0:5555", require_keys=False)
    for asked in (settings, beyond):
        found = lock(asked)
        assert found is not None
        assert found.pair == folder.read_pair()
        assert list(found.allowed.names.values()) == ["ada"]


@pytest.mark.parametrize("absent", ["pair", "allowed"])
def test_keys_that_are_needed_and_absent_are_named(
    settings: ServerSettings, folder: KeyFolder, absent: str
) -> None:
    path = getattr(folder, absent)
    path.unlink()
    with pytest.raises(SettingsError, match=f"require_keys.*{path.name} is not there"):
        lock(settings)


def test_a_list_that_lets_nobody_in_is_refused(settings: ServerSettings, folder: KeyFolder) -> None:
    folder.allowed.write_text("# nobody\n")
    with pytest.raises(SettingsError, match="lets nobody in"):
        lock(settings)


def test_a_secret_that_others_can_read_is_refused(
    settings: ServerSettings, folder: KeyFolder
) -> None:
    folder.pair.chmod(0o640)
    with pytest.raises(OpenFileError, match="chmod 600") as refused:
        lock(settings)
    assert refused.value.exit_code == 77


def test_a_list_that_others_can_change_is_refused(
    settings: ServerSettings, folder: KeyFolder
) -> None:
    folder.allowed.chmod(0o644)
    assert lock(settings) is not None
    folder.allowed.chmod(0o664)
    with pytest.raises(OpenFileError):
        lock(settings)


def test_keys_are_not_made_twice(folder: KeyFolder) -> None:
    before = folder.read_pair()
    with pytest.raises(SettingsError, match="exists already"):
        folder.make_pair()
    assert folder.read_pair() == before


@pytest.mark.parametrize("text", ["", "{}", '{"public": "x", "secret": "y"}', "\xff"])
def test_a_file_without_keys_is_refused(folder: KeyFolder, text: str) -> None:
    folder.pair.write_text(text)
    with pytest.raises(DataError, match=r"server\.key"):
        folder.read_pair()


def test_without_a_pair_it_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="keys keygen"):
        KeyFolder(ServerSettings(keys=str(tmp_path))).read_pair()


def test_where_zeromq_has_no_curve_it_says_so(
    settings: ServerSettings, folder: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zmq.has", lambda _what: False)
    for refused in (lambda: lock(settings), new_pair, handed_lock):
        with pytest.raises(UnavailableError, match="CURVE"):
            refused()


def test_a_parent_hands_keys_through_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    handed = ServerKeys(pair=new_pair(), desk=new_pair().public)
    line = msgspec.json.encode(handed) + b"\nnext"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line)))
    lock = handed_lock()
    assert lock.pair == handed.pair
    assert list(lock.allowed.names) == [handed.desk]


@pytest.mark.parametrize("line", [b"", b"\n", b"{}\n", b"x" * 9999])
def test_a_parent_that_hands_no_keys_is_refused(
    monkeypatch: pytest.MonkeyPatch, line: bytes
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line)))
    with pytest.raises(SettingsError, match="stdin"):
        handed_lock()
