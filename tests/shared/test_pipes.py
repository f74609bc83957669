import subprocess
import sys

from tests.kit.places import ROOT

# As `... | head -1` does: whoever reads has seen enough, and more is written than a pipe holds.
PROGRAM = """
import sys
from server import __main__ as program

program._journal = lambda _: sys.stdout.write("line\\n" * 1_000_000)
sys.exit(program.main(["journal", "show"]))
"""


def test_a_reader_that_has_seen_enough_ends_a_command_without_a_word() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stdout.readline() == "line\n"
        program.stdout.close()
        said = program.stderr.read()
    assert (program.returncode, said) == (0, "")
