"""What a user's hand does to a widget, and what watches over a model."""

from PySide6.QtCore import QAbstractItemModel, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QWidget


def move_pointer(widget: QWidget, place: QPointF) -> None:
    """Move the pointer over a widget, whether or not it is on a screen."""
    button, plain = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    where = widget.mapToGlobal(place)
    event = QMouseEvent(QEvent.Type.MouseMove, place, where, button, button, plain)
    QApplication.sendEvent(widget, event)


def strict_tester(model: QAbstractItemModel) -> QAbstractItemModelTester:
    """Watch a model while the result lives; it warns, and a warning of Qt fails the test."""
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
