"""Work that waits for files, off the main thread; what came of it comes back there."""

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from shared.errors import TickerlensError


class Errands(QObject):
    """Runs errands, each in a thread of its own; main thread only.

    Signals:
        failed: One could not be done; carries why, as a sentence.
    """

    failed = Signal(str)
    _done = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._threads: list[threading.Thread] = []
        self._done.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(self, work: Callable[[], Any], then: Callable[[Any], object]) -> None:
        """Do `work` elsewhere, and call `then` with what it returned, here.

        What it raises of ours is told by `failed`.
        """
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=self._work, args=(work, then), name="errand")
        self._threads.append(thread)
        thread.start()

    def finish(self) -> None:
        """Wait for those that are under way: a file that is begun is to be whole."""
        for thread in self._threads:
            thread.join()

    def _work(self, work: Callable[[], Any], then: Callable[[Any], object]) -> None:
        try:
            result = work()
        except TickerlensError as e:
            self._done.emit(self.failed.emit, str(e))
        else:
            self._done.emit(then, result)

    def _deliver(self, then: Callable[[Any], object], result: Any) -> None:
        then(result)
