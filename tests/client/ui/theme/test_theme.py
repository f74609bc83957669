import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from client.state import colors
from client.ui.theme import theme as fonts
from client.ui.theme.theme import Theme
from shared.settings import DeskSettings
from tests.kit.waiting import LIMIT_MS


def test_the_theme_is_that_of_the_settings(qapp: QApplication) -> None:
    assert Theme(DeskSettings(theme="light"), qapp).tokens is colors.LIGHT
    assert Theme(DeskSettings(theme="dark"), qapp).tokens is colors.DARK


def test_a_theme_that_follows_the_system_changes_with_it(qapp: QApplication, qtbot: QtBot) -> None:
    theme = Theme(DeskSettings(theme="auto"), qapp)
    with qtbot.waitSignal(theme.changed, timeout=LIMIT_MS):
        qapp.styleHints().colorSchemeChanged.emit(qapp.styleHints().colorScheme())


def test_a_fixed_theme_does_not(qapp: QApplication, qtbot: QtBot) -> None:
    theme = Theme(DeskSettings(theme="dark"), qapp)
    with qtbot.assertNotEmitted(theme.changed, wait=0):
        qapp.styleHints().colorSchemeChanged.emit(qapp.styleHints().colorScheme())


@pytest.mark.parametrize(("change", "role"), [(0.1, "up"), (-0.1, "down")])
def test_price_colors_are_readable_on_panels(change: float, role: str, qapp: QApplication) -> None:
    theme = Theme(DeskSettings(theme="light", palette="colour-blind"), qapp)
    assert theme.direction(change) == getattr(theme.palette, role)
    assert colors.contrast(theme.direction(change), theme.tokens.panel) >= colors.MIN_CONTRAST


def test_figures_are_of_one_width(qapp: QApplication) -> None:
    assert fonts.font(13).featureValue(QFont.Tag("tnum")) == 1
    assert fonts.font(13, QFont.Weight.Bold).bold()
    assert fonts.mono(12).pixelSize() == 12
