"""Where the desk keeps what its user arranged: read once, written by a thread of its own."""

import contextlib
import logging
import os
import queue
import tempfile
import threading
from pathlib import Path
from typing import Final

import msgspec
import platformdirs

from client.state.workspace import Workspace

log = logging.getLogger(__name__)

_NAME: Final = "workspace.json"
_CLOSE_S: Final = 2.0


def workspace_file() -> Path:
    """Return the path of the file, in the user's folder for settings."""
    return Path(platformdirs.user_config_dir("tickerlens", appauthor=False)) / _NAME


def read_workspace(path: Path) -> Workspace:
    """Return what was kept, or a new workspace where nothing was.

    A file that cannot be understood is put aside as `workspace.json.unreadable`, so that nothing of
    it is lost when the next one is written.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Workspace)
    except FileNotFoundError:
        pass
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as e:
        log.warning("%s cannot be read, so the desk begins anew: %s", path, e)
        with contextlib.suppress(OSError):
            path.replace(path.with_name(f"{_NAME}.unreadable"))
    return Workspace()


class WorkspaceWriter:
    """Writes the newest workspace, and never makes the caller wait for a disk.

    Args:
        path: The file; it is replaced as a whole, so that a crash leaves the old or the new one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queue: queue.SimpleQueue[Workspace | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="workspace")
        self._thread.start()

    def save(self, workspace: Workspace) -> None:
        """Have it written soon; what came before and still waits is left out."""
        self._queue.put(workspace)

    def close(self) -> None:
        """Write what waits, and end."""
        self._queue.put(None)
        self._thread.join(_CLOSE_S)

    def _run(self) -> None:
        going = True
        while going:
            waiting = [self._queue.get()]
            with contextlib.suppress(queue.Empty):
                while True:
                    waiting.append(self._queue.get_nowait())
            going = None not in waiting
            newest = [workspace for workspace in waiting if workspace is not None]
            if newest:
                self._write(newest[-1])

    def _write(self, workspace: Workspace) -> None:
        text = msgspec.json.format(msgspec.json.encode(workspace), indent=2)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{_NAME}.")
            with os.fdopen(handle, "wb") as file:
                file.write(text + b"\n")
            Path(name).replace(self._path)
        except OSError as e:
            log.warning("what was arranged cannot be kept in %s: %s", self._path, e)
