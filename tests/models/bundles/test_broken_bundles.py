"""Whatever is wrong with a bundle is one sentence, and never a traceback."""

from pathlib import Path

import pytest

from models.bundles.bundle import build_bundle, load_bundle
from models.bundles.files import CARD_FILE, MAX_WEIGHTS_BYTES, WEIGHTS_FILE, BundleFiles
from models.bundles.verdicts import VERDICTS_FILE, read_verdicts
from models.commands import run
from shared.errors import BundleError, PluginError
from tests.kit.broken_bundles import DEEP, broken, good_files, large_card
from tests.kit.for_each import for_each

GOOD = good_files()
BROKEN = dict(broken(GOOD))


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A good bundle on disk."""
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / CARD_FILE).write_bytes(GOOD.card)
    (folder / WEIGHTS_FILE).write_bytes(GOOD.weights)
    return folder


def test_what_the_broken_ones_are_made_of_is_good() -> None:
    assert build_bundle(GOOD, "made").card.name == "made"
    assert len(BROKEN) > 250


@for_each(("wrong", "files"), BROKEN.items())
def test_a_broken_bundle_is_refused(wrong: str, files: BundleFiles) -> None:
    with pytest.raises((BundleError, PluginError), match=r"^made"):
        build_bundle(files, "made")


def test_a_card_that_is_larger_than_a_desk_takes_is_refused(made: Path) -> None:
    (made / CARD_FILE).write_bytes(large_card(GOOD))
    with pytest.raises(BundleError, match="must have at most"):
        load_bundle(str(made))


def test_weights_that_are_larger_than_they_may_be_are_refused(made: Path) -> None:
    with (made / WEIGHTS_FILE).open("wb") as file:
        file.truncate(MAX_WEIGHTS_BYTES + 1)  # a hole: nothing is written
    with pytest.raises(BundleError, match="must have at most"):
        load_bundle(str(made))


def test_a_market_by_its_code_is_taken(made: Path) -> None:
    card = GOOD.card.replace(b'"market": "krx"', b'"market": "XTKS"')
    (made / CARD_FILE).write_bytes(card)
    assert load_bundle(str(made)).card.market == "XTKS"


def test_nested_verdicts_are_refused(made: Path) -> None:
    deep = b"[" * DEEP + b"]" * DEEP
    (made / VERDICTS_FILE).write_bytes(b'{"version": 2, "methods": ' + deep + b"}")
    with pytest.raises(BundleError, match="nested deeper"):
        read_verdicts(made)


def test_check_says_what_fits(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(made)]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("made@")
    assert "cnn1d" in said.out
    assert said.err == ""


@pytest.mark.parametrize(
    ("change", "code", "why"),
    [
        (b'"mars"', 65, "market must be"),
        (None, 65, "the bundle has no"),
    ],
)
def test_check_says_why_a_bundle_is_refused(
    made: Path, capsys: pytest.CaptureFixture[str], change: bytes | None, code: int, why: str
) -> None:
    if change is None:
        (made / WEIGHTS_FILE).unlink()
    else:
        (made / CARD_FILE).write_bytes(GOOD.card.replace(b'"krx"', change))
    assert run(["check", str(made)]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert why in said.err


def test_check_says_of_a_missing_folder(tmp_path: Path) -> None:
    assert run(["check", str(tmp_path / "absent")]) == 66
