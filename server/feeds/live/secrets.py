"""Keys of vendors: from the environment or the system's keyring, and never shown."""

import contextlib
import os
from typing import Final

from server.feeds.live.faults import SourceError

SERVICE: Final = "tickerlens"  # under which the keyring keeps them


class VendorKey:
    """A key that is never printed: not by repr, by formatting, or in a traceback.

    Args:
        value: The key.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the key itself, for the vendor alone."""
        return self._value

    def masked(self, text: str) -> str:
        """Return a text in which the key does not stand."""
        return text.replace(self._value, "***") if self._value else text

    def __repr__(self) -> str:
        return "VendorKey(***)"


def vendor_key(source: str, name: str) -> VendorKey:
    """Return a key of a vendor: from `TICKERLENS_SOURCE_NAME`, else the keyring's `source.name`.

    Args:
        source: Such as toss.
        name: Such as client_secret.

    Raises:
        SourceError: `key_missing`: it stands in neither.
    """
    variable = f"TICKERLENS_{source}_{name}".upper()
    value = os.environ.get(variable, "") or _from_keyring(f"{source}.{name}")
    if not value:
        how = f"set {variable}, or: python -m keyring set {SERVICE} {source}.{name}"
        raise SourceError("key_missing", source, how)
    return VendorKey(value)


def _from_keyring(entry: str) -> str:
    # The keyring is an extra; a machine without a desktop has none that is open.
    with contextlib.suppress(ImportError):
        import keyring
        import keyring.errors

        with contextlib.suppress(keyring.errors.KeyringError):
            return keyring.get_password(SERVICE, entry) or ""
    return ""
