"""What each station between the feed and the eye has of the column `spread`."""

import io
import re
from typing import Any

import msgspec
from PySide6.QtCore import Qt
from rich.console import Console

from client.state.health import Health
from client.state.list_cells import section
from client.terminal.screen import Screen
from client.ui.watchlist.watchlist_model import WatchlistModel
from models.bundles.bundle import Bundle
from models.data.accepted import Accepted
from models.data.features.price_volume import PRICE_VOLUME
from server.explain.jobs import Job
from server.market.state import MarketState
from shared.protocol import wire
from shared.protocol.messages import Confidence
from shared.protocol.requests import AboutPast, Cancel
from shared.settings import DeskSettings
from tests.kit.cards import a_card
from tests.kit.house import FULL, SYMBOLS, Follower, House, bars
from tests.kit.scripted_desk import Desk
from tools.tables import row_columns

LIVE = Health(state="live", age_ms=1, sentence="live", endpoint="", local=False)


class Filling(MarketState):
    """Fills the column where prices are taken, as a developer would in the state itself."""

    def _price(self, bars: Accepted, *, closed: bool = True) -> None:
        super()._price(bars, closed=closed)
        high, low, close = bars.ohlcv[:, 1:4].T
        self.column("spread")[bars.rows] = (high - low) / close


def travel() -> dict[str, Any]:
    """Send bars that are 0%, 8% and 4% wide, and return what arrives where."""
    bundle = Bundle(
        card=a_card("ab" * 32), card_json="{}", network=Follower(), feature_set=PRICE_VOLUME
    )
    house = House(bundle, state=Filling)
    house.fill()
    desk = joined(house)
    batch = bars(FULL + 1, (100.0, 100.0, 100.0))
    batch.ohlcv[1:, 1] += (4.0, 2.0)
    batch.ohlcv[1:, 2] -= (4.0, 2.0)
    (said,) = (m for m in house.run(batch) if isinstance(m, Confidence))
    frames = wire.encode_published(said)
    desk.publish(wire.decode_published(frames))
    update = desk.drain()
    header = msgspec.msgpack.decode(frames[1])
    return {
        "minor": header["stamp"]["minor"],
        "arrays": header["arrays"],
        "of an older server": of_an_older_server(frames).column("spread").tolist(),
        "changes": update.rows.column("spread").tolist(),
        "table": desk.table.column("spread").tolist(),
        "list": in_the_list(desk),
        "terminal": in_the_terminal(joined(house)),
        "docs": list(row_columns())[-1],
    }


def joined(house: House) -> Desk:
    """Return a desk that has asked for everything, over the wire."""
    desk = Desk()
    for _ in range(2):  # the universe, and then what is in it
        for request in desk.send():
            assert not isinstance(request, Cancel | AboutPast)
            answer = house.answers.answer(request, 1_000)
            assert not isinstance(answer, Job)
            _, received = wire.decode_answer(wire.encode_answer(request.request_id, answer))
            desk.sync.answered(request.request_id, received)
    return desk


def of_an_older_server(frames: list[bytes | memoryview]) -> Confidence:
    """Return the message as a server would have sent it before the column was there."""
    header = msgspec.msgpack.decode(frames[1])
    header["stamp"]["minor"] = 0
    header["arrays"].remove("spread")
    message = wire.decode_published([frames[0], msgspec.msgpack.encode(header), *frames[2:-1]])
    assert isinstance(message, Confidence)
    return message


def in_the_list(desk: Desk) -> dict[str, Any]:
    """Return heading, tickers and cells of the watch-list, sorted as by a first click."""
    model, column, across = WatchlistModel(desk.table), section("spread"), Qt.Orientation.Horizontal
    model.refresh(restarted=True)
    model.sort(column, model.headerData(column, across, Qt.ItemDataRole.InitialSortOrderRole))
    rows = range(model.rowCount())
    return {
        "heading": model.headerData(column, across),
        "symbols": [model.symbol(row) for row in rows],
        "cells": [model.index(row, column).data() for row in rows],
    }


def in_the_terminal(desk: Desk) -> dict[str, str]:
    """Return the words of the column in each line that has a ticker."""
    screen = Screen(DeskSettings(), desk.inbox)
    screen.refresh(0)
    file = io.StringIO()
    Console(file=file, width=140).print(screen.render(LIVE, 2_000, None))
    # From the right, as the heading of the winner is empty.
    lines = [re.split(r"\s{2,}", line.strip())[::-1] for line in file.getvalue().splitlines()]
    place = next(line for line in lines if line[-1] == "Ticker").index("Spread")
    return {line[-1]: line[place] for line in lines if line[-1] in SYMBOLS}
