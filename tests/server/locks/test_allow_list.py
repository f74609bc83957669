import stat
from pathlib import Path

import pytest

from server.locks.allow_list import AllowListFile, allow, read_list, revoke
from shared.errors import DataError, InputMissingError, SettingsError

# Always the same: they name tests, and each worker of a run must know these by the same names.
ADA = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
BOB = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "allowed"


def test_names_come_and_go(path: Path) -> None:
    allow(path, "ada", ADA)
    allow(path, "bob", BOB)
    assert read_list(path) == {ADA: "ada", BOB: "bob"}
    revoke(path, "ada")
    assert read_list(path) == {BOB: "bob"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_people_may_write_it_too(path: Path) -> None:
    path.write_text(f"# desks\n\nada   {ADA}\n  bob\t{BOB}  \n".replace("\t", " "))
    path.chmod(0o600)
    assert read_list(path) == {ADA: "ada", BOB: "bob"}


@pytest.mark.parametrize(
    "line",
    ["ada", "ada key", f"{ADA} ada", f"a/b {ADA}", f"-a {ADA}", f"ada {ADA}#", "ada " + "#" * 40],
)
def test_a_line_that_is_no_name_and_key_is_told_by_its_number(path: Path, line: str) -> None:
    path.write_text(f"# first\n{line}\n")
    path.chmod(0o600)
    with pytest.raises(DataError, match="line 2"):
        read_list(path)


@pytest.mark.parametrize("again", [f"ada {BOB}", f"bob {ADA}"])
def test_a_name_or_key_that_stands_twice_is_refused(path: Path, again: str) -> None:
    path.write_text(f"ada {ADA}\n{again}\n")
    path.chmod(0o600)
    with pytest.raises(DataError, match="line 2"):
        read_list(path)


@pytest.mark.parametrize(
    ("name", "key"),
    [("ada", BOB), ("bob", ADA), ("", BOB), ("b b", BOB), ("x" * 33, BOB), ("bob", "x")],
)
def test_what_cannot_be_let_in_changes_nothing(path: Path, name: str, key: str) -> None:
    allow(path, "ada", ADA)
    with pytest.raises(SettingsError):
        allow(path, name, key)
    assert read_list(path) == {ADA: "ada"}
    assert list(path.parent.iterdir()) == [path]


def test_who_is_not_in_cannot_be_revoked(path: Path) -> None:
    allow(path, "ada", ADA)
    with pytest.raises(SettingsError, match="'bob'"):
        revoke(path, "bob")


def test_two_commands_at_once_do_not_undo_each_other(path: Path) -> None:
    path.with_name("allowed.new").touch()  # the other one is at work
    with pytest.raises(SettingsError, match=r"allowed\.new"):
        allow(path, "ada", ADA)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError):
        allow(tmp_path / "absent" / "allowed", "ada", ADA)


def test_a_change_is_seen_and_who_is_out_is_named(path: Path) -> None:
    allow(path, "ada", ADA)
    listed = AllowListFile(path)
    assert listed.renew() == []
    allow(path, "bob", BOB)
    assert listed.renew() == []
    assert listed.names == {ADA: "ada", BOB: "bob"}
    revoke(path, "ada")
    assert listed.renew() == ["ada"]
    assert listed.renew() == []
    assert listed.names == {BOB: "bob"}


def test_another_key_under_the_same_name_counts_as_another_desk(path: Path) -> None:
    allow(path, "ada", ADA)
    listed = AllowListFile(path)
    revoke(path, "ada")
    allow(path, "ada", BOB)
    assert listed.renew() == ["ada"]
