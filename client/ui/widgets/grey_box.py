"""A part of a window that loses all color at once, whatever is in it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsColorizeEffect, QWidget


class GreyBox(QWidget):
    """Whatever stands in it: charts, maps and labels need not know that they are old."""

    def __init__(self) -> None:
        super().__init__()
        effect = QGraphicsColorizeEffect(self)
        effect.setColor(QColor(Qt.GlobalColor.black))  # it is added to the grey, so none is
        effect.setEnabled(False)
        self._effect = effect
        self.setGraphicsEffect(effect)

    def set_grey(self, grey: bool) -> None:
        """Take all color away, or give it back."""
        if grey != self._effect.isEnabled():
            self._effect.setEnabled(grey)
