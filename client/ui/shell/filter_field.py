"""The field in which rows are looked for: it tells each change as one types, and completes."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit

from shared.plain_text import plain_text

_LEAVING: Final = (Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FilterField(QLineEdit):
    """Tells every change, also of a syllable that is still being composed.

    Esc clears it, and leaves it when it is empty; Tab completes what was begun, and the next one
    after that, as a shell does. What it would complete to stands behind the cursor.

    Signals:
        typed: The words are others.
        left: The user is done here, and goes on in the list.

    Attributes:
        hint: What Tab would add to what was typed; empty where there is nothing.

    Args:
        complete: Returns what the words may become, the likeliest first.
    """

    typed = Signal(str)
    left = Signal()

    hint: str

    def __init__(self, complete: Callable[[str], tuple[str, ...]]) -> None:
        super().__init__()
        self._complete = complete
        self._offered: tuple[str, ...] = ()  # by the Tab before, the next one first
        self.hint = ""
        self.setPlaceholderText("Find a ticker, or conf > 0.4")
        self.setAccessibleName("Find a ticker")
        self.setClearButtonEnabled(True)
        self.textChanged.connect(self.typed)
        self.textEdited.connect(self._begin_anew)

    def _begin_anew(self, line: str) -> None:
        self._offered = ()
        might = self._complete(line) if line.strip() else ()
        self.hint = next((w[len(line) :] for w in might if w.startswith(line) and w != line), "")

    def _go_on(self) -> bool:
        offered = self._offered or self._complete(self.text())
        if offered:
            self.hint = ""
            self.setText(offered[0])
            self._offered = (*offered[1:], offered[0])
        return bool(offered)

    def event(self, event: QEvent) -> bool:
        """Complete on Tab, which would leave the field."""
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Tab
            and self._go_on()
        ):
            return True
        return super().event(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Filter by what is being composed, too: a Korean syllable is sent when the next begins."""
        super().inputMethodEvent(event)
        composed = event.preeditString()
        place = self.cursorPosition()
        self.typed.emit(self.text()[:place] + composed + self.text()[place:])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what Tab would add behind the cursor, where it stands at the end."""
        super().paintEvent(event)
        if not self.hint or not self.hasFocus() or self.cursorPosition() < len(self.text()):
            return
        with QPainter(self) as painter:
            painter.setPen(self.palette().placeholderText().color())
            area = self.rect().adjusted(self.cursorRect().center().x() + 1, 0, 0, 0)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, plain_text(self.hint))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Clear on Esc, go to the list on Down or Enter."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.hint = ""
            self.clear()
        elif event.key() in _LEAVING:
            self.left.emit()
        else:
            super().keyPressEvent(event)
