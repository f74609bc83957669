"""Records as JSON files that people read too."""

from pathlib import Path

import msgspec

from shared.errors import InputMissingError


def write_json(record: msgspec.Struct, path: Path) -> None:
    """Write a record as JSON, a field a line.

    Raises:
        InputMissingError: The file cannot be written.
    """
    content = msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"
    try:
        path.write_bytes(content)
    except OSError as e:
        raise InputMissingError(f"{path} cannot be written: {e.strerror}") from e
