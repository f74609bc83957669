from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.bundles.recipe import Recipe
from models.calibration.adaptive import AdaptiveState
from models.data.features.price_volume import PRICE_VOLUME
from models.data.labels import FixedReturn
from models.evaluation.metrics.forecasts import Forecasts, Realized
from models.evaluation.walk_forward.folds import Fold
from models.evaluation.walk_forward.run_folder import (
    FoldPart,
    RunFolder,
    Walked,
    WalkForwardCard,
    open_run,
    read_card,
    read_rows,
)
from models.training.dataset import Samples
from shared.errors import DataError, InputMissingError, SettingsError

CARD = WalkForwardCard(
    fingerprint="0" * 64,
    interval="1d",
    market="krx",
    sources=("a.csv",),
    network="cnn1d",
    sizes={"channels": [4], "kernel": 3, "dropout": 0.0},
    features=PRICE_VOLUME.name,
    recipe=Recipe(),
    label=FixedReturn(),
    jump_limit=0.31,
    folds=(Fold(name="2022", train_until_ms=1, validate_until_ms=2, test_until_ms=3),),
)
PART = FoldPart(validation=np.ones((2, 3)), test=np.zeros((4, 3)), loss=0.5)


def test_a_part_reads_back_as_it_was_kept(tmp_path: Path) -> None:
    folder = open_run(tmp_path / "run", CARD)
    folder.keep_part("2022", "run 1", PART)
    assert folder.part_file("2022", "run 1").exists()
    again = folder.read_part("2022", "run 1")
    assert (again.validation.tolist(), again.test.tolist(), again.loss) == (
        PART.validation.tolist(),
        PART.test.tolist(),
        0.5,
    )


def test_a_run_resumes_with_its_parts_whatever_its_files_are_called(tmp_path: Path) -> None:
    open_run(tmp_path / "run", CARD).keep_part("2022", "run 1", PART)
    renamed = msgspec.structs.replace(CARD, sources=("b.csv",))
    assert open_run(tmp_path / "run", renamed).part_file("2022", "run 1").exists()
    assert read_card(tmp_path / "run") == CARD


def test_another_plan_is_refused_by_name_of_what_differs(tmp_path: Path) -> None:
    open_run(tmp_path / "run", CARD)
    other = msgspec.structs.replace(CARD, recipe=Recipe(epochs=3), fingerprint="1" * 64)
    with pytest.raises(SettingsError, match="walk-forward of another fingerprint, recipe;"):
        open_run(tmp_path / "run", other)


def test_a_folder_of_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(SettingsError, match="holds other files"):
        open_run(tmp_path, CARD)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputMissingError, match="cannot be written"):
        open_run(tmp_path / "file" / "run", CARD)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"\x80\x04\x95pickle"])
def test_a_damaged_part_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    folder = open_run(tmp_path / "run", CARD)
    folder.part_file("2022", "run 1").write_bytes(content)
    with pytest.raises(DataError, match=r"2022, run 1\.npz is damaged: delete it"):
        folder.read_part("2022", "run 1")


def test_a_part_without_its_arrays_is_damaged(tmp_path: Path) -> None:
    folder = open_run(tmp_path / "run", CARD)
    with folder.part_file("2022", "run 1").open("wb") as file:
        np.savez(file, test=np.zeros((2, 3)))
    with pytest.raises(DataError, match="is damaged"):
        folder.read_part("2022", "run 1")


def test_python_objects_are_never_loaded(tmp_path: Path) -> None:
    folder = open_run(tmp_path / "run", CARD)
    with folder.part_file("2022", "run 1").open("wb") as file:
        np.savez(file, validation=np.array([{}], dtype=object))
    with pytest.raises(DataError, match="is damaged"):
        folder.read_part("2022", "run 1")


def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = open_run(tmp_path / "run", CARD)
    folder.keep_part("2022", "run 1", PART)

    def fail(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(Path, "replace", fail)
    other = FoldPart(validation=PART.validation * 2, test=PART.test, loss=0.1)
    with pytest.raises(OSError, match="no space"):
        folder.keep_part("2022", "run 1", other)
    monkeypatch.undo()
    assert folder.read_part("2022", "run 1").loss == 0.5


def test_rows_read_back_with_answers_and_sets(
    tmp_path: Path, planted: Callable[..., Samples]
) -> None:
    outcomes = Realized.of(planted(days=4))
    shares = np.random.default_rng(0).dirichlet([1, 1, 1], 20)
    answers = {
        "adaptive": Forecasts.most_probable("adaptive", shares, shares > 0.3),
        "LightGBM, recalibrated": Forecasts.most_probable("LightGBM, recalibrated", shares),
    }
    folder = open_run(tmp_path / "run", CARD)
    folder.keep_rows(Walked(realized=outcomes, fold=["2022"] * 20, forecasts=answers))
    again = read_rows(tmp_path / "run")
    assert again.fold == ["2022"] * 20
    assert np.array_equal(again.realized.delayed, outcomes.delayed, equal_nan=True)
    assert list(again.forecasts) == list(answers)
    for name, kept in again.forecasts.items():
        assert kept.name == name
        assert np.array_equal(kept.probabilities, shares)
    assert again.forecasts["LightGBM, recalibrated"].sets is None
    sets = again.forecasts["adaptive"].sets
    assert sets is not None
    assert np.array_equal(sets, shares > 0.3)


def test_an_unfinished_run_has_no_rows(tmp_path: Path) -> None:
    open_run(tmp_path / "run", CARD)
    with pytest.raises(InputMissingError, match="is not finished, start it again"):
        read_rows(tmp_path / "run")


def test_rows_without_a_column_are_damaged(tmp_path: Path) -> None:
    open_run(tmp_path / "run", CARD)
    with (tmp_path / "run" / "rows.npz").open("wb") as file:
        np.savez(file, label=np.zeros(3))
    with pytest.raises(DataError, match=r"rows\.npz is damaged"):
        read_rows(tmp_path / "run")


def test_a_folder_without_a_run_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="holds no walk-forward"):
        read_card(tmp_path)


def test_a_damaged_card_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"version": 1}')
    with pytest.raises(DataError, match=r"run\.json: "):
        read_card(tmp_path)


def test_the_state_is_readable_json(tmp_path: Path) -> None:
    folder: RunFolder = open_run(tmp_path / "run", CARD)
    folder.keep_state(AdaptiveState(moments=3))
    content = (tmp_path / "run" / "recalibrator.json").read_bytes()
    assert msgspec.json.decode(content, type=AdaptiveState) == AdaptiveState(moments=3)
