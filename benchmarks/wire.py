"""One cycle of 3,000 tickers, from their new bars to the rows of a desk, over TCP on loopback."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator

import numpy as np
import zmq

from benchmarks.timing import Measurement, in_turns
from client.state.inbox import Inbox
from client.state.table import Table
from client.state.update import RowChanges
from models.bundles.files import find_bundle, read_files
from models.data.bars import Rules
from models.inference.served import read_served
from server.feeds.base import BarBatch
from server.feeds.roster import Roster
from server.feeds.simulated import SimulatedFeed
from server.market.buy_log import BuyMemory
from server.market.cycle import Cycle
from server.market.state import MarketState
from server.market.subscribed import Subscribed
from server.protocol.sequencer import Sequencer
from shared.contract import Float32
from shared.protocol.answers import Universe
from shared.protocol.envelope import Stamp
from shared.protocol.heatmaps import Heatmaps
from shared.protocol.messages import Confidence, Published
from shared.protocol.wire import decode_published, encode_published

TICKERS = 3_000
Socket = zmq.Socket[bytes]


def run(rounds: int) -> list[Measurement]:
    """Time the cycle alone, the wire alone against one pickled object a ticker, and all of it."""
    said, days = cycle_of(2 * (rounds + 1) + 1)
    with zmq.Context() as context:
        publish, listen = _pair(context)
        with publish, listen:
            desk = _Desk(tuple(SimulatedFeed(TICKERS, seed=1).listing.symbols))
            confidence = next(m for m in said(next(days)) if isinstance(m, Confidence))

            def whole() -> None:
                for message in said(next(days)):
                    publish.send_multipart(encode_published(message))
                    desk.take(decode_published(listen.recv_multipart()))

            def columnar() -> None:
                publish.send_multipart(encode_published(confidence))
                desk.take(decode_published(listen.recv_multipart()))

            wire = in_turns(
                {
                    "tickerlens: one columnar message, checked, to rows": columnar,
                    "one pickled object a ticker": lambda: _pickled(publish, listen, confidence),
                },
                rounds,
            )
            cycle = in_turns(
                {
                    "bars to rows on the desk": whole,
                    "of it, bars to messages": lambda: said(next(days)),
                },
                rounds,
            )
    return [
        Measurement(title="Confidences of 3,000 tickers over TCP", timings=wire),
        Measurement(title="One cycle of 3,000 tickers", timings=cycle),
    ]


def cycle_of(days: int) -> tuple[Callable[[BarBatch], list[Published]], Iterator[BarBatch]]:
    """Return a server's cycle with its history taken, and the closed days that follow, made."""
    feed = SimulatedFeed(TICKERS, seed=1)
    model = read_served(read_files(find_bundle("krx-daily")), "krx-daily")
    rules = Rules(interval_s=86_400, jump_limit=0.31)
    state = MarketState(TICKERS, model, rules)
    stamps = Sequencer("benchmark", model.model_id)
    cycle = Cycle(Roster(feed.listing), state, stamps, BuyMemory())
    nobody = Subscribed(heatmap=np.zeros(TICKERS, np.bool_), bar=np.zeros(TICKERS, np.bool_))
    closed = (e for e in feed.events() if isinstance(e, BarBatch) and e.closed)
    for batch in itertools.islice(closed, 40):
        list(cycle.run(batch, 0, nobody))
    live = [dataclasses.replace(batch, history=False) for batch in itertools.islice(closed, days)]

    def said(batch: BarBatch) -> list[Published]:
        parts = itertools.chain.from_iterable(cycle.run(batch, 1, nobody))
        return [message for message in parts if not isinstance(message, Heatmaps)]

    return said, iter(live)


def _pair(context: zmq.Context[Socket]) -> tuple[Socket, Socket]:
    publish, listen = context.socket(zmq.XPUB), context.socket(zmq.SUB)
    publish.sndhwm = listen.rcvhwm = 0
    publish.linger = listen.linger = 0
    listen.connect(f"tcp://127.0.0.1:{publish.bind_to_random_port('tcp://127.0.0.1')}")
    listen.subscribe(b"")
    publish.recv()  # the subscription has arrived
    return publish, listen


class _Desk:
    # What the desk does with a confidence, without its threads and its window.

    def __init__(self, symbols: tuple[str, ...]) -> None:
        self._inbox = Inbox()
        self._table = Table()
        n = len(symbols)
        universe = Universe(
            stamp=Stamp(run_id="benchmark", model_id="", made_ms=0),
            symbols=symbols,
            names=symbols,
            markets=("",) * n,
            timezone="Asia/Seoul",
            decimals=0,
            interval="1d",
            feed="simulated",
            simulated=True,
        )
        self._row_of = {symbol: row for row, symbol in enumerate(symbols)}
        self._inbox.put_universe(universe)
        self._table.apply(self._inbox.drain())

    def take(self, message: Published) -> None:
        if isinstance(message, Confidence):
            self._inbox.put_rows(
                RowChanges(
                    index=np.array([self._row_of[s] for s in message.symbols]),
                    columns=message.columns,
                    coverage=message.coverage,
                )
            )
            self._table.apply(self._inbox.drain())


def _pickled(publish: Socket, listen: Socket, confidence: Confidence) -> list[object]:
    # The way of the RPC layers that trading desktops use: an object of one ticker a message.
    rows: Float32 = confidence.probabilities
    for symbol, row, last in zip(confidence.symbols, rows, confidence.last, strict=True):
        publish.send_pyobj({"symbol": symbol, "probabilities": row, "last": float(last)})
    return [listen.recv_pyobj() for _ in confidence.symbols]
