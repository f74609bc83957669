import shutil
import stat
from pathlib import Path

import msgspec
import pytest

from client.net.endpoints import endpoints_of
from server.__main__ import main
from server.locks.allow_list import read_list
from server.locks.key_folder import KeyFolder, new_pair
from shared.keys import Invite
from shared.settings import DeskSettings, ServerSettings
from shared.version import VERSION


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> KeyFolder:
    """Where the keys are when nothing says otherwise; the invites come there too."""
    monkeypatch.setattr("shared.settings_layers.default_file", lambda: tmp_path / "none.toml")
    monkeypatch.chdir(tmp_path)
    return KeyFolder(ServerSettings())


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["keys", *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def failed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["keys", *words])
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tickerlens-server: ")
    assert err.count("\n") == 1
    return code, err


def test_a_server_gets_keys_and_tells_the_public_one(
    capsys: pytest.CaptureFixture[str], folder: KeyFolder
) -> None:
    out = said(capsys, "keygen")
    made = folder.read_pair()
    assert made.public in out
    assert made.secret not in out
    assert stat.S_IMODE(folder.pair.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.pair.parent.stat().st_mode) == 0o700
    assert failed(capsys, "keygen")[0] == 78


def test_an_invite_is_one_file_that_opens_the_server(
    capsys: pytest.CaptureFixture[str], folder: KeyFolder, tmp_path: Path
) -> None:
    said(capsys, "keygen")
    out = said(capsys, "invite", "ada", "--connect", "tcp://host.example:7000")
    file = tmp_path / "ada.invite"
    invite = msgspec.json.decode(file.read_bytes(), type=Invite)
    assert invite.keys.pair.secret not in out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_list(folder.allowed) == {invite.keys.pair.public: "ada"}
    found = endpoints_of(DeskSettings(invite=str(file)))
    assert found is not None
    assert (found.publish, found.requests) == ("tcp://host.example:7000", "tcp://host.example:7001")
    assert found.keys == invite.keys
    assert invite.keys.server == folder.read_pair().public


def test_an_invite_goes_where_the_settings_say(
    capsys: pytest.CaptureFixture[str], folder: KeyFolder, tmp_path: Path
) -> None:
    config = tmp_path / "set.toml"
    config.write_text('[server]\npublish = "tcp://10.0.0.1:7000"\nrequests = "tcp://10.0.0.2:9"\n')
    said(capsys, "keygen")
    said(capsys, "--config", str(config), "invite", "ada", "--to", "here")
    invite = msgspec.json.decode(Path("here").read_bytes(), type=Invite)
    assert (invite.connect, invite.requests) == ("tcp://10.0.0.1:7000", "tcp://10.0.0.2:9")


@pytest.mark.parametrize(
    "words",
    [
        ("--connect", "tcp://0.0.0.0:7000"),
        ("--connect", "tcp://*:7000"),
        ("--connect", "tcp://[::]:7000"),
        ("--connect", "tcp://host:*"),
        ("--connect", "host:7000"),
    ],
)
def test_an_invite_names_one_place(
    capsys: pytest.CaptureFixture[str], folder: KeyFolder, words: tuple[str, ...]
) -> None:
    said(capsys, "keygen")
    assert failed(capsys, "invite", "ada", *words)[0] == 78
    assert not folder.allowed.exists()
    assert not Path("ada.invite").exists()


def test_an_invite_that_cannot_be_leaves_nothing_behind(
    capsys: pytest.CaptureFixture[str], folder: KeyFolder
) -> None:
    assert failed(capsys, "invite", "ada")[0] == 66
    said(capsys, "keygen")
    said(capsys, "invite", "ada")
    before = read_list(folder.allowed)
    assert failed(capsys, "invite", "ada")[0] == 78  # the file is there
    assert failed(capsys, "invite", "ada", "--to", "other")[0] == 78  # the name is there
    assert not Path("other").exists()
    assert read_list(folder.allowed) == before


def test_keys_are_allowed_listed_and_revoked(
    capsys: pytest.CaptureFixture[str], folder: KeyFolder
) -> None:
    key = "-" + new_pair().public[1:]
    assert said(capsys, "list") == "nobody is let in\n"
    said(capsys, "allow", "ada", "--", key)
    assert said(capsys, "list") == f"ada {key}\n"
    said(capsys, "revoke", "ada")
    assert said(capsys, "list") == "nobody is let in\n"
    assert failed(capsys, "revoke", "ada")[0] == 78
    assert failed(capsys, "allow", "ada", "x")[0] == 78


def test_another_folder_can_be_named(
    capsys: pytest.CaptureFixture[str], folder: KeyFolder, tmp_path: Path
) -> None:
    said(capsys, "--keys", str(tmp_path / "others"), "keygen")
    assert not folder.pair.exists()
    shutil.copytree(tmp_path / "others", folder.pair.parent)
    folder.pair.chmod(0o644)
    code, sentence = failed(capsys, "invite", "ada")
    assert code == 77
    assert "chmod 600" in sentence


@pytest.mark.parametrize("words", [(), ("dance",), ("allow", "ada"), ("--help",), ("--version",)])
def test_help_and_wrong_words(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["keys", *words])
    out, err = capsys.readouterr()
    told = words and words[0] in ("--help", "--version")
    assert left.value.code == (0 if told else 2)
    assert bool(out) is bool(told)
    assert bool(err) is not bool(told)
    assert VERSION in out or words != ("--version",)
