"""What was worked out of calendars, kept on disk for the next program."""

import contextlib
import os
import tempfile
from pathlib import Path

import platformdirs


def cache_file(name: str) -> Path:
    """Return where a file of that name is kept, whether or not it is there."""
    return Path(platformdirs.user_cache_dir("tickerlens", appauthor=False)) / "calendars" / name


def keep(path: Path, content: bytes) -> None:
    """Write a file that others may read meanwhile; one that cannot be written is done without."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(aside).replace(path)
