import logging
import sys
import threading

import pytest
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from client.ui.shell.faults import FaultReporter


def test_a_defect_is_logged_each_time_and_shown_once(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    before = sys.excepthook, threading.excepthook
    faults = FaultReporter(window)
    faults.install()
    with caplog.at_level(logging.CRITICAL), qtbot.waitSignals([faults.happened] * 2):
        sys.excepthook(ValueError, ValueError("first"), None)
        broken = threading.Thread(target=int, args=("x",))
        broken.start()
        broken.join()
    faults.uninstall()
    assert (sys.excepthook, threading.excepthook) == before
    assert len(caplog.records) == 2
    qtbot.waitUntil(lambda: len(window.findChildren(QMessageBox)) == 1)
    box = window.findChildren(QMessageBox)[0]
    assert box.informativeText() == "ValueError: first"
    box.close()
