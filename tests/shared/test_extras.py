import importlib.metadata
import re
import tomllib

import pytest

from shared.errors import UnavailableError
from shared.extras import PACKAGES, needs
from tests.kit.places import ROOT

_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_EXTRAS: dict[str, list[str]] = _PROJECT["optional-dependencies"]


def distributions_of(extra: str) -> set[str]:
    """Return what an extra of pyproject.toml installs, other extras of ours resolved."""
    found: set[str] = set()
    for requirement in _EXTRAS[extra]:
        if others := re.fullmatch(r"tickerlens\[(.*)\]", requirement):
            found |= set[str]().union(*(distributions_of(x) for x in others[1].split(",")))
        else:
            name = re.match(r"[A-Za-z0-9_-]+", requirement)
            assert name is not None
            found.add(normal(name[0]))
    return found


def normal(name: str) -> str:
    """Return the name of a distribution in the one form of PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_table_is_what_the_project_installs() -> None:
    of = importlib.metadata.packages_distributions()  # reads what each installed package says
    told = {extra: {normal(of[name][0]) for name in PACKAGES[extra]} for extra in PACKAGES}
    assert told == {extra: distributions_of(extra) for extra in PACKAGES}


def test_every_extra_for_users_is_in_the_table() -> None:
    assert PACKAGES.keys() == _EXTRAS.keys() - {"test"}


def test_a_missing_package_of_the_extra_is_told() -> None:
    with (
        pytest.raises(UnavailableError, match=r"torch is not .*tickerlens\[server\]"),
        needs("server"),
    ):
        raise ModuleNotFoundError("No module named 'torch'", name="torch")


@pytest.mark.parametrize("name", ["torch.nn", "models.data.bars", "lightgbm", "sympy", None])
def test_any_other_module_keeps_its_traceback(name: str | None) -> None:
    with pytest.raises(ModuleNotFoundError), needs("server"):
        raise ModuleNotFoundError("No module", name=name)
