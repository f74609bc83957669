import subprocess
import sys

import pytest
from importlinter import cli

from tests.kit.places import ROOT

# Slow to load, or of `train`.
JUDGES = {"arch", "captum", "jinja2", "joblib", "lightgbm", "matplotlib", "sklearn"}
WORKSHOP = {"models.training", "models.evaluation", "models.reporting", "models.commands"}
DESK = {"PySide6", "pyqtgraph", "client"}


def test_every_wall_of_the_project_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert cli.lint_imports(no_cache=True, no_logo=True) == cli.EXIT_STATUS_SUCCESS


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("client.__main__", {"torch", "pandas", "models", "server"}),
        ("client.ui.shell.app", {"torch", "pandas", "models", "server"}),
        ("client.terminal", {"torch", "pandas", "models", "server", "PySide6"}),
        ("server.__main__", DESK),
        ("server.daemon", DESK | WORKSHOP | JUDGES),
        ("server.explain.worker", DESK | WORKSHOP),
        ("models.__main__", {"PySide6", "zmq", "server", "client", "torch", "pandas", *JUDGES}),
        ("models.commands.inspect", {"PySide6", "zmq", "server", "client", "pandas", *JUDGES}),
        ("models.commands.train", {"PySide6", "zmq", "server", "client", *JUDGES}),
        ("models.inference.engine", {"PySide6", "zmq", "server", "client", *WORKSHOP}),
    ],
)
def test_a_program_loads_only_what_it_may(module: str, forbidden: set[str]) -> None:
    code = f"import {module}, sys; print(*({forbidden!r} & sys.modules.keys()))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []
