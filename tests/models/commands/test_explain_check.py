from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.__main__ import main
from models.bundles.bundle import Bundle, load_bundle
from models.bundles.verdicts import VERDICTS_FILE, read_verdicts
from models.data.bars import Rules
from models.data.features.price_volume import PRICE_VOLUME
from models.data.table import BarTable
from models.evaluation.explanations import check as checks
from models.evaluation.explanations import synthetic
from models.evaluation.explanations.record import ExplanationCheck
from models.evaluation.explanations.subject import subject
from models.explain.methods import METHODS
from models.training.dataset import collect
from shared.errors import DataError
from shared.phrases import in_full

Table = Callable[..., BarTable]
ASKED = tuple(METHODS[name] for name in ("saliency", "gradient_x_input", "grad_cam"))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One synthetic ground truth that is hardly learned, and few methods."""
    case = replace(synthetic.cases(PRICE_VOLUME.labels)[0], steps=20)
    monkeypatch.setattr(checks, "cases", lambda labels: (case,))
    monkeypatch.setattr(checks, "methods_for", lambda network: ASKED)


@pytest.fixture
def data(csv_files: Callable[..., list[str]]) -> list[str]:
    return csv_files(bars=60)


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_every_method_gets_a_verdict_in_the_terminal_the_page_and_the_bundle(
    folder: Path, data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "out" / "check.html"
    arguments = ["explain-check", str(folder), *data, "--from", "2020-09-01", "--windows", "40"]
    assert main([*arguments, "--report", str(page), "--save"]) == 0
    said = capsys.readouterr().out
    bundle = load_bundle(str(folder))
    found = msgspec.json.decode(page.with_suffix(".json").read_bytes(), type=ExplanationCheck)
    assert [m.name for m in found.methods] == [m.name for m in ASKED]
    assert (found.windows, found.model_id) == (40, bundle.model_id)
    written = page.read_text(encoding="utf-8")
    for method in found.methods:
        assert in_full(method.verdict) in said
        assert method.title in said
        assert method.title in written
    assert "http://" not in written.replace("http://www.w3.org", "")
    assert "https://" not in written
    assert read_verdicts(folder) == {m.name: m.verdict for m in found.methods}
    assert str(folder / VERDICTS_FILE) in said
    assert found.reading is not None
    assert said.startswith("\n".join(found.reading.lines()) + "\n\n")


def test_the_windows_of_a_subject_are_drawn_with_a_fixed_seed(bundle: Bundle, table: Table) -> None:
    bars = table()
    samples, _ = collect(
        bars, Rules(interval_s=86_400, jump_limit=0.31), bundle.card.label, PRICE_VOLUME
    )
    first, second = (subject(bundle, samples, bars.market, 50) for _ in range(2))
    np.testing.assert_array_equal(first.scaled, second.scaled)
    assert len(first.scaled) == 50
    # The window one bar later holds the five newest bars of the one before.
    assert len(first.has_next) > 20
    np.testing.assert_array_equal(first.scaled[first.has_next][:, 1:], first.next_scaled[:, :-1])
    few, winner = first.few()
    assert len(few) == len(winner) == 50


def test_next_to_no_windows_are_refused(bundle: Bundle, table: Table) -> None:
    bars = table()
    samples, _ = collect(
        bars, Rules(interval_s=86_400, jump_limit=0.31), bundle.card.label, PRICE_VOLUME
    )
    with pytest.raises(DataError, match="at least 20 windows are needed"):
        subject(bundle, samples.take(np.arange(3)), bars.market, 50)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--windows", "0"], 78, "--windows must be at least 1, was 0"),
        (["--from", "2021-02-01", "--to", "2021-01-01"], 78, "is after"),
        (["--from", "2030-01-01"], 65, "no labelled window lies between 2029-12-31 15:00"),
    ],
)
def test_a_wish_that_cannot_be_met_is_one_sentence(
    arguments: list[str],
    code: int,
    sentence: str,
    folder: Path,
    data: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["explain-check", str(folder), *data, *arguments]) == code
    assert sentence in capsys.readouterr().err
