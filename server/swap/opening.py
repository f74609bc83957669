"""Lets a running server be asked for another model: by a signal, and by a command."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType

import structlog

from server.feeds.base import Listing
from server.journal.journal import Journal
from server.swap.candidate import Candidate
from server.swap.mailbox import Mailbox, folder_of
from server.swap.model_swap import ModelSwap
from shared.errors import TickerlensError
from shared.settings import ServerSettings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class HangUps:
    """SIGHUP, from the begin of the server on: one that comes early is answered once it can be.

    Main thread only. Where a terminal is at stdin it means that the terminal is gone, and the
    server with it.
    """

    def __init__(self) -> None:
        self._ask: Callable[[], None] | None = None
        self._waits = False
        if hasattr(signal, "SIGHUP") and not os.isatty(0):
            signal.signal(signal.SIGHUP, self._hear)

    def answer(self, ask: Callable[[], None]) -> None:
        """Call this at each from now on, and now if one came."""
        self._ask = ask
        if self._waits:
            ask()

    def _hear(self, _signum: int, _frame: FrameType | None) -> None:
        if self._ask is None:
            self._waits = True
        else:
            self._ask()


@contextlib.contextmanager
def opened_swap(
    serving: Candidate,
    listing: Listing,
    settings: ServerSettings,
    publish: str,
    journal: Journal | None,
    hang_ups: HangUps,
) -> Iterator[ModelSwap]:
    """Yield who takes requests for another model, until the context ends. Main thread only.

    Args:
        serving: The model that serves.
        listing: What is played.
        settings: As `ModelSwap` uses them.
        publish: Where the server publishes.
        journal: Reads what it knows of a model before that takes over, and keeps who was refused.
        hang_ups: Each asks for the folder that serves to be read anew.
    """
    mailbox = _mailbox(publish)
    with ModelSwap(
        *(serving, listing, settings),
        mailbox=mailbox,
        prepare=(lambda _: None) if journal is None else journal.prepare,
        note=(lambda _: None) if journal is None else lambda said: journal.note("model", said),
    ) as swap:
        hang_ups.answer(swap.ask)
        yield swap


def _mailbox(publish: str) -> Mailbox | None:
    try:
        return Mailbox(folder_of(publish))
    except TickerlensError as e:
        log.warning("tickerlens-server model cannot reach this server", reason=str(e))
        return None
