import os
import stat
from pathlib import Path

import pytest

from shared import secret_files
from shared.errors import InputMissingError, OpenFileError, SettingsError


def test_a_secret_is_its_owner_s_from_the_first_moment(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    before = os.umask(0)
    try:
        secret_files.create(path, "hidden")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret_files.read(path, 100) == b"hidden"
    assert secret_files.read(path, 3) == b"hid"


def test_nothing_is_overwritten_and_no_link_followed(tmp_path: Path) -> None:
    link, path = tmp_path / "link", tmp_path / "elsewhere"
    link.symlink_to(path)
    with pytest.raises(SettingsError, match="exists already"):
        secret_files.create(link, "hidden")
    assert not path.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o666])
def test_a_secret_that_is_open_to_others_is_not_used(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    secret_files.create(path, "hidden")
    path.chmod(mode)
    with pytest.raises(OpenFileError, match="chmod 600"):
        secret_files.read(path, 100)


def test_where_files_have_no_such_rights_none_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    path.write_text("hidden")
    path.chmod(0o666)
    monkeypatch.setattr(secret_files, "_POSIX", False)
    assert secret_files.read(path, 100) == b"hidden"


@pytest.mark.parametrize(("mode", "open_to_others"), [(0o644, False), (0o664, True), (0o606, True)])
def test_a_list_may_be_read_by_others_and_not_changed(
    tmp_path: Path, mode: int, open_to_others: bool
) -> None:
    path = tmp_path / "list"
    path.write_text("known")
    path.chmod(mode)
    if open_to_others:
        with pytest.raises(OpenFileError):
            secret_files.read_unchanged(path, 100)
    else:
        assert secret_files.read_unchanged(path, 100) == b"known"


def test_what_cannot_be_opened_or_made_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(InputMissingError):
        secret_files.read(tmp_path / "absent", 1)
    with pytest.raises(InputMissingError):
        secret_files.create(tmp_path / "absent" / "secret", "")
    with pytest.raises(InputMissingError):
        secret_files.make_folder(file / "folder")


def test_a_folder_is_its_owner_s(tmp_path: Path) -> None:
    secret_files.make_folder(tmp_path / "keys")
    secret_files.make_folder(tmp_path / "keys")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
