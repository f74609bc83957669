import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from client.state import colors
from client.ui.theme import theme as looks
from client.ui.theme.theme import Look
from shared.settings import DeskSettings


def test_the_theme_is_that_of_the_settings(qapp: QApplication) -> None:
    assert Look(DeskSettings(theme="light"), qapp).tokens is colors.LIGHT
    assert Look(DeskSettings(theme="dark"), qapp).tokens is colors.DARK


def test_a_theme_that_follows_the_system_changes_with_it(qapp: QApplication, qtbot: QtBot) -> None:
    look = Look(DeskSettings(theme="auto"), qapp)
    with qtbot.waitSignal(look.changed, timeout=2_000):
        qapp.styleHints().colorSchemeChanged.emit(qapp.styleHints().colorScheme())


def test_a_fixed_theme_does_not(qapp: QApplication, qtbot: QtBot) -> None:
    look = Look(DeskSettings(theme="dark"), qapp)
    with qtbot.assertNotEmitted(look.changed, wait=0):
        qapp.styleHints().colorSchemeChanged.emit(qapp.styleHints().colorScheme())


@pytest.mark.parametrize(("change", "role"), [(0.1, "up"), (-0.1, "down")])
def test_price_colors_are_readable_on_panels(change: float, role: str, qapp: QApplication) -> None:
    look = Look(DeskSettings(theme="light", palette="colour-blind"), qapp)
    assert look.direction(change) == getattr(look.palette, role)
    assert colors.contrast(look.direction(change), look.tokens.panel) >= colors.MIN_CONTRAST


def test_figures_are_of_one_width(qapp: QApplication) -> None:
    assert looks.font(13).featureValue(QFont.Tag("tnum")) == 1
    assert looks.font(13, QFont.Weight.Bold).bold()
    assert looks.mono(12).pixelSize() == 12
