"""The signal cycle: bars in, messages out; pure, without socket or clock.

All that is published is made here, and nowhere else.
"""

import dataclasses
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from server.feeds.base import BarBatch, FeedReport, ListingChange
from server.feeds.roster import Roster
from server.market.backfill import few_rounds, filled
from server.market.buy_log import BuyMemory
from server.market.changes import Changes
from server.market.clock import MarketTime
from server.market.finding import found_buys, moment_of
from server.market.moment import FoundBuys, Heir, JournalHealth, Keeper, MarketMoment
from server.market.speaker import Speaker
from server.market.state import MarketState
from server.market.subscribed import Subscribed
from server.protocol.sequencer import Sequencer
from shared.contract import Class, Int64
from shared.limits import MAX_COUNT, MAX_CYCLE_MS, MAX_NAME, MAX_REASONS
from shared.protocol.heatmaps import Heatmaps
from shared.protocol.messages import Buy, Heatmap, Phase, Published, Status

Utterance = Sequence[Published | Heatmaps]  # of what a batch has to say
UNKNOWN_TIME: Final = MarketTime()
NO_JOURNAL: Final = JournalHealth()
_AT_ONCE: Final = 16  # tickers that are looked at; their heatmaps take a millisecond


class Cycle:
    """Takes batches into the state and says what changed.

    Attributes:
        roster: Who is listed; only the cycle changes it.
        state: What is known of them; only the cycle changes it.
        stamps: Numbers the messages.
        buys: Remembers what is said under `buy`.
        keeper: Keeps what is found, and has the buys said with `say_buys` once they are kept; None
            where nothing is, and they are said at once.
        heir: Takes what the state takes, so that another model may take over; None without one.
        resumed: Whether the state is that of an earlier run, which knows most of a history.
        catches_up: Whether that run was live: what history holds beyond it is late, and told so.
        owes_past: Whether some of history was not decided on, so that nothing was learned from it.
        loading: Whether history is loading: what is decided then is of the past, and told to nobody
            as if it were of now; nor is it explained.
        report: What the feed says of itself.
    """

    def __init__(
        self, roster: Roster, state: MarketState, stamps: Sequencer, buys: BuyMemory
    ) -> None:
        self.roster, self.state, self.stamps, self.buys = roster, state, stamps, buys
        self.keeper: Keeper | None = None
        self.heir: Heir | None = None
        self.loading = self.resumed = self.catches_up = self.owes_past = False
        self._ever, self.report = roster.ever, FeedReport()
        self._history = 0.0  # share of it that is loaded, where the feed knows
        self._not_listed = 0  # bars of tickers that went

    @property
    def forgetful(self) -> bool:
        """Return whether no decision is worth telling yet: what an earlier run left is, as its."""
        return self.loading and not self.catches_up

    def run(self, batch: BarBatch, made_ms: int, wanted: Subscribed) -> Iterator[Utterance]:
        """Take a batch and yield what there is to say about it; nothing about history.

        The messages are, in this order: the rows that changed, the tickers that entered class 2,
        and the heatmaps and bars that are wanted. A ticker that stands n times makes n cycles.
        They come in parts that take some milliseconds each, for somebody may look at the whole
        market: between two of them anything may be asked, and no other batch may be taken.

        Args:
            batch: Any bars; those of tickers that are no longer listed are counted and dropped.
            made_ms: The time now, ms since 1970 UTC.
            wanted: Who is looked at.
        """
        if batch.history:
            self._history = max(self._history, batch.loaded)
        if self._is_only_filling(batch):
            yield from self._fill(self._listed(batch), made_ms)
            return
        several = few_rounds(self._listed(batch))
        for part in itertools.chain.from_iterable(self._news(some).rounds() for some in several):
            changes = self.state.take(part, explain=self.catches_up or not self.loading)
            if self.heir is not None:
                self.heir.follow(part)
            if self.keeper is not None and part.closed:
                self.keeper.keep(self._moment(part, changes, made_ms))
            if not part.history:
                yield from self._say(changes, made_ms, wanted, closed=part.closed)
            else:
                yield ()

    def _is_only_filling(self, batch: BarBatch) -> bool:
        # What is played has no now that waits; the past is an heir's to work out.
        live = self.heir is not None and not self.roster.listing.played
        return live and self.loading and not self.resumed and batch.history and batch.closed

    def _fill(self, batch: BarBatch, made_ms: int) -> Iterator[Utterance]:
        self.owes_past = True
        for _ in filled(self.state, batch):
            yield ()
        if self.keeper is not None:
            for part in batch.rounds():
                moment = moment_of(self.state, self._ever, part, Changes.of_none(), None, made_ms)
                self.keeper.keep(moment)
                yield ()

    def learn_past(
        self, state: MarketState, made_ms: int, wanted: Subscribed
    ) -> Iterator[Utterance]:
        """Go on with what the model makes of all bars that are kept; between two batches only.

        Args:
            state: What the model knows with its past.
            made_ms: The time now, ms since 1970 UTC.
            wanted: Who is looked at.
        """
        self._go_on_with(state)
        rows, none = self.roster.rows, Changes.of_none()
        changes = dataclasses.replace(none, rows=rows, explained=rows[state.decided(rows)])
        yield from self._say(changes, made_ms, wanted, closed=True)

    def say_buys(self, found: FoundBuys) -> Buy:
        """Return the message of buys that were found, and remember it.

        Those that are late are remembered as such, and the message is for nobody: who asks for the
        log reads them there.
        """
        buy = Buy(
            stamp=self.stamps.published("buy", int(found.bar_ms.max()), found.made_ms),
            symbols=found.symbols,
            confidence=found.probabilities[:, Class.UP],
            last=found.last,
            bar_ms=found.bar_ms,
        )
        self.buys.add(buy, late=found.late)
        return buy

    def end_history(self) -> None:
        """Go on to what is of now: the newest decisions of history are explained."""
        self.loading = False
        self.state.explain_owed()

    def relist(self, change: ListingChange) -> None:
        """Follow a change of the listing; what is known of the other tickers stays.

        Raises:
            ValueError: It does not fit the tickers that are listed.
        """
        self.roster.apply(change)
        self._ever = self.roster.ever
        self.state.grow(len(self.roster))
        if self.heir is not None:
            self.heir.grow(len(self.roster))

    def take_over(self, state: MarketState, stamps: Sequencer) -> None:
        """Go on with what another model makes of the same bars, between two batches.

        It is another run, whose first buys are those that were said before: desks start over.

        Args:
            state: What the other model knows.
            stamps: Numbers its messages, from 1.
        """
        self._go_on_with(state)
        self.buys = self.buys.carried_over()
        stamps.begin_at("buy", self.buys.newest)
        self.stamps = stamps

    def status(
        self,
        phase: Phase,
        made_ms: int,
        *,
        feed_error: str = "",
        model_note: str = "",
        cycle_ms: float = 0.0,
        time: MarketTime = UNKNOWN_TIME,
        journal: JournalHealth = NO_JOURNAL,
    ) -> Status:
        """Return how the server is.

        Args:
            phase: What it is at.
            made_ms: The time now, ms since 1970 UTC.
            feed_error: Why the feed broke off; empty if it did not.
            model_note: What became of the newest model that was to take over.
            cycle_ms: Time of the newest cycle.
            time: How late it is in the market.
            journal: How what is found is kept.
        """
        listing = self.roster.listing
        return Status(
            stamp=self.stamps.published("status", self.state.newest_bar_ms, made_ms),
            state=phase,
            feed_error=feed_error[:MAX_NAME],
            feed_note=self.report.sentence[:MAX_NAME],
            model_note=model_note[:MAX_NAME],
            feed=listing.label[:MAX_NAME],
            simulated=listing.simulated,
            tickers=len(self.roster.rows),
            universe_revision=self.roster.revision,
            decided=int(self.state.decided(self.roster.rows).sum()),
            confidence_sequence=self.stamps.newest("confidence"),
            buy_sequence=self.stamps.newest("buy"),
            cycle_ms=min(cycle_ms, MAX_CYCLE_MS),
            accepted=self.state.windows.accepted,
            dropped=self.reasons(),
            history=self._history if phase == "starting" else 1.0,
            played=listing.played,
            market_ms=time.market_ms,
            closed_until_ms=time.closed_until_ms if phase == "live" else 0,
            stale_since_ms=time.stale_since_ms if phase == "live" else 0,
            journal=journal.state,
            journal_error=journal.error[:MAX_NAME],
            journal_waiting=journal.waiting,
            journal_lost=journal.lost,
            track=journal.track,
        )

    def reasons(self) -> dict[str, int]:
        """Return how many bars were dropped or mended, or interrupted their series, by reason."""
        counts = Counter(self.roster.listing.repaired) + Counter(self.state.windows.reasons)
        counts += Counter(not_listed=self._not_listed) + Counter(self.report.reasons)
        # A feed of another package counts by reasons of its own.
        found = itertools.islice(counts.items(), MAX_REASONS)
        return {str(reason)[:MAX_NAME]: min(count, MAX_COUNT) for reason, count in found}

    def heatmap(self, row: int, made_ms: int) -> Heatmap:
        """Return why the model decided as it did on a ticker that it decided on, as an answer.

        Args:
            row: Index of the ticker.
            made_ms: The time now, ms since 1970 UTC.
        """
        stamp = self.stamps.answer(int(self.state.bar_ms[row]), made_ms)
        (heatmap,) = self._speaker.heatmaps(np.array([row]), stamp).each()
        return heatmap

    @property
    def _speaker(self) -> Speaker:
        return Speaker(self.state, self.roster, self.stamps)

    def _go_on_with(self, state: MarketState) -> None:
        windows, before = state.windows, self.state.windows
        windows.accepted, windows.reasons = before.accepted, before.reasons
        self.state, self.owes_past = state, False

    def _listed(self, batch: BarBatch) -> BarBatch:
        listed = self.roster.listed(batch.rows)
        if listed.all():
            return batch
        self._not_listed += int((~listed).sum())
        return batch.take(np.flatnonzero(listed))

    def _news(self, batch: BarBatch) -> BarBatch:
        # Of a history that an earlier run has read only what it has not: nothing that was decided
        # is decided anew, and nothing that is known counts as doubled.
        if not (self.resumed and batch.history and batch.closed):
            return batch
        windows = self.state.windows
        return batch.take(np.flatnonzero(windows.are_news(batch.rows, batch.bar_ms, batch.ohlcv)))

    def _moment(self, part: BarBatch, changes: Changes, made_ms: int) -> MarketMoment:
        late = part.history and self.catches_up
        told = changes.entered if late or not part.history else changes.entered[:0]
        buys = found_buys(self.state, self.roster, told, made_ms, late=late) if len(told) else None
        return moment_of(self.state, self._ever, part, changes, buys, made_ms)

    def _say(
        self, changes: Changes, made_ms: int, wanted: Subscribed, *, closed: bool
    ) -> Iterator[Utterance]:
        speaker, said = self._speaker, list[Published | Heatmaps]()
        if len(changes.rows):
            said.append(speaker.confidence(changes.rows, made_ms))
        if len(changes.entered) and self.keeper is None:
            buys = found_buys(self.state, self.roster, changes.entered, made_ms, late=False)
            said.append(self.say_buys(buys))
        yield said
        looked_at = changes.explained[wanted.heatmap[changes.explained]]
        for rows in _a_few(looked_at):
            newest_ms = int(self.state.bar_ms[rows[0]])
            stamp = self.stamps.published("heatmap", newest_ms, made_ms, len(rows))
            yield [speaker.heatmaps(rows, stamp)]
        for found in _a_few(np.flatnonzero(wanted.bar[changes.bars.rows])):
            yield [speaker.bar(changes, i, made_ms, closed=closed) for i in found.tolist()]


def _a_few(found: Int64) -> Iterator[Int64]:
    for start in range(0, len(found), _AT_ONCE):
        yield found[start : start + _AT_ONCE]
