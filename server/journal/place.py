"""Where a journal is, and whose it is: one for each source of bars, so that none mixes."""

import hashlib
import re
import sqlite3
from pathlib import Path
from typing import Final

import platformdirs

from server.choices import ChosenPlugins
from server.feeds.base import Listing

OFF: Final = "off"
_LOCK: Final = "lock"


def source_of(choices: ChosenPlugins, listing: Listing) -> str:
    """Return what bars are of, in words: two that differ never share a journal.

    How fast a feed is played, and from where to where, makes no other bars of it.

    Args:
        choices: The feed that was chosen.
        listing: What it plays.
    """
    argument = choices.argument
    if argument and Path(argument).exists():
        argument = str(Path(argument).resolve())
    words = [f"{choices.feed.name}:{argument}", listing.interval]
    if listing.simulated:
        sizes = ("tickers", "seed")
        settings = choices.feed.settings
        words += [f"{s}={getattr(settings, s)}" for s in sizes if hasattr(settings, s)]
    return " ".join(words)


def folder_of(setting: str, source: str) -> Path:
    """Return the folder of the journal of a source: the one that is set, or one of its own.

    Args:
        setting: `journal` of the settings; empty for the usual place.
        source: As `source_of` says.
    """
    if setting:
        return Path(setting)
    readable = re.sub("[^a-z0-9]+", "-", source.lower()).strip("-")[:40]
    digest = hashlib.sha256(source.encode()).hexdigest()[:8]
    return usual_folder() / f"{readable}-{digest}"


def usual_folder() -> Path:
    """Return the folder of all journals that have no place of their own."""
    return Path(platformdirs.user_data_dir("tickerlens", appauthor=False)) / "journals"


class OneWriter:
    """Holds a journal for this process alone, until its end, however that comes.

    Args:
        folder: Of the journal.
        wait_s: How long to wait for one that is about to end, s.

    Raises:
        sqlite3.Error: Another process holds it.
        OSError: The folder cannot be made.
    """

    def __init__(self, folder: Path, wait_s: float = 1.0) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The lock of a database is one that every system has, and that dies with its holder.
        self._database = sqlite3.connect(folder / _LOCK, timeout=wait_s, isolation_level=None)
        try:
            self._database.execute("BEGIN EXCLUSIVE")
        except BaseException:
            self._database.close()
            raise

    def release(self) -> None:
        """Let others have it."""
        self._database.close()
