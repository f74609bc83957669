import subprocess
import sys

import pytest

from tests.kit.places import ROOT

# What costs more than a few milliseconds to load, and what a question about flags has no use for.
HEAVY = {"PySide6", "importlib.metadata", "numpy", "pandas", "platformdirs", "rich", "tomllib"}
HEAVY |= {"torch", "zmq"}
CODE = """
import sys
from {program} import main
try:
    main([{flag!r}])
except SystemExit as left:
    assert left.code == 0
print(*({heavy!r} & sys.modules.keys()), file=sys.stderr)
"""


@pytest.mark.parametrize("program", ["client.cli", "server.__main__", "models.__main__"])
@pytest.mark.parametrize("flag", ["--version", "--help"])
def test_a_program_that_only_answers_loads_little(program: str, flag: str) -> None:
    heavy = HEAVY | ({"msgspec"} if program == "models.__main__" else set())
    code = CODE.format(program=program, flag=flag, heavy=heavy)
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout
    assert run.stderr.split() == []
