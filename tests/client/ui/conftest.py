from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication

from client.ui.theme.theme import Theme
from shared.settings import DeskSettings
from tests.kit.fake_link import FakeLink
from tests.kit.made_market import MadeMarket
from tests.kit.maker import Maker
from tests.kit.widgets import delete_closed


@pytest.fixture(autouse=True)
def _closed_windows_are_deleted(qapp: QApplication) -> Iterator[None]:
    yield
    delete_closed()


@pytest.fixture
def market(make: Maker) -> MadeMarket:
    return MadeMarket(make)


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest.fixture
def theme_of(qapp: QApplication) -> Callable[[str], Theme]:
    def build(scheme: str) -> Theme:
        assert scheme in ("dark", "light")
        return Theme(DeskSettings(theme="dark" if scheme == "dark" else "light"), qapp)

    return build


@pytest.fixture
def theme(theme_of: Callable[[str], Theme]) -> Theme:
    return theme_of("dark")
