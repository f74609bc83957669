"""The list of keys, on F1."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from client.ui.theme.theme import mono
from client.ui.widgets.plain_label import PlainLabel

_KEYS: Final = (
    ("Enter, double-click", "open the ticker"),
    ("Ctrl+F", "find a ticker; Tab completes, Esc clears"),
    ("letters", "go to the ticker that begins so"),
    ("Home, End, PgUp, PgDn", "move in the list; with Shift, select"),
    ("Alt+← →, Alt+↑ ↓", "sort by the next column; rising, falling"),
    ("Ctrl+D", "star"),
    ("Ctrl+P, Ctrl+M", "pin to the head, mute"),
    ("Ctrl+E", "note"),
    ("Ctrl+C", "copy rows for a spreadsheet"),
    ("Del, Ctrl+Z", "take out of the list; undo"),
    ("Menu, right click", "all that can be done with rows, columns, lists"),
    ("Ctrl+T", "dark or light"),
    ("F5", "ask for everything anew, and sort now"),
    ("F11", "fill the screen"),
    ("Ctrl+W, Ctrl+Q", "close this window, all windows"),
    ("Esc", "close a ticker's window"),
    ("Wheel, ↑ ↓", "zoom the charts"),
    ("Drag, ← →", "move the charts"),
    ("F, double-click", "newest bars again"),
    ("S", "prices evenly, by logarithm, in percent"),
    ("Shift+↑ ↓, drag the axis", "stretch prices; A lets them fit again"),
    ("Shift+← →, Shift+drag", "measure bars, change and time"),
    ("[ ]", "past buys, one by one"),
    (", .", "past decisions, bar by bar; Space plays on"),
    ("N", "now again"),
    ("PgUp, PgDn", "in a ticker's window: the ticker above, below in the list"),
    ("L", "let the window follow the list's selection"),
    ("E", "export a ticker's window"),
    ("M, Shift+M", "next, previous method of explanation"),
    ("C", "compare two methods, or then and now"),
    ("K", "compare with another ticker: type a part of its name"),
    ("Tab, Space", "the controls over the heatmap"),
    ("F2", "the model: what it is, and what came true"),
    ("F1", "this list"),
)

_AROUND_PX: Final = 60  # of the screen, that a window manager and a margin take
_BAR_PX: Final = 14  # of the scroll bar


def show_keys(front: QWidget) -> None:
    """Show the keys over a window, or no longer where they are in front already."""
    if isinstance(front, KeysDialog):
        front.close()
        return
    dialog = KeysDialog(front)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()  # and not as the only window that takes keys: F1 and the theme work in it, too
    # Where no window manager does it, Escape would close the window behind, and the dialog with it.
    dialog.activateWindow()
    dialog.finished.connect(front.activateWindow)


class KeysDialog(QDialog):
    """What can be done with keys."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        rows = QWidget()
        grid = QGridLayout(rows)
        grid.setContentsMargins(24, 20, 24, 20)
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(9)
        for row, (keys, meaning) in enumerate(_KEYS):
            label = PlainLabel(keys)
            label.setFont(mono(12))
            grid.addWidget(label, row, 0)
            grid.addWidget(PlainLabel(meaning, "muted"), row, 1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area)
        # More rows than a small screen has room for are reached by wheel and keys.
        wanted = rows.sizeHint()
        room = self.screen().availableSize().height() - _AROUND_PX
        self.resize(wanted.width() + _BAR_PX, min(wanted.height(), room))
