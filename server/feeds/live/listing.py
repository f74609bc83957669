"""Keeps the universe: reads it, notices what changes, and tells who came and went."""

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import Final

import msgspec

from server.feeds.base import ListedTicker
from server.feeds.live.cache import replace_file
from server.feeds.live.clock import LiveClock
from server.feeds.live.faults import SourceError
from server.feeds.live.filling import Filler
from server.feeds.live.source import LiveSource, UniverseTicker
from server.feeds.live.state import LiveState
from server.feeds.live.streaming import Stream
from server.feeds.live.universe import change_of, is_file, listed_at, read_universe, stamp_of
from shared.errors import DataError, InputMissingError, SettingsError

log = logging.getLogger(__name__)

_LOOK_S: Final = 10.0  # between two looks at a file, and at who is listed by now
_ASK_S: Final = 6 * 3_600.0  # between two questions for a list of the source


class UniverseKeeper:
    """The universe of a feed, from a file or the source.

    Args:
        source: Who knows lists by name.
        universe: A file, or the name of a list.
        clock: What time it is.
        kept: File that keeps a list for a start while the source is down; None keeps none.
    """

    def __init__(
        self, source: LiveSource, universe: str, clock: LiveClock, kept: Path | None = None
    ) -> None:
        self._source, self._universe, self._clock = source, universe, clock
        self._path = Path(universe) if is_file(universe) else None
        self._kept = kept
        self._tickers: tuple[UniverseTicker, ...] = ()
        self._stamp = (0, 0)
        self._asked_ms = 0

    async def read(self) -> None:
        """Read it anew.

        Raises:
            SettingsError: No universe was named, or the source knows none of that name.
            InputMissingError: The file cannot be opened.
            DataError: It is not what it must be.
            SourceError: The source does not tell.
        """
        if not self._universe:
            raise SettingsError("say who is watched: --universe FILE.csv, or a list of the source")
        if self._path is None:
            self._tickers = await self._source.universe(self._universe)
            self._asked_ms = self._clock.now_ms()
            self._keep()
        else:
            self.remember()

    def remember(self) -> bool:
        """Take the universe as it was when it was read last, without the source.

        Returns:
            Whether it was ever read.

        Raises:
            InputMissingError: The file of the universe cannot be opened.
            DataError: It is not what it must be.
        """
        if self._path is not None:
            self._stamp = stamp_of(self._path)
            self._tickers = read_universe(self._path, self._source.market)
        elif self._kept is not None:
            with contextlib.suppress(OSError, msgspec.MsgspecError):
                kept = self._kept.read_bytes()
                self._tickers = msgspec.json.decode(kept, type=tuple[UniverseTicker, ...])
        return bool(self._tickers)

    def _keep(self) -> None:
        if self._kept is None:
            return
        try:
            replace_file(self._kept, msgspec.json.encode(self._tickers))
        except OSError as e:
            log.warning("the list of tickers could not be kept on disk: %s", e.strerror)

    def listed(self, now_ms: int) -> dict[str, ListedTicker]:
        """Return who is listed at a moment, ms since 1970 UTC, by symbol."""
        return listed_at(self._tickers, now_ms)

    async def follow(self, state: LiveState, filler: Filler, stream: Stream) -> None:
        """Look for changes for ever, and tell them.

        A file that cannot be read changes nothing, and is told.
        """
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                if self._is_old():
                    await self.read()
                    state.troubles.healed("universe")
            except SourceError as e:
                await asyncio.sleep(state.troubles.note("universe", e))
                continue
            except (SettingsError, InputMissingError, DataError) as e:
                state.troubles.say("universe", f"{e}; the tickers stay as they were")
            self._tell(state, filler, stream)

    def _is_old(self) -> bool:
        if self._path is None:
            return self._clock.now_ms() - self._asked_ms > 1_000 * _ASK_S
        return stamp_of(self._path) != self._stamp

    def _tell(self, state: LiveState, filler: Filler, stream: Stream) -> None:
        before = {t.symbol: t for t in state.roster.tickers}
        change = change_of(before, self.listed(state.exchange_ms))
        if change is None:
            return
        state.tell_history()
        state.roster.apply(change)
        state.news.put_nowait(change)
        state.grow()
        filler.grow()
        rows = state.rows
        filler.want(rows[t.symbol] for t in change.added)
        if change.added or change.removed:
            stream.restart()
