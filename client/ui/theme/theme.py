"""Theme, palette and fonts as Qt wants them; follows the system while the program runs."""

import dataclasses
import functools
from typing import Final

from PySide6.QtCore import QLocale, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette, QPen
from PySide6.QtWidgets import QApplication, QLabel

from client.state import colors
from client.state.attribution_map import View
from client.state.colors import Palette, Rgb, RowColors, Tokens, code
from client.state.greys import grey_palette, grey_tokens
from client.state.ramp import Ramp, signed_ramp, strength_ramp
from client.ui.theme.stylesheet import stylesheet
from shared.settings import DeskSettings

_FAMILY: Final = "Inter"


@dataclasses.dataclass(frozen=True)
class RowPens:
    """`RowColors` ready to paint with."""

    tint: QColor
    text: QPen
    muted: QPen
    up: QPen
    flat: QPen
    down: QPen


def _row_pens(row: RowColors) -> RowPens:
    text = (row.text, row.muted, row.up, row.flat, row.down)
    return RowPens(QColor(*row.tint), *(QPen(QColor(*c)) for c in text))


@functools.cache
def _pens_of_rows(tokens: Tokens, moves: Palette) -> tuple[RowPens, ...]:
    tints = (colors.row_tint(percent / 100, tokens) for percent in range(101))
    return tuple(_row_pens(colors.row_colors(tint, tokens, moves)) for tint in tints)


class Look(QObject):
    """The colors that are painted with; what paints asks for them each time.

    Signals:
        changed: The colors are others; repaint.

    Attributes:
        tokens: The colors by role.
        palette: The colors of price moves, readable on panels.
        signed: The ramp of maps with a direction, from against to for.
        strength: The ramp of maps without one.
    """

    changed = Signal()

    tokens: Tokens
    palette: Palette
    signed: Ramp
    strength: Ramp

    def direction(self, change: float) -> Rgb:
        """Return the color of a price move."""
        if change == 0:
            return self.tokens.muted
        return self.palette.up if change > 0 else self.palette.down

    def ramp(self, view: View) -> Ramp:
        """Return the colors of a map that is looked at in this way."""
        return self.strength if view == View.ABSOLUTE else self.signed

    def wear(self, tokens: Tokens, palette: Palette) -> None:
        """Take on other colors, without a word."""
        self.tokens, self.palette = tokens, palette
        self.signed, self.strength = signed_ramp(tokens), strength_ramp(tokens)


class Theme(Look):
    """How everything looks.

    Attributes:
        rows: Pens of a row by its share of the full color in whole percent, 0 to 100.
        undecided: Pens of a row without a confidence.
        stale: Pens of a row whose values are old.
    """

    rows: tuple[RowPens, ...]
    undecided: RowPens
    stale: RowPens

    def __init__(self, settings: DeskSettings, app: QApplication) -> None:
        super().__init__()
        self._app = app
        self._setting = settings.theme
        language = QLocale.languageToCode(QLocale.system().language())
        self._moves = colors.palette_of(settings.palette, language)
        app.setStyle("Fusion")
        app.setFont(font(13))
        self._dress()
        app.styleHints().colorSchemeChanged.connect(self._follow_system)

    def toggle(self) -> None:
        """Change to the other theme, and stop following the system."""
        self._setting = "light" if self.tokens.scheme == "dark" else "dark"
        self._dress()

    def _follow_system(self) -> None:
        if self._setting == "auto":
            self._dress()

    def _dress(self) -> None:
        light = self._app.styleHints().colorScheme() == Qt.ColorScheme.Light
        wanted = ("light" if light else "dark") if self._setting == "auto" else self._setting
        tokens = colors.DARK if wanted == "dark" else colors.LIGHT
        palette = Palette(
            up=colors.readable(self._moves.up, tokens.panel),
            down=colors.readable(self._moves.down, tokens.panel),
        )
        self.wear(tokens, palette)
        self.rows = _pens_of_rows(tokens, self._moves)
        self.undecided = _row_pens(colors.row_colors(tokens.surface, tokens, self._moves))
        self.stale = _row_pens(colors.stale_colors(tokens))
        self._app.setPalette(_qt_palette(tokens))
        self._app.setStyleSheet(stylesheet(tokens))
        self.changed.emit()


class WindowLook(Look):
    """How one window looks: as the theme says, or in grey while what it shows is not of now."""

    def __init__(self, theme: Theme, window: QObject) -> None:
        super().__init__(window)
        self._theme, self._grey = theme, False
        theme.changed.connect(self._dress)
        self._dress()

    def set_grey(self, grey: bool) -> None:
        """Take all color away, or give it back."""
        if grey != self._grey:
            self._grey = grey
            self._dress()

    def _dress(self) -> None:
        tokens, palette = self._theme.tokens, self._theme.palette
        if self._grey:
            tokens, palette = grey_tokens(tokens), grey_palette(tokens)
        self.wear(tokens, palette)
        self.changed.emit()


def _qt_palette(tokens: Tokens) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: tokens.surface,
        QPalette.ColorRole.WindowText: tokens.text,
        QPalette.ColorRole.Base: tokens.surface,
        QPalette.ColorRole.AlternateBase: tokens.panel,
        QPalette.ColorRole.Text: tokens.text,
        QPalette.ColorRole.PlaceholderText: tokens.muted,
        QPalette.ColorRole.Button: tokens.panel,
        QPalette.ColorRole.ButtonText: tokens.text,
        QPalette.ColorRole.ToolTipBase: tokens.raised,
        QPalette.ColorRole.ToolTipText: tokens.text,
        QPalette.ColorRole.Highlight: tokens.accent,
        QPalette.ColorRole.HighlightedText: tokens.surface,
    }
    palette = QPalette()
    for role, color in roles.items():
        palette.setColor(role, QColor(*color))
    return palette


@functools.cache
def _family() -> str:
    if _FAMILY in QFontDatabase.families():
        return _FAMILY
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


def font(px: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the program's font in pixels; its figures are all of one width."""
    result = QFont(_family())
    result.setPixelSize(px)
    result.setWeight(weight)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def mono(px: int) -> QFont:
    """Return the system's monospaced font in pixels."""
    result = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    result.setPixelSize(px)
    return result


def set_color(label: QLabel, color: Rgb) -> None:
    """Give the words of a label a color of their own."""
    sheet = f"color: {code(color)}"
    if label.styleSheet() != sheet:  # setting it styles the label anew, which is slow
        label.setStyleSheet(sheet)


def faded(color: Rgb, alpha: float) -> QColor:
    """Return a color of opacity `alpha`, 0 to 1."""
    result = QColor(*color)
    result.setAlphaF(alpha)
    return result
