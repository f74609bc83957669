"""Packages with plug-ins, installed for one test: the examples of the docs, or a few lines."""

import importlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from shared.plugins import Group
from tests.kit.places import ROOT

_PIP: Final = (
    *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
    *("--no-deps", "--no-build-isolation", "--no-index", "--no-compile"),
)
# What a build says is none of what a test reads of its own programs.
_BUILD: Final = """
import contextlib, importlib, pathlib, sys, tomllib
system = tomllib.loads(pathlib.Path("pyproject.toml").read_text("utf-8"))["build-system"]
with contextlib.redirect_stdout(sys.stderr):
    importlib.import_module(system["build-backend"]).build_wheel(sys.argv[1])
"""


def install_example(name: str, folder: Path) -> Path:
    """Install `docs/examples/NAME` with pip, as its readers do, and return where its modules lie.

    Args:
        name: Of the example, such as `tickerlens_mlp`.
        folder: An empty one, to build and install in.
    """
    # A build leaves folders beside its sources; they shall not lie in ours.
    package = shutil.copytree(ROOT / "docs" / "examples" / name, folder / "package")
    site = folder / "site"
    subprocess.run([*_PIP, "--target", str(site), str(package)], check=True)
    return site


def unpack_example(name: str, folder: Path) -> Path:
    """Do what `install_example` does in a third of its time: build the wheel, and unpack it.

    Args:
        name: Of the example, such as `tickerlens_mlp`.
        folder: An empty one, to build and install in.
    """
    package = shutil.copytree(ROOT / "docs" / "examples" / name, folder / "package")
    subprocess.run([sys.executable, "-c", _BUILD, str(folder)], cwd=package, check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(folder / "site")
    return folder / "site"


def write_plugin(folder: Path, group: Group, name: str, source: str) -> Path:
    """Write a package of one module as pip would leave it, and return where it lies.

    Args:
        folder: Several plug-ins may share it.
        group: The plug-in point.
        name: Under which the module's `OFFER` is offered.
        source: Of the module.
    """
    module = f"plugin_{name}"
    information = folder / f"{module}-1.0.dist-info"
    information.mkdir(parents=True)
    (folder / f"{module}.py").write_text(source, encoding="utf-8")
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[{group}]\n{name} = {module}:OFFER\n")
    return folder


@contextmanager
def on_the_path(
    site: Path, monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Have this process, and those that it starts, find what lies in a folder.

    Args:
        site: What `install_example` or `write_plugin` returned.
        monkeypatch: Undoes it at the end of the block.
        environment: Variables that the plug-ins read.
    """
    names = {path.stem for path in site.iterdir()}
    inherited = os.environ.get("PYTHONPATH", "")
    with monkeypatch.context() as patch:
        patch.syspath_prepend(site)
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(site), inherited))))
        for variable, value in (environment or {}).items():
            patch.setenv(variable, value)
        try:
            yield
        finally:
            # A test after this one may install another module of the same name.
            for module in names & sys.modules.keys():
                del sys.modules[module]
    importlib.invalidate_caches()
