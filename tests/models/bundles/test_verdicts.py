import hashlib
from pathlib import Path

import msgspec
import pytest

from models.bundles.files import WEIGHTS_FILE
from models.bundles.verdicts import VERDICTS_FILE, read_verdicts
from shared.errors import BundleError
from shared.explaining import Finding, Verdict


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / WEIGHTS_FILE).write_bytes(b"weights")
    return tmp_path


def write(folder: Path, **changes: object) -> None:
    content = {
        "version": 2,
        "weights_sha256": hashlib.sha256(b"weights").hexdigest(),
        "methods": [
            {"name": "saliency", "verdict": {"finding": "true", "value": 0.1}, "deletion": 0.1}
        ],
        "windows": 12,
    }
    (folder / VERDICTS_FILE).write_bytes(msgspec.json.encode(content | changes))


def test_verdicts_by_method(folder: Path) -> None:
    write(folder)
    assert read_verdicts(folder) == {
        "saliency": Verdict(finding=Finding.TRUE, value=0.1, tested=12)
    }


def test_a_bundle_that_was_never_checked_has_none(folder: Path) -> None:
    assert read_verdicts(folder) == {}


def test_verdicts_on_other_weights_are_not_said(folder: Path) -> None:
    write(folder, weights_sha256="0" * 64)
    assert read_verdicts(folder) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 1},
        {"version": 3},
        {"version": "two"},
        {"methods": 3},
        {"methods": [{}]},
        {"methods": [{"name": "saliency", "verdict": "true here"}]},
        {"methods": [{"name": "saliency", "verdict": {"finding": "unheard_of"}}]},
    ],
)
def test_another_file_is_refused(folder: Path, changes: dict[str, object]) -> None:
    write(folder, **changes)
    with pytest.raises(BundleError, match=r"explain\.json"):
        read_verdicts(folder)


def test_no_json_at_all_is_refused(folder: Path) -> None:
    (folder / VERDICTS_FILE).write_bytes(b"\xff{")
    with pytest.raises(BundleError, match=r"explain\.json"):
        read_verdicts(folder)
