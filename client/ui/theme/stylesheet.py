"""The style sheet of a theme: everything that is not painted by hand."""

import dataclasses
from string import Template
from typing import Final

from client.state.colors import Rgb, Tokens, code

_SHEET: Final = Template("""
QMainWindow, QDialog { background: $surface; }
QMainWindow::separator { background: $hairline; height: 1px; width: 1px; }
QLabel { color: $text; background: transparent; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="small"] { color: $muted; font-size: 11px; }
QLabel[role="caution"] { color: $badge_text; font-size: 11px; }
QLabel[role="number"] { font-size: 17px; font-weight: 600; }
QLabel[role="program"] { font-weight: 600; }
QLabel[role="badge"] {
    color: $badge_text; background: $badge; border-radius: 4px; padding: 3px 8px; font-size: 11px;
    max-height: 14px;
}
QLabel[role="name"] { font-size: 17px; font-weight: 600; }
QLabel[role="price"] { font-size: 16px; font-weight: 600; }
QLabel[role="verdict"] { font-size: 21px; font-weight: 700; }
QFrame[role="top"] { background: $panel; border: 0; border-bottom: 1px solid $hairline; }
QFrame[role="foot"] { background: $panel; border: 0; border-top: 1px solid $hairline; }
TickerWindow { background: $surface; }
QFrame[role="panel"] { background: $panel; border: 1px solid $hairline; border-radius: 8px; }
QToolButton[role="list"] {
    color: $muted; background: transparent; border: 0; border-radius: 6px; padding: 6px 12px 5px;
}
QToolButton[role="list"]:hover { color: $text; }
QToolButton[role="list"]:focus { color: $text; border: 1px solid $accent; padding: 5px 11px 4px; }
QToolButton[role="list"]:checked { color: $text; background: $raised; }
QToolButton[role="more"] {
    color: $muted; background: transparent; border: 0; border-radius: 6px; padding: 5px 9px 6px;
    font-size: 15px;
}
QToolButton[role="more"]:hover { color: $text; background: $raised; }
QToolButton[role="more"]:focus { color: $text; background: $raised; }
QToolButton[role="list"]::menu-indicator { image: none; width: 0; }
QToolButton[role="more"]::menu-indicator { image: none; width: 0; }
QToolButton[role="axis"] {
    color: $muted; background: transparent; border: 0; border-radius: 3px; padding: 1px 2px;
    font-size: 11px;
}
QToolButton[role="axis"]:hover { color: $text; }
QToolButton[role="axis"]:focus { color: $text; background: $raised; }
QToolButton[role="axis"]:checked { color: $text; background: $raised; }
QToolButton[role="chip"] {
    color: $text; background: transparent; border: 1px solid $hairline; border-radius: 6px;
    padding: 4px 7px; font-size: 12px;
}
QToolButton[role="chip"]:hover { border-color: $muted; }
QToolButton[role="chip"]:focus { border-color: $accent; }
QToolButton[role="chip"]:checked { background: $raised; }
QToolButton[role="chip"]:disabled { color: $muted; border-color: transparent; }
QToolButton[role="chip"]::menu-indicator { image: none; width: 0; }
QMenu {
    color: $text; background: $panel; border: 1px solid $hairline; padding: 5px 0; font-size: 12px;
}
QMenu::item { padding: 5px 18px 5px 12px; }
QMenu::item:selected { background: $raised; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { background: $hairline; height: 1px; margin: 4px 0; }
QLineEdit {
    color: $text; background: $surface; border: 1px solid $hairline; border-radius: 6px;
    padding: 5px 10px; selection-background-color: $accent; selection-color: $surface;
}
QLineEdit:focus { border-color: $accent; }
QLineEdit[wrong="true"] { border-color: $late; }
QTableView, QHeaderView { background: $surface; border: 0; outline: 0; }
QDockWidget { border: 0; }
QStatusBar { background: $panel; border: 0; border-top: 1px solid $hairline; min-height: 28px; }
QStatusBar::item { border: 0; }
QToolTip {
    color: $text; background: $raised; border: 1px solid $hairline; padding: 6px 8px;
}
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: $raised; border-radius: 4px; min-height: 36px;
    margin: 1px; }
QScrollBar::handle:vertical:hover { background: $flat; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: $raised; border-radius: 4px; min-width: 36px;
    margin: 1px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
""")


def stylesheet(tokens: Tokens) -> str:
    """Return the style sheet with the colors of `tokens`."""
    values: dict[str, str | Rgb] = dataclasses.asdict(tokens)
    return _SHEET.substitute({k: v if isinstance(v, str) else code(v) for k, v in values.items()})
