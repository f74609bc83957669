"""The alert of our own: every event as one line of JSON, at the end of a file."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from server.alerts.base import Alert, AlertEvent, AlertKind
from shared.errors import SettingsError


class FileAlertSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[alert.file]` table."""

    path: Annotated[
        str, Meta(description="file that lines are added to; it is made if there is none")
    ] = ""


class FileAlert:
    """Adds a line to a file for each event, at once, so that `tail -f` shows it.

    Args:
        path: The file.

    Raises:
        SettingsError: The file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("ab", buffering=0)
        except OSError as e:
            raise SettingsError(f"the file of alerts {path} cannot be written: {e.strerror}") from e

    def tell(self, event: AlertEvent) -> None:
        """Write the line."""
        self._file.write(msgspec.json.encode(event) + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _open(settings: FileAlertSettings) -> Alert:
    if not settings.path:
        raise SettingsError("the alert file needs a path: set path in [alert.file]")
    return FileAlert(Path(settings.path))


FILE = AlertKind(settings=FileAlertSettings, open=_open)
