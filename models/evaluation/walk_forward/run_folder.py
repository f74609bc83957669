"""The folder of a walk-forward: each part is kept as soon as it is done, so that a run can resume.

Every file is written beside its place and moved into it, so that it is whole or absent, whatever
ends the program.
"""

import io
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from models.bundles.recipe import Recipe
from models.calibration.adaptive import AdaptiveState
from models.data.labels import LabelRule
from models.evaluation.metrics.forecasts import Forecasts, Realized
from models.evaluation.walk_forward.folds import Fold
from shared.contract import Float64
from shared.errors import DataError, InputMissingError, SettingsError

RUN_FILE: Final = "run.json"
ROWS_FILE: Final = "rows.npz"
STATE_FILE: Final = "recalibrator.json"
REPORT_FILE: Final = "report.html"
_PARTS: Final = "parts"
_PROBABILITIES: Final = "probabilities of "
_ANSWER: Final = "answer of "
_SETS: Final = "sets of "


class WalkForwardCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the parts of a run depend on; another one is another run.

    Attributes:
        version: Of this format, and of the baselines.
        fingerprint: SHA-256 over the canonical bars.
        interval: Length of a bar.
        market: Name of the market.
        sources: Names of the files.
        network: Name of a network.
        sizes: Its complete hyper-parameters.
        features: Name of the feature set.
        recipe: How to train.
        label: How what follows becomes a class.
        jump_limit: A move beyond this share between two closes cuts a series.
        folds: The steps of the walk.
    """

    version: int = 1
    fingerprint: str
    interval: str
    market: str
    sources: tuple[str, ...]
    network: str
    sizes: dict[str, object]
    features: str
    recipe: Recipe
    label: LabelRule
    jump_limit: float
    folds: tuple[Fold, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class FoldPart:
    """What one model of one fold says.

    Attributes:
        validation: (n, 3) float64 logits of the fold's validation rows.
        test: (m, 3) float64 logits of its test rows.
        loss: Validation loss by which the best are chosen, nats.
    """

    validation: Float64
    test: Float64
    loss: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Walked:
    """All test rows of a run, in the order of the folds, and what was said of them.

    Attributes:
        realized: What came of them.
        fold: (m,) the name of each row's fold.
        forecasts: By name.
    """

    realized: Realized
    fold: list[str]
    forecasts: dict[str, Forecasts]


class RunFolder:
    """The files of a run; `open_run` begins or resumes one.

    Attributes:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def part_file(self, fold: str, model: str) -> Path:
        """Return where the part of a model and fold is kept."""
        return self.path / _PARTS / f"{fold}, {model}.npz"

    def keep_part(self, fold: str, model: str, part: FoldPart) -> None:
        """Write a part, whole or not at all."""
        arrays = {
            "validation": part.validation,
            "test": part.test,
            "loss": np.array(part.loss),
        }
        _replace(self.part_file(fold, model), _npz(arrays))

    def read_part(self, fold: str, model: str) -> FoldPart:
        """Return a part.

        Raises:
            DataError: The file is not what `keep_part` wrote.
        """
        arrays = _arrays(self.part_file(fold, model))
        try:
            return FoldPart(
                validation=arrays["validation"], test=arrays["test"], loss=float(arrays["loss"])
            )
        except (KeyError, TypeError) as e:
            raise _damaged(self.part_file(fold, model)) from e

    def keep_rows(self, walked: Walked) -> None:
        """Write all test rows with all forecasts."""
        realized = {f.name: getattr(walked.realized, f.name) for f in fields(Realized)}
        arrays = {"fold": np.array(walked.fold), **realized}
        for name, forecasts in walked.forecasts.items():
            arrays[_PROBABILITIES + name] = forecasts.probabilities
            arrays[_ANSWER + name] = forecasts.answer
            if forecasts.sets is not None:
                arrays[_SETS + name] = forecasts.sets
        _replace(self.path / ROWS_FILE, _npz(arrays))

    def keep_state(self, state: AdaptiveState) -> None:
        """Write what the recalibrator knew at the end."""
        _replace(self.path / STATE_FILE, _pretty(state))


def open_run(path: Path, card: WalkForwardCard) -> RunFolder:
    """Return the folder of a run, new or as it was left.

    Raises:
        SettingsError: The folder holds another run, or other things.
        InputMissingError: It cannot be written.
    """
    try:
        if (path / RUN_FILE).exists():
            _check_same(read_card(path), card, path)
        elif path.exists() and any(path.iterdir()):
            raise SettingsError(f"{path} holds other files, a run needs a folder of its own")
        (path / _PARTS).mkdir(parents=True, exist_ok=True)
        if not (path / RUN_FILE).exists():
            _replace(path / RUN_FILE, _pretty(card))
    except OSError as e:
        raise InputMissingError(f"the run {path} cannot be written: {e.strerror}") from e
    return RunFolder(path)


def read_card(path: Path) -> WalkForwardCard:
    """Return what a run depends on.

    Raises:
        InputMissingError: The folder holds no run.
        DataError: The file is not what a run writes.
    """
    try:
        return msgspec.json.decode((path / RUN_FILE).read_bytes(), type=WalkForwardCard)
    except OSError as e:
        raise InputMissingError(f"{path} holds no walk-forward: {e.strerror}") from e
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise DataError(f"{path / RUN_FILE}: {e}") from e


def read_rows(path: Path) -> Walked:
    """Return all test rows of a finished run.

    Raises:
        InputMissingError: The run is not finished.
        DataError: The file is not what a run writes.
    """
    file = path / ROWS_FILE
    if not file.exists():
        raise InputMissingError(f"the walk-forward {path} is not finished, start it again")
    arrays = _arrays(file)
    try:
        realized = Realized(**{f.name: arrays[f.name] for f in fields(Realized)})
        fold = [str(name) for name in arrays["fold"]]
    except KeyError as e:
        raise _damaged(file) from e
    return Walked(realized=realized, fold=fold, forecasts=_forecasts(arrays))


def _forecasts(arrays: Mapping[str, np.ndarray]) -> dict[str, Forecasts]:
    names = [key.removeprefix(_ANSWER) for key in arrays if key.startswith(_ANSWER)]
    return {
        name: Forecasts(
            name=name,
            probabilities=arrays[_PROBABILITIES + name],
            answer=arrays[_ANSWER + name],
            sets=arrays.get(_SETS + name),
        )
        for name in names
    }


def _check_same(kept: WalkForwardCard, card: WalkForwardCard, path: Path) -> None:
    # Names of files may differ where their bars do not.
    differing = [
        name
        for name in card.__struct_fields__
        if name != "sources" and getattr(kept, name) != getattr(card, name)
    ]
    if differing:
        raise SettingsError(
            f"{path} holds a walk-forward of another {', '.join(differing)}; choose another folder"
        )


def _npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    return content.getvalue()


def _arrays(file: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as content:
            return dict(content)
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as e:
        raise _damaged(file) from e


def _damaged(file: Path) -> DataError:
    return DataError(f"{file} is damaged: delete it and start the run again")


def _pretty(record: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"


def _replace(file: Path, content: bytes) -> None:
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(file)
