"""A server and a desk's link, through much that opens, closes and heals: nothing grows."""

import dataclasses
import gc
import queue
import sys
import threading
from collections.abc import Iterator
from typing import Final

import psutil
import pytest

from client.net.link import Link
from client.state.inbox import Inbox
from client.state.table import Table
from models.bundles.bundle import Bundle
from models.data.features.price_volume import PRICE_VOLUME
from server.feeds.base import BarBatch, FeedEvent, HistoryEnd
from shared.endpoints import Endpoints
from tests.kit.cards import a_card
from tests.kit.contexts import ending_context
from tests.kit.feeds import MadeFeed
from tests.kit.house import DAY_MS, FULL, SYMBOLS, Follower, House, bars
from tests.kit.proxy import Proxy
from tests.kit.running_server import running
from tests.kit.waiting import LIMIT_S, wait_for

_WARM_UP: Final = 12  # rounds in which caches and rings fill
_ROUNDS: Final = 16
_DAYS: Final = 3  # a round
# Blocks of Python's memory; 7 to 17 were measured. One heatmap that is kept a round has some 40.
_BLOCKS_A_ROUND: Final = 30
# What explains costs a core for seconds, and has tests of its own: it is never ready here.
_EXPLAINS_NOTHING: Final = (sys.executable, "-c", "input()")


class AskedFeed(MadeFeed):
    """Plays one batch each time that it is asked for one."""

    def __init__(self, house: House) -> None:
        super().__init__(house.listing)
        self.wanted: queue.SimpleQueue[BarBatch | None] = queue.SimpleQueue()

    def events(self) -> Iterator[FeedEvent]:
        for day in range(1, FULL + 1):
            yield bars(day, (100.0, 100.0, 100.0), history=True)
        yield HistoryEnd()
        while (batch := self.wanted.get(timeout=LIMIT_S)) is not None:
            yield batch

    def stop(self) -> None:
        self.wanted.put(None)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Held:
    """What this process holds."""

    threads: int
    files: int
    blocks: int

    @classmethod
    def now(cls) -> "Held":
        gc.collect()
        process = psutil.Process()
        return cls(
            threads=threading.active_count(),
            files=process.num_fds(),
            blocks=sys.getallocatedblocks(),
        )


class SoakedDesk:
    """A desk's link on a server whose market goes on as the test wants, behind a bad network."""

    def __init__(self, feed: AskedFeed, link: Link, inbox: Inbox, *ways: Proxy) -> None:
        self._feed, self._link, self._inbox, self._ways = feed, link, inbox, ways
        self._table, self._day = Table(), FULL
        self._mapped: set[str] = set()

    def round(self) -> None:
        """Follow a ticker through some days, look at others, lose both connections, and heal."""
        symbol = SYMBOLS[self._day % 3]
        self._mapped.clear()
        self._link.glance(SYMBOLS[:2])
        self._link.watch(symbol)
        wait_for(lambda: self._drained() and symbol in self._mapped)
        for _ in range(_DAYS):
            self._live_a_day()
        self._link.unwatch(symbol)
        self._link.glance(())
        before = [way.connections for way in self._ways]
        for way in self._ways:
            way.cut()
        wait_for(lambda: self._drained() and self._are_made_anew(before))
        self._live_a_day()

    def settled(self) -> Held:
        """Return what is held once all is said, and nothing is being made anew."""
        wait_for(lambda: self._drained() and self._link.health().state == "live")
        self._live_a_day()
        return Held.now()

    def _live_a_day(self) -> None:
        self._day += 1
        up = 100.0 + self._day % 2 / 10  # too little to buy: a log of buys grows, to its bound
        self._feed.wanted.put(bars(self._day, (up, 100.0, 100.0)))
        wait_for(lambda: self._drained() and self._table.bar_ms.max() == self._day * DAY_MS)

    def _are_made_anew(self, before: list[int]) -> bool:
        return all(way.connections > n for way, n in zip(self._ways, before, strict=True))

    def _drained(self) -> bool:
        update = self._inbox.drain()
        self._table.apply(update)
        self._mapped.update(update.heatmaps)
        return bool(self._table.decided.any())


@pytest.mark.slow
def test_what_opens_closes_and_heals_leaves_nothing_behind() -> None:
    bundle = Bundle(
        card=a_card("ab" * 32),
        card_json='{"name": "made"}',
        feature_set=PRICE_VOLUME,
        network=Follower(),
    )
    feed, inbox = AskedFeed(House(bundle)), Inbox()
    with (
        ending_context() as context,
        running(context, feed, bundle, explains=_EXPLAINS_NOTHING) as served,
        Proxy(served.endpoints.publish) as out,
        Proxy(served.endpoints.requests) as back,
    ):
        link = Link(Endpoints(publish=out.endpoint, requests=back.endpoint), inbox)
        link.start()
        try:
            desk = SoakedDesk(feed, link, inbox, out, back)
            for _ in range(_WARM_UP):
                desk.round()
            before = desk.settled()
            for _ in range(_ROUNDS):
                desk.round()
            after = desk.settled()
        finally:
            assert link.stop(10)
    assert after.threads <= before.threads
    assert after.files <= before.files
    assert after.blocks - before.blocks <= _ROUNDS * _BLOCKS_A_ROUND
