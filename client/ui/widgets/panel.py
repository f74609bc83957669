"""The titled boxes of a window."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from client.ui.widgets.plain_label import PlainLabel


class Panel(QFrame):
    """A titled box.

    Attributes:
        title: The words at its head; the box need not be as wide.
    """

    title: "ElidedLabel"

    def __init__(self, title: str, content: QWidget) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.title = ElidedLabel("small")
        self.title.show_words(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 11, 14, 12)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(content, 1)


class ElidedLabel(PlainLabel):
    """One line that gives way where there is no room; the tool-tip has all of it."""

    def __init__(self, role: str = "") -> None:
        super().__init__(role=role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Return no width at all."""
        return QSize(0, super().minimumSizeHint().height())

    def set_role(self, role: str) -> None:
        """Look like another kind of text."""
        if self.property("role") != role:
            self.setProperty("role", role)
            self.style().polish(self)

    def show_words(self, words: str, more: str = "") -> None:
        """Show `words`; all of them, and more, stand under the pointer."""
        if words != self.text():
            self.setText(words)
        self.show_tip(words, more)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint as much as there is room for."""
        with QPainter(self) as painter:
            words = self.fontMetrics().elidedText(
                self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width()
            )
            painter.drawText(self.contentsRect(), self.alignment(), words)
