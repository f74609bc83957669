"""Where the desk's logs go."""

import contextlib
import os
import tempfile
from pathlib import Path

import platformdirs


def log_file(name: str) -> Path:
    """Return the path of a log: in the user's folder for logs, or else in the temporary one."""
    folder = Path(platformdirs.user_log_dir("tickerlens", appauthor=False))
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return (folder if os.access(folder, os.W_OK) else Path(tempfile.gettempdir())) / name
