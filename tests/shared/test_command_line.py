import pytest

from shared.command_line import new_parser
from shared.version import VERSION


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        new_parser("made", "").parse_args(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"made {VERSION}\n"
