"""Live news of Toss: the last price of every ticker, again and again, and trades of some."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from typing import Final

import numpy as np

from models.data.times import to_ms
from server.feeds.forming.trades import TradeBatch
from server.feeds.live.faults import SourceError
from server.feeds.live.jobs import Tell, events_of
from server.feeds.live.source import Alive, LiveEvent, LiveRefused
from server.feeds.toss.answers import MOST_SYMBOLS, TossPrice, TossSubscribed, TossTick
from server.feeds.toss.client import TossClient
from server.feeds.toss.socket import MOST_TOPICS, TossSocket
from shared.contract import Float64, Int64

_FLUSH_S: Final = 0.5  # trades are told together
_TOPIC: Final = "trade:kr:"


class TossPrices:
    """Looks at the last prices of tickers, and listens to the trades of those that are streamed.

    A last price is told as a trade without a volume, once.

    Args:
        client: Which asks the vendor.
        rows: The row of each ticker, by its symbol.
        sockets: Connections of the websocket, not open yet.
        sweep_s: From one look at all prices to the next, s.
        until_open: Waits while the market is closed; whether it is open.
    """

    def __init__(
        self,
        client: TossClient,
        rows: Mapping[str, int],
        sockets: Sequence[TossSocket],
        sweep_s: float,
        until_open: Callable[[], Coroutine[None, None, bool]],
    ) -> None:
        self._client, self._rows, self._sockets = client, dict(rows), sockets
        self._sweep_s, self._until_open = sweep_s, until_open
        self._streamed = {s for socket in sockets for s in socket.symbols}
        self._newest_ms: dict[str, int] = {}
        self._ticks: list[tuple[int, int, float, float]] = []  # row, ms, price, volume
        self._ticked = asyncio.Event()
        self._strangers: dict[str, str] = {}

    async def events(self) -> AsyncGenerator[LiveEvent, None]:
        """Yield what happens.

        Raises:
            SourceError: Whatever went wrong.
        """
        try:
            for socket in self._sockets:
                await socket.open(await self._client.token())
            jobs = [self._listen(socket) for socket in self._sockets]
            async for event in events_of(self._sweep, self._flush, *jobs):
                yield event
        finally:
            for socket in self._sockets:
                await socket.close()

    def _listen(self, socket: TossSocket) -> Callable[[Tell], Coroutine[None, None, None]]:
        async def listen(tell: Tell) -> None:
            async for frame in socket.frames():
                match frame:
                    case TossTick():
                        self._take(frame)
                    case TossSubscribed() if frame.rejected:
                        reasons = {r.target.removeprefix(_TOPIC): r.code for r in frame.rejected}
                        # Declared again, they would be refused again.
                        self._forget(reasons)
                        await tell(LiveRefused(reasons=reasons))

        return listen

    def _take(self, tick: TossTick) -> None:
        row = self._rows.get(tick.topic.removeprefix(_TOPIC))
        if row is not None:
            data = tick.data
            at = to_ms(data.timestamp)
            self._ticks.append((row, at, float(data.price), float(data.volume)))
            self._ticked.set()

    def _forget(self, symbols: Mapping[str, str]) -> None:
        for symbol in symbols:
            self._rows.pop(symbol, None)
            self._streamed.discard(symbol)

    async def _flush(self, tell: Tell) -> None:
        while True:
            await self._ticked.wait()
            await asyncio.sleep(_FLUSH_S)
            self._ticked.clear()
            columns = np.array(self._ticks, np.float64)
            self._ticks.clear()
            await tell(_trades(columns))

    async def _sweep(self, tell: Tell) -> None:
        loop = asyncio.get_running_loop()
        await self._look()  # what traded before is no news
        await tell(Alive())
        await self._tell_strangers(tell)
        while True:
            if await self._until_open():
                began_s = loop.time()
                fresh = await self._look()
                await self._tell_strangers(tell)
                if len(fresh.rows):
                    await tell(fresh)
                await asyncio.sleep(max(self._sweep_s - (loop.time() - began_s), 0.0))
            await tell(Alive())

    async def _look(self) -> TradeBatch:
        symbols = list(self._rows)
        parts = [symbols[n : n + MOST_SYMBOLS] for n in range(0, len(symbols), MOST_SYMBOLS)]
        answers = await asyncio.gather(*(self._known_prices(part) for part in parts))
        fresh = [(p, ms) for told in answers for p in told if (ms := self._moved(p))]
        return TradeBatch(
            rows=np.array([self._rows[p.symbol] for p, _ in fresh], np.int64),
            ms=np.array([ms for _, ms in fresh], np.int64),
            price=np.array([float(p.last_price) for p, _ in fresh], np.float64),
            volume=np.zeros(len(fresh)),
        )

    async def _known_prices(self, symbols: Sequence[str]) -> tuple[TossPrice, ...]:
        # One ticker that is not known may have all of its question refused: it is found by halves.
        try:
            return await self._client.prices(symbols)
        except SourceError as e:
            if e.kind != "unknown_ticker":
                raise
            if len(symbols) == 1:
                self._strangers |= {symbols[0]: e.detail}
                return ()
        half = len(symbols) // 2
        first = await self._known_prices(symbols[:half])
        return first + await self._known_prices(symbols[half:])

    async def _tell_strangers(self, tell: Tell) -> None:
        if self._strangers:
            reasons, self._strangers = self._strangers, {}
            self._forget(reasons)
            await tell(LiveRefused(reasons=reasons))

    def _moved(self, price: TossPrice) -> int:
        # When it traded, if that was not told yet and the websocket does not tell more of it; or 0.
        if price.timestamp is None or price.symbol not in self._rows:
            return 0
        ms = to_ms(price.timestamp)
        if ms <= self._newest_ms.get(price.symbol, 0):
            return 0
        self._newest_ms[price.symbol] = ms
        return 0 if price.symbol in self._streamed else ms


def _trades(columns: Float64) -> TradeBatch:
    # (n, 4) row, ms, price and volume. A frame that comes twice is counted once; so are two
    # trades that nothing tells apart, until the candle says how much it was.
    ids: Int64 = columns[:, 1:].astype(np.int64) @ np.array([1, 1_000_003, 998_244_353])
    return TradeBatch(
        rows=columns[:, 0].astype(np.int64),
        ms=columns[:, 1].astype(np.int64),
        price=columns[:, 2],
        volume=columns[:, 3],
        ids=ids,
    )


def sockets_for(address: str, rows: Mapping[str, int], connections: int) -> list[TossSocket]:
    """Return connections that have the first tickers, 100 each."""
    symbols = sorted(rows, key=rows.__getitem__)
    parts = [symbols[n * MOST_TOPICS : (n + 1) * MOST_TOPICS] for n in range(connections)]
    return [TossSocket(address, part) for part in parts if part]
