import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.places import ROOT

ALLOWED: dict[str, set[str]] = {
    "shared": set(),
    "models": {"shared"},
    "server": {"shared", "models"},
    "client": {"shared"},
}
HEAVY: dict[str, set[str]] = {
    "shared": {"torch", "pandas", "PySide6", "zmq"},
    "models": {"zmq", "PySide6", "pyqtgraph"},
    "server": {"PySide6", "pyqtgraph"},
    "client": {"torch", "pandas", "pyarrow", "safetensors", "structlog"},
}
JUDGES = {
    "arch",
    "captum",
    "jinja2",
    "joblib",
    "lightgbm",
    "matplotlib",
    "sklearn",
}  # slow to load, or of `train`
UNPICKLERS = {"pickle", "dill", "joblib", "cloudpickle", "shelve", "marshal"}

# Joblib's loky pickles what it hands to processes that it started itself, and nothing else there.
OWN_PROCESSES = {ROOT / "models/evaluation/parallel.py"}


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def room_imports(room: str) -> set[str]:
    return set[str]().union(*(imports_of(path) for path in (ROOT / room).rglob("*.py")))


@pytest.mark.parametrize("room", ALLOWED)
def test_imports_between_rooms_point_one_way(room: str) -> None:
    assert room_imports(room) & ALLOWED.keys() <= ALLOWED[room] | {room}


@pytest.mark.parametrize("room", HEAVY)
def test_a_room_never_names_a_library_of_another(room: str) -> None:
    assert not room_imports(room) & HEAVY[room]


@pytest.mark.parametrize("room", ALLOWED)
def test_nothing_unpickles(room: str) -> None:
    files = {path: imports_of(path) for path in (ROOT / room).rglob("*.py")}
    assert {path for path, found in files.items() if found & UNPICKLERS} <= OWN_PROCESSES
    calls = {
        f"{node.value.id}.{node.attr}"
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert not calls & {"torch.load", "pandas.read_pickle", "pd.read_pickle"}
    assert not any(name.endswith((".recv_pyobj", ".send_pyobj")) for name in calls)


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("client.__main__", {"torch", "pandas", "models", "server"}),
        ("client.ui.shell.app", {"torch", "pandas", "models", "server"}),
        ("client.terminal", {"torch", "pandas", "models", "server", "PySide6"}),
        ("server.__main__", {"PySide6", "pyqtgraph", "client"}),
        ("server.daemon", {"PySide6", "pyqtgraph", "client", "captum", "matplotlib"}),
        ("server.explain.worker", {"PySide6", "pyqtgraph", "client"}),
        ("models.__main__", {"PySide6", "zmq", "server", "client", "torch", "pandas", *JUDGES}),
        ("models.commands.inspect", {"PySide6", "zmq", "server", "client", "pandas", *JUDGES}),
        ("models.commands.train", {"PySide6", "zmq", "server", "client", *JUDGES}),
        ("models.inference.engine", {"PySide6", "zmq", "server", "client"}),
    ],
)
def test_a_program_loads_only_what_it_may(module: str, forbidden: set[str]) -> None:
    code = f"import {module}, sys; print(*({forbidden!r} & sys.modules.keys()))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []
