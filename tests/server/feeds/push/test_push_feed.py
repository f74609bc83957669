"""Programs that push, through a real socket; the clock is the test's."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import zmq

from server.feeds.base import BarBatch, FeedEvent, FeedReport, HistoryEnd, ListingChange
from server.feeds.live.clock import WALL
from server.feeds.push.feed import PushFeed
from server.feeds.push.settings import PushSettings
from server.locks.allow_list import allow, revoke
from server.locks.key_folder import KeyFolder, new_pair
from shared.errors import SettingsError, UnavailableError
from shared.keys import DeskKeys
from shared.settings import ServerSettings
from tests.kit.places import ROOT
from tests.kit.waiting import LIMIT_S

ANY = "tcp://127.0.0.1:*"
MINUTE = 60_000
START = 1_700_000_040_000  # a whole minute
SETTINGS = PushSettings(market="crypto", grace=0.0)
Send = Callable[..., None]


class Clock:
    """What time it is; a test moves it."""

    def __init__(self) -> None:
        self.ms = START

    def __call__(self) -> int:
        return self.ms


class Sender:
    """One program that sends, and what the feed makes of it."""

    def __init__(self, feed: PushFeed, clock: Clock) -> None:
        self.feed, self.clock = feed, clock
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.PUSH)
        self._socket.connect(feed.listing.facts["listens"][0])
        self._events = feed.events()
        self.reports: list[FeedReport] = []
        self._left: list[zmq.Socket[bytes]] = []

    def reconnect(self, keys: DeskKeys) -> None:
        self._left.append(self._socket)  # it goes on trying
        self._socket = self._context.socket(zmq.PUSH)
        self._socket.curve_serverkey = keys.server.encode()
        self._socket.curve_publickey = keys.pair.public.encode()
        self._socket.curve_secretkey = keys.pair.secret.encode()
        self._socket.connect(self.feed.listing.facts["listens"][0])

    def say(self, kind: str, **fields: object) -> None:
        self.raw(msgspec.msgpack.encode({"type": kind, "version": 1, **fields}))

    def raw(self, frame: bytes) -> None:
        self._socket.send(frame)

    def next(self, kind: type[FeedEvent] = BarBatch) -> FeedEvent:
        for event in self._events:
            if isinstance(event, FeedReport):
                self.reports.append(event)
            if isinstance(event, kind):
                return event
        raise AssertionError("it ended")

    def bars(self) -> list[tuple[int, int, list[float], bool]]:
        """What the next batch holds: row, minutes from START to the close, bar, closed."""
        batch = self.next()
        assert isinstance(batch, BarBatch)
        minutes = ((batch.bar_ms - START) // MINUTE).tolist()
        closed = [batch.closed] * len(minutes)
        return list(zip(batch.rows.tolist(), minutes, batch.ohlcv.tolist(), closed, strict=True))

    def close(self) -> None:
        self.feed.stop()
        self.feed.close()
        self._context.destroy(linger=0)


@pytest.fixture
def pushing() -> Iterator[Callable[[PushSettings], Sender]]:
    with contextlib.ExitStack() as stack:

        def start(settings: PushSettings = SETTINGS) -> Sender:
            clock = Clock()
            sender = Sender(PushFeed(ANY, settings, clock), clock)
            stack.callback(sender.close)
            return sender

        yield start


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.feeds.push.feed._POLL_MS", 5)


@pytest.fixture
def sender(pushing: Callable[..., Sender]) -> Sender:
    """One that has announced two tickers, and begins with whole minutes."""
    sender = pushing()
    sender.say("listing", symbols=["BTC", "ETH"], names=["Bitcoin", "Ether"])
    change = sender.next(ListingChange)
    assert isinstance(change, ListingChange)
    assert [(t.symbol, t.name) for t in change.added] == [("BTC", "Bitcoin"), ("ETH", "Ether")]
    return sender


def trades(*made: tuple[int, float], begins: bool = False, until: int = 0) -> dict[str, object]:
    """Trades of BTC: seconds from START and price; who begins has all since START."""
    return {
        "symbols": ["BTC"],
        "of": [0] * len(made),
        "ms": [START + 1_000 * at for at, _ in made],
        "price": [price for _, price in made],
        "volume": [1.0] * len(made),
        "since_ms": START if begins else 0,
        "until_ms": START + 1_000 * until if until else 0,
    }


def test_trades_make_bars_that_close_by_the_clock_and_are_corrected(sender: Sender) -> None:
    sender.clock.ms += 59_000
    sender.say("trades", **trades((1, 10.0), (59, 12.0), begins=True))
    assert sender.next(HistoryEnd) == HistoryEnd()
    assert sender.bars() == [(0, 1, [10.0, 12.0, 10.0, 12.0, 2.0], False)]
    sender.clock.ms += 2_000
    assert sender.bars() == [(0, 1, [10.0, 12.0, 10.0, 12.0, 2.0], True)]
    # One at exactly :00 belongs to the minute that begins; a late one corrects what was closed.
    sender.say("trades", **trades((60, 20.0), (30, 5.0)))
    assert sender.bars() == [(0, 1, [10.0, 12.0, 5.0, 12.0, 3.0], True)]


def test_the_sender_s_word_closes_bars_before_the_clock_would_and_not_earlier(
    sender: Sender,
) -> None:
    sender.clock.ms += 300_000  # it tells late: no bar is closed before its trades are there
    sender.say("trades", **trades((1, 10.0), begins=True, until=60))
    sender.say("trades", **trades((61, 11.0), until=100))
    sender.say("trades", **trades((101, 12.0), until=120))
    told = [*sender.bars(), *sender.bars(), *sender.bars()]
    assert [(minute, bar[:4], closed) for _, minute, bar, closed in told] == [
        (1, [10.0, 10.0, 10.0, 10.0], True),
        (2, [11.0, 11.0, 11.0, 11.0], False),
        (2, [11.0, 12.0, 11.0, 12.0], True),
    ]


def test_the_minute_in_which_a_sender_begins_makes_no_bar(sender: Sender) -> None:
    sender.clock.ms += 30_000
    sender.say("trades", **trades((29, 10.0)))
    assert sender.next(HistoryEnd) == HistoryEnd()
    sender.clock.ms += 40_000
    sender.say("trades", **trades((61, 11.0)))
    assert sender.bars() == [(0, 2, [11.0, 11.0, 11.0, 11.0, 1.0], False)]
    sender.clock.ms += 55_000
    assert sender.bars() == [(0, 2, [11.0, 11.0, 11.0, 11.0, 1.0], True)]


def test_history_fills_windows_and_bars_go_on_from_there(sender: Sender) -> None:
    bar = {"open": [1.0], "high": [3.0], "low": [1.0], "close": [2.0], "volume": [9.0]}
    sender.say("bars", symbols=["ETH"], close_ms=[START - MINUTE], history=True, loaded=1.0, **bar)
    batch = sender.next()
    assert isinstance(batch, BarBatch)
    assert (batch.history, batch.loaded, batch.rows.tolist()) == (True, 1.0, [1])
    sender.say("live")
    assert sender.next(HistoryEnd) == HistoryEnd()
    sender.say("bars", symbols=["ETH"], close_ms=[START], **bar)
    assert sender.bars() == [(1, 0, [1.0, 3.0, 1.0, 2.0, 9.0], True)]
    forming = {"symbols": ["ETH"], "close_ms": [START + MINUTE], "closed": False}
    sender.say("bars", **forming, **bar)
    assert sender.bars() == [(1, 1, [1.0, 3.0, 1.0, 2.0, 9.0], False)]


def test_what_is_nonsense_is_counted_told_and_costs_nothing_else(sender: Sender) -> None:
    bar = {"open": [1.0], "high": [1.0], "low": [1.0], "close": [1.0], "volume": [1.0]}
    sender.raw(b"\xc1")
    sender.say("trades", symbols=["BTC"], ms=[1.0, 2.0])
    sender.say("orders")
    sender.say("bars", symbols=["DOGE"], close_ms=[START], **bar)
    sender.say("bars", symbols=["BTC"], close_ms=[START + MINUTE], **bar)  # it is not over
    sender.say("bars", symbols=["BTC"], close_ms=[START - 1_000], **bar)  # no minute ends there
    sender.say("bars", symbols=["BTC"], close_ms=[START], **bar)
    assert sender.bars() == [(0, 0, [1.0] * 4 + [1.0], True)]
    sender.clock.ms += 2_000
    told = sender.next(FeedReport)
    assert isinstance(told, FeedReport)
    assert told.reasons == {
        "bad_message": 3,
        "unknown_ticker": 1,
        "ahead_of_clock": 1,
        "off_grid": 1,
    }
    assert told.sentence == "the newest that was refused: bars: off grid"


def test_tickers_come_go_and_are_renamed(sender: Sender) -> None:
    sender.say("listing", symbols=["BTC", "XRP"], names=["Bit", ""], removed=["ETH", "none"])
    change = sender.next(ListingChange)
    assert isinstance(change, ListingChange)
    assert ([t.symbol for t in change.added], change.removed) == (["XRP"], ("ETH",))
    assert change.renamed["BTC"].name == "Bit"
    bar = {name: [1.0] for name in ("open", "high", "low", "close", "volume")}
    sender.say("bars", symbols=["XRP"], close_ms=[START], **bar)
    assert sender.bars()[0][0] == 2  # no row is given twice


def test_a_stop_ends_the_waiting(pushing: Callable[..., Sender]) -> None:
    feed = pushing().feed
    events: list[FeedEvent] = []
    thread = threading.Thread(target=lambda: events.extend(feed.events()))
    thread.start()
    feed.stop()
    thread.join(5)
    assert not thread.is_alive()


def test_who_is_watched_may_stand_in_a_file(tmp_path: Path, pushing: Callable[..., Sender]) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("symbol,name\n005930,삼성전자\n", encoding="utf-8")
    settings = PushSettings(market="krx", universe=str(path))
    listing = pushing(settings).feed.listing
    assert (listing.symbols, listing.names) == (("005930",), ("삼성전자",))
    assert not listing.played


def test_a_place_that_others_reach_or_have_is_refused() -> None:
    with pytest.raises(SettingsError, match="loopback addresses"):
        PushFeed("tcp://0.0.0.0:5560", SETTINGS)
    with pytest.raises(SettingsError, match="say --market"):
        PushFeed(ANY, PushSettings())
    first = PushFeed(ANY, SETTINGS)
    try:
        with pytest.raises(UnavailableError, match="cannot be listened on"):
            PushFeed(first.listing.facts["listens"][0], SETTINGS)
    finally:
        first.close()


def test_columns_of_a_message_fit_each_other(sender: Sender) -> None:
    sender.say("trades", symbols=["BTC"], of=[1], ms=[1.0], price=[1.0], volume=[1.0])
    sender.say("listing", symbols=["A B"])
    sender.say("listing", symbols=["AB"], names=["one", "two"])
    sender.say("trades", version=2)
    bar = {name: [1.0] for name in ("open", "high", "low", "close", "volume")}
    sender.say("bars", symbols=["BTC"], close_ms=[START], **bar)
    assert len(sender.bars()) == 1
    sender.clock.ms += 2_000
    told = sender.next(FeedReport)
    assert isinstance(told, FeedReport)
    assert told.reasons == {"bad_message": 4}
    assert "version 2 is not known" in told.sentence


@pytest.mark.slow
def test_the_example_is_heard(pushing: Callable[..., Sender]) -> None:
    listening = pushing()
    example = ROOT / "docs" / "examples" / "push" / "send_trades.py"
    endpoint = listening.feed.listing.facts["listens"][0]
    subprocess.run([sys.executable, str(example), endpoint, "1"], check=True, timeout=LIMIT_S)
    listening.clock.ms = WALL.now_ms()  # after a minute that may have ended in between
    change = listening.next(ListingChange)
    assert isinstance(change, ListingChange)
    assert [t.symbol for t in change.added] == ["BTCUSDT", "ETHUSDT"]
    assert listening.next(HistoryEnd) == HistoryEnd()
    listening.clock.ms += 2_000
    told = listening.next(FeedReport)
    assert isinstance(told, FeedReport)
    assert told.reasons == {"partial_bar": 2}  # of the minute in which it began


def test_what_waited_while_the_server_was_held_up_is_not_late(sender: Sender) -> None:
    sender.say("trades", **trades((5, 10.0), begins=True))
    assert sender.bars() == [(0, 1, [10.0, 10.0, 10.0, 10.0, 1.0], False)]
    sender.clock.ms = START + 5 * MINUTE
    for at in (50, 70, 130, 200, 290):
        sender.say("trades", **trades((at, float(at))))
    closed = list[tuple[int, int, list[float], bool]]()
    while len(closed) < 4:
        closed += [bar for bar in sender.bars() if bar[3]]
    assert [(minute, ohlcv[3]) for _, minute, ohlcv, _ in closed] == [
        (1, 50.0),
        (2, 70.0),
        (3, 130.0),
        (4, 200.0),
    ]
    # From then on the clock closes bars again.
    for at_s, number in ((320, 5), (360, 6)):
        sender.clock.ms = START + 1_000 * at_s
        while len(closed) < number:
            closed += [bar for bar in sender.bars() if bar[3]]
        sender.say("trades", **trades((310, 7.0)))
    assert [(minute, ohlcv[3]) for _, minute, ohlcv, _ in closed[4:]] == [(5, 290.0), (6, 7.0)]


def test_a_second_start_begins_with_what_the_first_was_sent(
    tmp_path: Path, pushing: Callable[..., Sender]
) -> None:
    settings = msgspec.structs.replace(SETTINGS, cache=str(tmp_path))
    first = pushing(settings)
    first.clock.ms -= 3_000
    first.say("listing", symbols=["BTC", "ETH", "XRP"], names=["Bitcoin", "", ""])
    ended = [START - 2 * MINUTE, START - MINUTE]
    both = {"symbols": ["BTC"], "of": [0, 0], "volume": [1.0, 2.0]}
    prices = {name: [3.0, 4.0] for name in ("open", "high", "low", "close")}
    first.say("bars", close_ms=ended, history=True, **both, **prices)
    first.next(ListingChange)
    assert len(first.bars()) == 2
    # It waits for its end, by the clock of this machine.
    first.say("bars", symbols=["ETH"], close_ms=[START], volume=[1.0], **one(5.0))
    first.say("listing", removed=["XRP"])
    first.next(ListingChange)
    first.clock.ms += 5_000
    assert first.bars() == [(1, 0, [5.0, 5.0, 5.0, 5.0, 1.0], True)]
    first.clock.ms += 5_000
    first.say("listing", removed=["ETH"])
    first.next(ListingChange)  # what waited before was written; nothing is closed, as by kill -9

    again = pushing(settings)
    names = again.feed.listing.symbols, again.feed.listing.names
    assert names == (("BTC", "ETH"), ("Bitcoin", "ETH"))
    batch = again.next()
    assert isinstance(batch, BarBatch)
    assert (batch.history, batch.rows.tolist()) == (True, [0, 0, 1])
    assert (batch.bar_ms.tolist(), batch.ohlcv[:, 3].tolist()) == ([*ended, START], [3.0, 4.0, 5.0])
    # Of a history that is sent again only what is new or other is told, the older bar as well.
    prices = {name: [2.5, 4.0] for name in ("open", "high", "low", "close")}
    again.say("bars", close_ms=ended, history=True, **both, **prices)
    assert again.bars() == [(0, -2, [2.5, 2.5, 2.5, 2.5, 1.0], True)]
    # So is it with a ticker that comes back.
    again.say("listing", removed=["BTC"])
    again.say("listing", symbols=["BTC"])
    assert [(row, minute) for row, minute, _, _ in again.bars()] == [(2, -2), (2, -1)]


def test_bars_are_judged_as_those_of_files_are(sender: Sender) -> None:
    def say(minute: int, price: float, **more: object) -> None:
        close = [START + minute * MINUTE]
        sender.say("bars", symbols=["BTC"], close_ms=close, volume=[1.0], **one(price), **more)

    sender.clock.ms += 2 * MINUTE
    say(2, 7.0)
    assert sender.bars() == [(0, 2, [7.0, 7.0, 7.0, 7.0, 1.0], True)]
    say(2, 7.0)  # it says nothing new
    say(1, 6.0)  # a later one was told
    say(3, -1.0, closed=False)
    say(2, 8.0)
    assert sender.bars() == [(0, 2, [8.0, 8.0, 8.0, 8.0, 1.0], True)]
    sender.clock.ms += 10 * MINUTE
    say(8, 9.0)
    late = sender.next()
    assert isinstance(late, BarBatch)
    assert (late.history, late.closed) == (True, True)  # nobody acts on it any more
    # One that is said to be closed a little early, by another clock, waits for its end.
    sender.clock.ms += MINUTE - 3_000
    say(13, 9.5)
    say(13, 9.6)
    sender.say("listing", symbols=["XRP"])
    sender.next(ListingChange)
    sender.clock.ms += 3_000
    assert sender.bars() == [(0, 13, [9.6, 9.6, 9.6, 9.6, 1.0], True)]
    sender.say("listing", symbols=["ADA"])
    sender.next(ListingChange)  # after the turn in which the bar was told
    assert sender.reports[-1].reasons == {"missed_bar": 1, "bad_bar": 1}


def test_who_may_send_is_told_by_keys_and_may_be_revoked(
    tmp_path: Path, pushing: Callable[..., Sender]
) -> None:
    settings = msgspec.structs.replace(SETTINGS, sender_keys=str(tmp_path / "senders"))
    with pytest.raises(SettingsError, match=r"server\.key is not there: make keys"):
        PushFeed("tcp://0.0.0.0:5560", settings)
    folder = KeyFolder(ServerSettings(keys=settings.sender_keys))
    mine, other = new_pair(), new_pair()
    server = folder.make_pair().public
    allow(folder.allowed, "desk-of-others", other.public)
    allow(folder.allowed, "mine", mine.public)
    sender = pushing(settings)
    sender.say("listing", symbols=["OPEN"])  # without keys it is not let in
    sender.reconnect(DeskKeys(server=server, pair=new_pair()))
    sender.say("listing", symbols=["STRANGE"])
    sender.reconnect(DeskKeys(server=server, pair=mine))
    sender.say("listing", symbols=["BTC"])
    change = sender.next(ListingChange)
    assert isinstance(change, ListingChange)
    assert [t.symbol for t in change.added] == ["BTC"]
    revoke(folder.allowed, "mine")
    sender.say("listing", symbols=["REVOKED"])
    sender.reconnect(DeskKeys(server=server, pair=other))
    sender.say("listing", symbols=["ETH"])
    change = sender.next(ListingChange)
    assert isinstance(change, ListingChange)
    assert [t.symbol for t in change.added] == ["ETH"]


def one(price: float) -> dict[str, object]:
    return {name: [price] for name in ("open", "high", "low", "close")}
