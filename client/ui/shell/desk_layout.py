"""Where the parts of the desk stand in its window."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QStatusBar, QVBoxLayout, QWidget

from client.ui.watchlist.buy_log import ROW_PX as BUY_ROW_PX
from client.ui.widgets.plain_label import PlainLabel

_BUYS_SHOWN: Final = 4


def lay_out(window: QMainWindow, top: QWidget, rows: QWidget, buys: QWidget, foot: QWidget) -> None:
    """Put the parts of the desk into its window, from top to bottom."""
    window.setWindowTitle("tickerlens")
    window.resize(1534, 990)
    window.setMenuWidget(top)
    window.setCentralWidget(rows)
    dock = QDockWidget("Buys", window)
    dock.setObjectName("buys")
    title = _dock_title("Buys")
    dock.setTitleBarWidget(title)
    dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
    dock.setWidget(buys)
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
    height = title.sizeHint().height() + _BUYS_SHOWN * BUY_ROW_PX + 8
    window.resizeDocks([dock], [height], Qt.Orientation.Vertical)
    bar = QStatusBar()
    bar.setSizeGripEnabled(False)
    bar.addWidget(foot, 1)
    window.setStatusBar(bar)


def _dock_title(words: str) -> QFrame:
    title = QFrame()
    label = PlainLabel(words, "small")
    column = QVBoxLayout(title)
    column.setContentsMargins(16, 8, 16, 4)
    column.addWidget(label)
    return title
