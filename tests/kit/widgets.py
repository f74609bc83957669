"""What a user's hand does to a widget, and what watches over a model."""

from PySide6.QtCore import QAbstractItemModel, QCoreApplication, QEvent, QPointF, Qt
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


def delete_closed() -> None:
    """Have Qt delete what was closed.

    It does so when its loop returns, which is never in tests: every theme of a later one would
    dress those widgets again, each slower than the one before.
    """
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
