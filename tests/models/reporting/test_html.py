from pathlib import Path

import pytest

from models.data.labels import FixedReturn
from models.reporting.html import figure, write
from models.reporting.json import write_json
from shared.errors import InputMissingError


@pytest.mark.parametrize(
    ("value", "form", "written"),
    [(None, ".2f", "–"), (-0.125, "+.3f", "−0.125"), (0.5, ".0%", "50%")],
)
def test_a_figure_has_a_true_minus_or_a_dash(value: float | None, form: str, written: str) -> None:
    assert figure(value, form) == written


def test_a_page_has_its_record_beside_it(tmp_path: Path) -> None:
    beside = write("<p>–</p>", FixedReturn(horizon=2), tmp_path / "new" / "report.html")
    assert beside == tmp_path / "new" / "report.json"
    assert '"horizon": 2,\n' in beside.read_text()
    assert (tmp_path / "new" / "report.html").read_text(encoding="utf-8") == "<p>–</p>"


def test_what_cannot_be_written_is_an_error_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputMissingError, match=r"report\.html cannot be written"):
        write("", FixedReturn(), tmp_path / "file" / "report.html")
    with pytest.raises(InputMissingError, match=r"scores\.json cannot be written"):
        write_json(FixedReturn(), tmp_path / "file" / "scores.json")
