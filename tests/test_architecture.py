import ast
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter import cli

from tests.kit.places import ROOT
from tests.kit.warm_python import warm_python

# Slow to load, or of `train`.
JUDGES = {"arch", "captum", "jinja2", "joblib", "lightgbm", "matplotlib", "sklearn"}
WORKSHOP = {"models.training", "models.evaluation", "models.reporting", "models.commands"}
DESK = {"PySide6", "pyqtgraph", "client"}


def test_every_wall_of_the_project_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    # It would turn off the loggers of ours that exist by now, for all tests that follow.
    monkeypatch.setattr("logging.config.dictConfig", lambda _config: None)
    assert cli.lint_imports(no_cache=True, no_logo=True) == cli.EXIT_STATUS_SUCCESS


def test_only_the_wire_knows_how_its_messages_are_packed() -> None:
    rooms = ("shared", "models", "server", "client")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    packing = {p.parent for p in files if "msgpack" in p.read_text(encoding="utf-8")}
    assert packing == {ROOT / "shared" / "protocol"}


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("client.__main__", {"torch", "pandas", "models", "server"}),
        ("client.ui.shell.app", {"torch", "pandas", "models", "server"}),
        ("client.terminal.live", {"torch", "pandas", "models", "server", "PySide6"}),
        ("server.__main__", DESK),
        ("server.daemon", DESK | WORKSHOP | JUDGES | {"torch", "pandas"}),
        ("server.explain.worker", DESK | WORKSHOP),
        ("models.__main__", {"PySide6", "zmq", "server", "client", "torch", "pandas", *JUDGES}),
        ("models.commands.inspect", {"PySide6", "zmq", "server", "client", "pandas", *JUDGES}),
        ("models.commands.train", {"PySide6", "zmq", "server", "client", *JUDGES}),
        ("models.inference.engine", {"PySide6", "zmq", "server", "client", "torch", *WORKSHOP}),
    ],
)
def test_a_program_loads_only_what_it_may(module: str, forbidden: set[str]) -> None:
    # Torch is there already, where a program may load it at all; other libraries are put away.
    python = sys.executable if "torch" in forbidden else warm_python()
    code = f"""
import sys
for name in list(sys.modules):
    if name.partition(".")[0] in {forbidden!r}:
        del sys.modules[name]
import {module}
print(*({forbidden!r} & sys.modules.keys()))
"""
    run = subprocess.run([python, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def names_in(path: Path) -> set[str]:
    """Return the classes of a module and the types that it gives a name; `_Name` counts as `Name`.

    A type variable stands for any type, so its name says nothing and may be used again.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for node in tree.body:
        if isinstance(node, ast.Assign) and not is_type_variable(node.value):
            names = (target.id for target in node.targets if isinstance(target, ast.Name))
            found |= {name for name in names if is_camel(name)}
    return {name.lstrip("_") for name in found}


def is_type_variable(value: ast.expr) -> bool:
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id == "TypeVar"
    )


def is_camel(name: str) -> bool:
    bare = name.lstrip("_")
    return bare[:1].isupper() and bare != bare.upper()


def test_no_name_of_a_class_or_type_means_two_things() -> None:
    places: dict[str, list[str]] = {}
    for room in ("shared", "models", "server", "client", "benchmarks"):
        for path in (ROOT / room).rglob("*.py"):
            for name in names_in(path):
                places.setdefault(name, []).append(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
