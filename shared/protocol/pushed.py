"""What programs of others send to the feed `push`: tickers, trades and bars, in columns.

A message is one MessagePack map in one frame, without any of the arrays that our own messages
bring: that is what every language can write in a line. docs/feeds.md is the same list for people.
"""

from typing import Annotated, Final

import msgspec

from shared.contract import check_symbol
from shared.errors import DataError, WireError
from shared.limits import LAST_MS, Names, Share, Symbols

PUSH_VERSION: Final = 1
MAX_PUSHED_ROWS: Final = 100_000
MAX_PUSHED_BYTES: Final = 8 * 2**20
_FAR: Final = 2**63 - 1

PushVersion = Annotated[int, msgspec.Meta(ge=PUSH_VERSION, le=PUSH_VERSION)]
_Places = Annotated[list[int], msgspec.Meta(max_length=MAX_PUSHED_ROWS)]
# Floating, because some languages have no other numbers that are as large.
_PushedTime = Annotated[float, msgspec.Meta(ge=0, le=LAST_MS)]
_PushedTimes = Annotated[list[_PushedTime], msgspec.Meta(max_length=MAX_PUSHED_ROWS)]
_Numbers = Annotated[list[float], msgspec.Meta(max_length=MAX_PUSHED_ROWS)]
_Ids = Annotated[
    list[Annotated[int, msgspec.Meta(ge=-_FAR, le=_FAR)]], msgspec.Meta(max_length=MAX_PUSHED_ROWS)
]


class PushedListing(msgspec.Struct, frozen=True, kw_only=True, tag="listing"):
    """Tickers that come, and those that go; one that is listed already may get another name.

    Attributes:
        version: Of these messages.
        symbols: Those that come.
        names: What people call each; left out, the symbol itself.
        segments: Market segment of each, such as KOSPI; left out, none.
        removed: Those that go.
        market: Where they trade, as the feed's setting `market` says it; left out, just there.
    """

    version: PushVersion
    symbols: Symbols = ()
    names: Names = ()
    segments: Names = ()
    removed: Symbols = ()
    market: str = ""

    def __post_init__(self) -> None:
        for symbol in (*self.symbols, *self.removed):
            check_symbol(symbol)
        for column in ("names", "segments"):
            given = len(getattr(self, column))
            _refuse(given not in (0, len(self.symbols)), f"{column} must have one for each symbol")


class PushedTrades(msgspec.Struct, frozen=True, kw_only=True, tag="trades"):
    """Trades in the order in which they were made or became known, n in all.

    Attributes:
        version: Of these messages.
        symbols: The tickers that are spoken of, each once.
        of: n places in `symbols`, from 0, the ticker of each trade; left out where there is one
            trade of each.
        ms: n times by the exchange's clock, ms since 1970 UTC.
        price: n prices in currency.
        volume: n volumes in units.
        id: n whole numbers by which the trades of a ticker are told apart; with them one that comes
            twice counts once.
        until_ms: All trades before this moment have been sent. Who says this once says it always:
            bars are then closed by it, and not by the server's clock. 0 where nothing is said.
        since_ms: Trades are missing between what was said before and this moment, and from then on
            none: said by a program that begins. 0 where none is missing.
    """

    version: PushVersion
    symbols: Symbols = ()
    of: _Places | None = None
    ms: _PushedTimes = []
    price: _Numbers = []
    volume: _Numbers = []
    id: _Ids | None = None
    until_ms: _PushedTime = 0.0
    since_ms: _PushedTime = 0.0

    def __post_init__(self) -> None:
        _check_rows(self, ("ms", "price", "volume", *(() if self.id is None else ("id",))))


class PushedBars(msgspec.Struct, frozen=True, kw_only=True, tag="bars"):
    """Bars that the sender made, n in all.

    Attributes:
        version: Of these messages.
        symbols: The tickers that are spoken of, each once.
        of: n places in `symbols`, from 0, the ticker of each bar; left out where there is one bar
            of each.
        close_ms: n times, when each bar closes, ms since 1970 UTC.
        open: n prices in currency; `high`, `low` and `close` likewise.
        high: The highest.
        low: The lowest.
        close: The last.
        volume: n volumes in units.
        closed: False while the bars form; they come again then.
        history: Bars that only fill windows: nothing is published about them.
        loaded: Share of all history that is sent with these; 0 where that is not known.
    """

    version: PushVersion
    symbols: Symbols = ()
    of: _Places | None = None
    close_ms: _PushedTimes = []
    open: _Numbers = []
    high: _Numbers = []
    low: _Numbers = []
    close: _Numbers = []
    volume: _Numbers = []
    closed: bool = True
    history: bool = False
    loaded: Share = 0.0

    def __post_init__(self) -> None:
        _check_rows(self, ("close_ms", "open", "high", "low", "close", "volume"))


class PushedLive(msgspec.Struct, frozen=True, kw_only=True, tag="live"):
    """All history was sent: the market is live, even if its next bar is a night away.

    Attributes:
        version: Of these messages.
    """

    version: PushVersion


Pushed = PushedListing | PushedTrades | PushedBars | PushedLive


def decode_pushed(frame: bytes) -> Pushed:
    """Return the message in a frame; fields that are not known are left alone.

    Raises:
        WireError: It is none, or of another version.
    """
    try:
        said = _VERSION.decode(frame).version
        _refuse(said != PUSH_VERSION, f"version {said} is not known, only {PUSH_VERSION} is")
        return _PUSHED.decode(frame)
    except (DataError, ValueError, RecursionError) as e:
        raise WireError(f"the message is not what it must be: {e}") from e


class _Said(msgspec.Struct):
    version: int


def _check_rows(message: PushedTrades | PushedBars, columns: tuple[str, ...]) -> None:
    lengths = {name: len(getattr(message, name)) for name in columns}
    n = next(iter(lengths.values()))
    told = ", ".join(f"{name} {length:,}" for name, length in lengths.items())
    _refuse(len(set(lengths.values())) > 1, f"columns differ in length: {told}")
    _refuse(len(set(message.symbols)) < len(message.symbols), "a ticker stands twice in symbols")
    if message.of is None:
        _refuse(
            n != len(message.symbols), f"{n:,} rows of {len(message.symbols):,} symbols need of"
        )
        return
    _refuse(len(message.of) != n, f"of has {len(message.of):,} places for {n:,} rows")
    if n:
        outside = min(message.of) < 0 or max(message.of) >= len(message.symbols)
        _refuse(outside, f"of must lie within 0..{len(message.symbols) - 1}")


def _refuse(wrong: bool, sentence: str) -> None:
    if wrong:
        raise ValueError(sentence)


_VERSION: Final = msgspec.msgpack.Decoder(_Said)
_PUSHED: Final[msgspec.msgpack.Decoder[Pushed]] = msgspec.msgpack.Decoder(Pushed)
