"""The main thread's side of a journal: leaves what was found, and hears when it may be said."""

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from models.bundles.files import BundleFiles
from models.inference.served import Served
from server.feeds.base import KEPT
from server.feeds.roster import Roster
from server.journal import checkpoint, restart
from server.journal.checkpoint import Checkpoint
from server.journal.model_buys import ModelBuys
from server.journal.past import Past
from server.journal.records import Event, JournalRun, NumberedMoment, run_of
from server.journal.writer import Retention, Writer, WriterStatus
from server.market.cycle import Cycle
from server.market.judging import rules_of
from server.market.moment import FoundBuys, MarketMoment
from server.market.state import MarketState
from shared.columns import COLUMNS
from shared.contract import Class, Int64
from shared.protocol.messages import TrackRecord
from shared.settings import ServerSettings

# A buy that waits longer for a disk is said before it is kept: nobody waits for a disk for ever.
PATIENCE_S: Final = 1.0
STOP_S: Final = 1.0
_ROUNDS: Final = 16  # of a whole market between two checkpoints: what a start works out anew
_MOMENTS: Final = 2_000  # the same for bars that come one by one


class _Held(NamedTuple):
    number: int
    buys: FoundBuys
    since_s: float


class Journal:
    """Keeps what one server finds.

    Attributes:
        past: Answers what is asked of what is kept.

    Args:
        folder: Where.
        run: Who writes.
        retention: How long what is written stays.
        clock: Seconds that are never set back.
    """

    def __init__(
        self,
        folder: Path,
        run: JournalRun,
        retention: Retention,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._run, self._clock = folder, run, clock
        self.past = Past(folder)
        self._retention = retention
        self._begun: Writer | None = None
        self._held: deque[_Held] = deque()
        self._unwritten: list[int] = []  # numbers of buys that were said before they were kept
        self._unjudged: deque[tuple[Int64, tuple[str, ...]]] = deque()
        self._number = self._rows = self._moments = 0
        self._save_after = 1  # rows
        self._cycle: Cycle
        self._meaning = ""
        self._buys: ModelBuys

    def recall(
        self,
        bundle: Served,
        settings: ServerSettings,
        roster: Roster,
        fresh: Callable[[], MarketState],
    ) -> restart.Known:
        """Return what earlier runs knew, and begin to write.

        Args:
            bundle: The model that decides.
            settings: `jump_limit` and `recalibrate` are used.
            roster: The tickers that are listed.
            fresh: Makes a state that knows nothing.

        Raises:
            SettingsError: The journal is of other bars.
        """
        self._meaning = _meaning(bundle, settings, roster.listing.interval)
        known = restart.recall(
            *(self._folder, self._run.source, self._meaning, bundle.model_id, roster, fresh)
        )
        self._number = known.number
        rules = rules_of(roster.listing, settings.jump_limit)
        self._buys = ModelBuys(self._folder, rules, roster)
        self._buys.recall(bundle.model_id, bundle.card.label)
        self._buys.recall_others()
        self._buys.serve(bundle.model_id)
        self._begun = Writer(self._folder, self._run, self._retention)
        for damage in known.damages:
            self.note("journal", damage)
        return known

    def attach(self, cycle: Cycle) -> None:
        """Keep what this cycle finds from now on."""
        self._cycle = cycle
        cycle.keeper = self
        self._judge(cycle.roster.rows, cycle.roster.ever)

    def prepare(self, bundle: Served) -> None:
        """Read what is known of a model that may take over; any thread may do so."""
        self._buys.recall(bundle.model_id, bundle.card.label)

    def take_over(
        self, bundle: Served, files: BundleFiles, settings: ServerSettings, run_id: str
    ) -> None:
        """Keep what another model finds, once its state is the cycle's; it was prepared.

        Args:
            bundle: The model.
            files: Of the model.
            settings: `jump_limit` and `recalibrate` are used.
            run_id: Of the run that begins with it.
        """
        self._meaning = _meaning(bundle, settings, self._cycle.roster.listing.interval)
        self._run = run_of(self._run.source, run_id, bundle, files)
        self._buys.serve(bundle.model_id)
        self._writer.leave(self._run)
        self.note("model", f"{bundle.model_id} takes over")
        # A checkpoint of its own, but not in the moment in which all else is made anew.
        self._rows, self._moments = self._save_after, self._moments + 1

    def fileno(self) -> int:
        """Return the descriptor that is readable when something was written."""
        return self._writer.fileno()

    def keep(self, moment: MarketMoment) -> None:
        """Keep a moment, without waiting; its buys are held until `settled` returns them."""
        self._number += 1
        self._writer.leave(NumberedMoment(number=self._number, moment=moment))
        if moment.buys is not None:
            self._held.append(_Held(self._number, moment.buys, self._clock()))
        self._unjudged.append((moment.batch.rows, moment.symbols))
        if moment.buys is not None:
            self._await(moment, moment.buys)
        if moment.corrected and not moment.batch.history:
            self.note("correction", f"{moment.corrected} bars took the place of earlier ones")
        if moment.interrupted and not moment.batch.history:
            self.note("gap", f"{moment.interrupted} bars after a jump or a gap")
        self._rows += len(moment.batch.rows)
        self._moments += 1
        self._save_after = _ROUNDS * len(moment.symbols)

    def save(self) -> None:
        """Leave a checkpoint to be written, unless one waits already or the state is not whole."""
        waits = self._writer.checkpoint_waits or self._cycle.owes_past
        if self._moments == 0 or waits:
            return
        self._rows = self._moments = 0
        cycle = self._cycle
        self._writer.leave_checkpoint(
            checkpoint.path_of(self._folder, self._run.model_id),
            Checkpoint(
                number=self._number,
                live=cycle.catches_up or not cycle.loading,
                meaning=self._meaning,
                symbols=cycle.roster.ever,
                state=cycle.state.save(),
            ),
        )

    def note(self, kind: str, detail: str) -> None:
        """Keep that something happened."""
        at_ms = time.time_ns() // 1_000_000
        self._writer.leave(Event(at_ms=at_ms, kind=kind, detail=detail))

    def settled(self) -> list[FoundBuys]:
        """Return the buys that may be said now, in their order: once they are kept.

        To be called after each part of a cycle: what came true is judged here, too.

        Those that were kept before are left out. Where nothing can be kept they are said all the
        same, since the market does not wait.
        """
        self._writer.hush()
        self._go_over()
        if not self._held and not self._unwritten:
            return []
        status = self._writer.status
        settled = []
        while self._held:
            number, buys, since_s = self._held[0]
            if number <= self._writer.written:
                new = self._writer.take_new(number)
                buys = buys if new is None or new.all() else buys.take(new)
            elif status.fault or self._clock() - since_s > PATIENCE_S:
                buys = buys.take(self._buys.unknown(buys))
                self._unwritten.append(number)
            else:
                break
            self._held.popleft()
            self._buys.remember(buys)
            if buys.symbols:
                settled.append(buys)
        self._forget_unwritten()
        return settled

    @property
    def holds(self) -> bool:
        """Return whether buys wait to be said."""
        return bool(self._held)

    @property
    def run_id(self) -> str:
        """Return what the run is called in all that is kept and said."""
        return self._run.run_id

    @property
    def status(self) -> WriterStatus:
        """Return how the writing goes."""
        return self._writer.status

    @property
    def track(self) -> TrackRecord | None:
        """Return what came true of the newest buys; None where none is known."""
        return self._buys.record

    def settle(self) -> None:
        """Wait a moment for what was left to be written."""
        self._writer.settle(STOP_S)

    def close(self) -> None:
        """Write what can be written, and no more; nothing is answered from here on."""
        self.past.close()
        if self._begun is not None:
            self._begun.stop(STOP_S)

    @property
    def _writer(self) -> Writer:
        if self._begun is None:
            raise RuntimeError("a journal is recalled before it is written")
        return self._begun

    def _await(self, moment: MarketMoment, buys: FoundBuys) -> None:
        rows, new = moment.turned[moment.wins == Class.UP], self._buys.unknown(buys)
        up = buys.probabilities[new, Class.UP].astype(np.float64)
        self._buys.add(rows[new], buys.bar_ms[new], up)

    def _go_over(self) -> None:
        # Once what a cycle found is said, or waits for the disk: nobody waits for this.
        while self._unjudged:
            self._judge(*self._unjudged.popleft())
        if self._rows >= self._save_after or self._moments >= _MOMENTS:
            self.save()

    def _judge(self, rows: Int64, symbols: tuple[str, ...]) -> None:
        ring = self._cycle.state.windows.ring
        for judged in self._buys.judge(rows, ring, symbols, time.time_ns() // 1_000_000):
            self._writer.leave(judged)

    def _forget_unwritten(self) -> None:
        written = self._writer.written
        for number in [n for n in self._unwritten if n <= written]:
            self._writer.take_new(number)
            self._unwritten.remove(number)


def _meaning(bundle: Served, settings: ServerSettings, interval: str) -> str:
    card = bundle.card
    parts = (
        *(bundle.model_id, card.feature_set, msgspec.json.encode(card.label).decode(), interval),
        *(settings.jump_limit, settings.recalibrate, KEPT, [c.name for c in COLUMNS]),
        msgspec.json.encode(card.calibration).decode(),
    )
    return msgspec.json.encode([str(part) for part in parts]).decode()
