"""A vendor's token, made once for all programs of a user: a new one may end the one before.

It is kept on disk, in a file that its owner alone can read, until it ends. The file is a database,
because the lock of one is one that every system has, and that dies with its holder.
"""

import asyncio
import contextlib
import hashlib
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from server.feeds.live.secrets import VendorKey

log = logging.getLogger(__name__)

OFF: Final = "off"
_EARLY_MS: Final = 60_000  # before its end a token is not used any more
_LOOK_S: Final = 0.1
_LOOKS: Final = 300  # at a file that another program holds; then one is made without it
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS token"
    "(id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL, until_ms INTEGER NOT NULL)"
)


@dataclass(frozen=True, kw_only=True)
class VendorToken:
    """A token.

    Attributes:
        value: Goes with every question.
        until_ms: When it ends, ms since 1970 UTC.
    """

    value: VendorKey
    until_ms: int


class SharedToken:
    """The token of one client of a vendor.

    Args:
        folder: Where it is kept; empty for the user's own folder, `off` for nowhere.
        source: The vendor.
        client: Who it is for.
        now_ms: The time of this machine, ms since 1970 UTC.
        make: Ask the vendor for one; it raises a `SourceError` where none is given.
    """

    def __init__(
        self,
        folder: str,
        source: str,
        client: VendorKey,
        now_ms: Callable[[], int],
        make: Callable[[], Awaitable[VendorToken]],
    ) -> None:
        usual = platformdirs.user_state_dir("tickerlens", appauthor=False)
        digest = hashlib.sha256(client.reveal().encode()).hexdigest()[:16]
        place = Path(folder or usual) / f"{source}-{digest}.sqlite"
        self._file = None if folder == OFF else place
        self._now_ms, self._make = now_ms, make
        self._token: VendorToken | None = None
        self._worthless = ""
        self._turn = asyncio.Lock()

    async def get(self) -> str:
        """Return the token; one is made only where none that is kept will do.

        Raises:
            SourceError: None is given.
        """
        async with self._turn:
            token = self._token
            if token is None or not self._will_do(token):
                self._token = token = await self._kept_or_made()
            return token.value.reveal()

    def forget(self, value: str) -> None:
        """Use a token no more, which the vendor does not take.

        Args:
            value: The one that was sent; a newer one stays.
        """
        self._worthless = value

    def is_replaced(self) -> bool:
        """Return whether another program of ours has made one since the last was forgotten."""
        if self._file is None:
            return False
        with (
            contextlib.suppress(OSError, sqlite3.Error),
            contextlib.closing(_opened(self._file)) as database,
        ):
            kept = _read(database)
            return kept is not None and self._will_do(kept)
        return False

    def _will_do(self, token: VendorToken) -> bool:
        lasts = self._now_ms() <= token.until_ms - _EARLY_MS
        return lasts and token.value.reveal() != self._worthless

    async def _kept_or_made(self) -> VendorToken:
        async with self._alone() as database:
            kept = None if database is None else _read(database)
            if kept is not None and self._will_do(kept):
                return kept
            return await self._made(database)

    async def _made(self, database: sqlite3.Connection | None) -> VendorToken:
        token = await self._make()
        if database is not None:
            row = (token.value.reveal(), token.until_ms)
            with contextlib.suppress(sqlite3.Error):  # the next program makes one of its own
                database.execute("INSERT OR REPLACE INTO token VALUES (1, ?, ?)", row)
                database.execute("COMMIT")
        return token

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[sqlite3.Connection | None]:
        # The file, while no other program makes a token; None where there is none.
        try:
            database = None if self._file is None else _opened(self._file)
        except (OSError, sqlite3.Error) as e:
            log.warning("a token cannot be kept: %s", e)
            database = None
        if database is None:
            yield None
            return
        with contextlib.closing(database):
            yield database if await _held(database) else None


def _opened(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))  # with its rights from the first moment
    file.chmod(0o600)
    database = sqlite3.connect(file, timeout=0, isolation_level=None)
    try:
        database.execute(_TABLE)
    except BaseException:
        database.close()
        raise
    return database


def _read(database: sqlite3.Connection) -> VendorToken | None:
    with contextlib.suppress(sqlite3.Error):
        for value, until_ms in database.execute("SELECT value, until_ms FROM token"):
            return VendorToken(value=VendorKey(str(value)), until_ms=int(until_ms))
    return None


async def _held(database: sqlite3.Connection) -> bool:
    for _ in range(_LOOKS):
        with contextlib.suppress(sqlite3.OperationalError):
            database.execute("BEGIN IMMEDIATE")
            return True
        await asyncio.sleep(_LOOK_S)
    return False
