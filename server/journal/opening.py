"""Opens the journal of a server, if it has one, and makes the cycle that goes on from it."""

import contextlib
import sqlite3
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import structlog

from models.bundles.files import BundleFiles
from models.inference.served import Served
from server.choices import ChosenPlugins
from server.feeds.base import Listing
from server.feeds.roster import Roster
from server.journal.journal import Journal
from server.journal.place import OFF, OneWriter, folder_of, source_of
from server.journal.records import run_of
from server.journal.writer import Retention
from server.market.buy_log import BuyMemory
from server.market.cycle import Cycle
from server.market.judging import rules_of
from server.market.moment import JournalHealth
from server.market.state import MarketState
from server.protocol.sequencer import Sequencer
from shared.settings import ServerSettings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@contextlib.contextmanager
def opened(
    settings: ServerSettings,
    choices: ChosenPlugins,
    listing: Listing,
    bundle: Served,
    files: BundleFiles,
) -> Iterator[Journal | None]:
    """Yield the journal, which is written until the context ends; None where nothing is kept.

    Args:
        settings: `journal`, `journal_days` and `journal_bar_days` are used.
        choices: The feed.
        listing: What it plays.
        bundle: The model.
        files: Of the model.
    """
    source = source_of(choices, listing)
    lock = None if settings.journal == OFF else _held(settings.journal, source)
    if lock is None:
        yield None
        return
    run = run_of(source, new_run_id(), bundle, files)
    retention = Retention(days=settings.journal_days, bar_days=settings.journal_bar_days)
    journal = Journal(folder_of(settings.journal, source), run, retention)
    try:
        yield journal
    finally:
        journal.close()
        lock.release()


def new_cycle(
    journal: Journal | None, listing: Listing, bundle: Served, settings: ServerSettings
) -> Cycle:
    """Return a cycle that knows what the journal knows, and has it keep what it finds.

    Args:
        journal: None where nothing is kept.
        listing: Who is watched.
        bundle: The model.
        settings: `jump_limit` and `recalibrate` are used.

    Raises:
        SettingsError: The journal is of other bars.
        DataError: The bars are so short that no session could fill a window.
    """
    roster, rules = Roster(listing), rules_of(listing, settings.jump_limit)

    def fresh() -> MarketState:
        return MarketState(len(roster), bundle, rules, recalibrate=settings.recalibrate)

    if journal is None:
        stamps = Sequencer(new_run_id(), bundle.model_id)
        return Cycle(roster, fresh(), stamps, BuyMemory())
    known = journal.recall(bundle, settings, roster, fresh)
    cycle = Cycle(roster, known.state, Sequencer(journal.run_id, bundle.model_id), BuyMemory())
    cycle.resumed, cycle.catches_up = known.resumed, known.live
    if known.buys:
        # One number stands for all that earlier runs said: who was away asks for it, and has it.
        cycle.stamps.begin_at("buy", 1)
        cycle.buys.recall(known.buys, 1, complete=known.complete)
    journal.attach(cycle)
    if known.resumed:
        newest = datetime.fromtimestamp(known.state.windows.newest_closed_ms / 1_000, UTC)
        log.info(
            "goes on where an earlier run stopped; --journal off begins anew",
            newest_bar=newest.isoformat(),
        )
    return cycle


def health_of(journal: Journal | None) -> JournalHealth:
    """Return how what is found is kept."""
    if journal is None:
        return JournalHealth()
    now = journal.status
    return JournalHealth(
        state="waiting" if now.fault else "kept",
        error=f"The journal cannot be written: {now.fault}." if now.fault else "",
        waiting=now.waiting,
        lost=now.lost,
        track=journal.track,
    )


def new_run_id() -> str:
    """Return what no other run is called."""
    return uuid.uuid4().hex[:12]


def _held(setting: str, source: str) -> OneWriter | None:
    folder = folder_of(setting, source)
    try:
        return OneWriter(folder)
    except (sqlite3.Error, OSError) as e:
        # A server without a journal is worth more than none; `status` says that there is none.
        log.warning("nothing is kept: the journal is in use or out of reach", reason=str(e))
        return None
