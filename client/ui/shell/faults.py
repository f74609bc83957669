"""Defects of ours: logged each time, shown once, never the end of the desk."""

import logging
import sys
import threading
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget

from shared.plain_text import plain_lines

log = logging.getLogger(__name__)


class FaultReporter(QObject):
    """Catches what nobody caught, in every thread, while it is installed.

    Signals:
        happened: The type and words of the exception, from any thread.
    """

    happened = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._shown = False
        self._hooks = (sys.excepthook, threading.excepthook)
        self.happened.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Begin to catch."""
        sys.excepthook = self._caught
        threading.excepthook = self._caught_in_thread

    def uninstall(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._hooks

    def _caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        log.critical("a defect of ours", exc_info=(kind, error, trace))
        self.happened.emit(f"{kind.__name__}: {error}")

    def _caught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        self._caught(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)

    def _show(self, words: str) -> None:
        if not self._shown:
            self._shown = True
            box = QMessageBox(self._window)
            box.setWindowTitle("tickerlens")
            box.setText("Something went wrong in the desk. It goes on; the log has the details.")
            box.setInformativeText(plain_lines(words))
            for label in box.findChildren(QLabel):  # Qt takes the words for HTML where it can
                label.setTextFormat(Qt.TextFormat.PlainText)
            box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            box.open()
