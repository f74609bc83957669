"""Lets a running server be asked for another model: by a signal, and by a command."""

import contextlib
import os
import signal
from collections.abc import Iterator

import structlog

from server.feeds.base import Listing
from server.journal.journal import Journal
from server.swap.candidate import Candidate
from server.swap.mailbox import Mailbox, folder_of
from server.swap.model_swap import ModelSwap
from shared.errors import TickerlensError
from shared.settings import ServerSettings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@contextlib.contextmanager
def opened_swap(
    serving: Candidate,
    listing: Listing,
    settings: ServerSettings,
    publish: str,
    journal: Journal | None,
) -> Iterator[ModelSwap]:
    """Yield who takes requests for another model, until the context ends. Main thread only.

    SIGHUP asks for the folder that serves to be read anew, where no terminal is at stdin.

    Args:
        serving: The model that serves.
        listing: What is played.
        settings: As `ModelSwap` uses them.
        publish: Where the server publishes.
        journal: Reads what it knows of a model before that takes over, and keeps who was refused.
    """
    mailbox = _mailbox(publish)
    with ModelSwap(
        *(serving, listing, settings),
        mailbox=mailbox,
        prepare=(lambda _: None) if journal is None else journal.prepare,
        note=(lambda _: None) if journal is None else lambda said: journal.note("model", said),
    ) as swap:
        # To who sits at a terminal it means that the terminal is gone, and the server with it.
        if hasattr(signal, "SIGHUP") and not os.isatty(0):
            signal.signal(signal.SIGHUP, lambda _signum, _frame: swap.ask())
        yield swap


def _mailbox(publish: str) -> Mailbox | None:
    try:
        return Mailbox(folder_of(publish))
    except TickerlensError as e:
        log.warning("tickerlens-server model cannot reach this server", reason=str(e))
        return None
