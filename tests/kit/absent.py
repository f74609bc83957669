"""A program in a process where a module cannot be found, as if it were not installed."""

import subprocess
import sys

from tests.kit.places import ROOT
from tests.kit.warm_python import warm_python

_CODE = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name == {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

for name in list(sys.modules):
    if name == {absent!r} or name.startswith({absent!r} + "."):
        del sys.modules[name]
sys.meta_path.insert(0, Absent())
from {program} import main
sys.exit(main({argv!r}))
"""


def run_without(
    absent: str, program: str, *argv: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `main(argv)` of the module `program` where the module `absent` is not to be had."""
    # Where torch is absent it must not be there already, and a desk has no use for it.
    cold = absent == "torch" or program.startswith("client.")
    code = _CODE.format(absent=absent, program=program, argv=list(argv))
    return subprocess.run(
        [sys.executable if cold else warm_python(), "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )
