"""Writes what a ticker's window shows to a file: picture, page or table."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal
from PySide6.QtWidgets import QFileDialog

from client.state.export_words import page_foot
from client.state.ticker_csv import ticker_csv
from client.ui.ticker.ticker_window import TickerWindow
from client.ui.widgets import picture
from shared.errors import SettingsError

KINDS: Final = (".png", ".svg", ".pdf", ".csv")
_FILTER: Final = "Picture (*.png);;Drawing (*.svg);;Page (*.pdf);;Bars and decisions (*.csv)"

Making = Callable[[], bytes]


def making(window: TickerWindow, kind: str, now_ms: int) -> Making:
    """Return what makes the bytes of a file; all that needs the window is done here.

    Args:
        window: What is exported.
        kind: One of `KINDS`.
        now_ms: The time now, ms since 1970 UTC.

    Raises:
        SettingsError: There is no such kind.
    """
    title = window.windowTitle()
    match kind:
        case ".png":
            image = picture.image_of(window)
            return lambda: picture.png_of(image)
        case ".svg":
            drawn = picture.svg_of(window, title)
            return lambda: drawn
        case ".pdf":
            page = picture.pdf_of(window, title, page_foot(title, window.explained, now_ms))
            return lambda: page
        case ".csv" if window.table.universe is not None:
            symbol, series, universe, buys = (
                window.symbol,
                window.series,
                window.table.universe,
                window.buys,
            )
            return lambda: ticker_csv(symbol, series, universe, buys)
    raise SettingsError(f"a ticker is written as {', '.join(KINDS)}, was {kind or 'no suffix'}")


def write(path: Path, make: Making) -> str:
    """Write a file, on any thread; return what became of it as a sentence."""
    try:
        path.write_bytes(make())
    except OSError as e:
        return f"{path} cannot be written: {e.strerror or e}"
    return f"saved {path}"


class Exporter(QObject):
    """Asks where to write what a window shows, and writes it beside the main thread.

    Signals:
        told: What became of it, as a sentence.

    Args:
        window: What is exported; it owns the exporter.
    """

    told = Signal(str)

    def __init__(self, window: TickerWindow) -> None:
        super().__init__(window)
        self._window = window

    def ask(self, now_ms: int) -> None:
        """Ask where to write, by a dialog that nobody waits for."""
        name = f"{self._window.symbol.replace('/', '-')}.png"
        dialog = QFileDialog(self._window, "Export", name, _FILTER)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda path: self.write(Path(path), now_ms))
        dialog.open()

    def write(self, path: Path, now_ms: int) -> None:
        """Write a file of the kind that its suffix says; what became of it is told."""
        try:
            make = making(self._window, path.suffix.lower(), now_ms)
        except SettingsError as e:
            self.told.emit(str(e))
            return
        QThreadPool.globalInstance().start(lambda: self.told.emit(write(path, make)))
