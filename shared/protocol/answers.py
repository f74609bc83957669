"""What the server answers, as frozen, typed records that refuse nonsense."""

from typing import Annotated, ClassVar, Literal

import msgspec
import numpy as np

from shared.confidences import ConfidenceSpread
from shared.contract import Float32, Float64, Int64, interval_seconds
from shared.errors import DataError, WireError
from shared.features import Features
from shared.limits import (
    LAST_MS,
    MAX_BARS,
    MAX_BUYS,
    MAX_CARD,
    MAX_COUNT,
    MAX_DECIMALS,
    MAX_VOLUME,
    Count,
    Identifier,
    Name,
    Names,
    Symbol,
    Symbols,
)
from shared.protocol.envelope import (
    Array,
    Message,
    check_bars,
    check_probabilities,
    check_symbols,
    refuse,
)
from shared.protocol.explanations import Explanation, Methods
from shared.protocol.messages import ENTRY_PRICES, ENTRY_SHARES, ENTRY_TIMES, Heatmap
from shared.protocol.past import PastBuys, PastWindow
from shared.protocol.rows import Rows
from shared.provenance import Provenance


class Snapshot(Rows, frozen=True, kw_only=True, eq=False, tag="snapshot"):
    """The answer to `GetSnapshot`: every ticker of the universe, in the universe's order.

    Attributes:
        confidence_sequence: The newest `confidence` that is already in it.
        buy_sequence: The newest `buy` that is already in it.
    """

    confidence_sequence: Count
    buy_sequence: Count


class BuyLog(Message, frozen=True, kw_only=True, eq=False, tag="buy_log"):
    """The answer to `GetBuys`: every entry after the sequence number asked for, oldest first.

    Attributes:
        symbols: (n,) one for each entry; a ticker may stand more than once.
        complete: False when the server has already forgotten entries that were asked for.
        buy_sequence: The newest `buy` that is already in it.
        late: Positions of the entries that were found after the fact, by a server that caught up.
        sequence: (n,) int64, the sequence number of the `buy` that said it.
        made_ms: (n,) int64, when it was said, ms since 1970 UTC.
        confidence: (n,) float32, probability of class 2.
        last: (n,) float64, close of the bar that decided.
        bar_ms: (n,) int64, its time, ms since 1970 UTC.
    """

    ARRAYS: ClassVar[dict[str, Array]] = {
        "sequence": Array("<i8", ("symbols",), low=1, high=MAX_COUNT),
        "made_ms": ENTRY_TIMES,
        "confidence": ENTRY_SHARES,
        "last": ENTRY_PRICES,
        "bar_ms": ENTRY_TIMES,
    }
    symbols: Annotated[tuple[Symbol, ...], msgspec.Meta(max_length=MAX_BUYS)]
    complete: bool
    buy_sequence: Count
    late: Annotated[tuple[Count, ...], msgspec.Meta(max_length=MAX_BUYS)] = ()
    sequence: Int64
    made_ms: Int64
    confidence: Float32
    last: Float64
    bar_ms: Int64

    def check(self) -> None:
        """Refuse malformed tickers, a log out of order and entries that are not there."""
        check_symbols(self, tuple(set(self.symbols)))
        refuse(self, max(self.late, default=-1) >= len(self.symbols), "late names no entry")
        refuse(self, bool((np.diff(self.sequence) < 0).any()), "entries are out of order")


class Bars(Message, frozen=True, kw_only=True, eq=False, tag="bars"):
    """The answer to `GetBars`: the newest bars and decisions of one ticker, oldest first.

    Attributes:
        symbol: The ticker.
        count: n, the number of bars.
        decisions: m, the number of decisions; each belongs to a bar that closed.
        forming: Whether the last bar is still forming.
        bar_ms: (n,) int64, close of each bar, ms since 1970 UTC.
        ohlcv: (n, 5) float64, open, high, low, close in currency, volume in units.
        decision_ms: (m,) int64, close of the bar decided on, ms since 1970 UTC.
        probabilities: (m, 3) float32, of down, flat, up.
    """

    ARRAYS: ClassVar[dict[str, Array]] = {
        "bar_ms": Array("<i8", ("count",), low=0, high=LAST_MS),
        "ohlcv": Array("<f8", ("count", 5), low=0, high=MAX_VOLUME),
        "decision_ms": Array("<i8", ("decisions",), low=0, high=LAST_MS),
        "probabilities": Array("<f4", ("decisions", 3), low=0, high=1),
    }
    symbol: Symbol
    count: Annotated[int, msgspec.Meta(ge=0, le=MAX_BARS)]
    decisions: Annotated[int, msgspec.Meta(ge=0, le=MAX_BARS)]
    forming: bool
    bar_ms: Int64
    ohlcv: Float64
    decision_ms: Int64
    probabilities: Float32

    def check(self) -> None:
        """Refuse bars or decisions out of order and prices that cannot be."""
        check_symbols(self, (self.symbol,))
        check_bars(self, self.ohlcv)
        check_probabilities(self, self.probabilities)
        for times in (self.bar_ms, self.decision_ms):
            refuse(self, bool((np.diff(times) <= 0).any()), "times are out of order")


class Universe(Message, frozen=True, kw_only=True, eq=False, tag="universe"):
    """The answer to `GetUniverse`: who is watched, and how to show it.

    Attributes:
        revision: How often tickers came, went or were renamed since the start.
        symbols: (n,) the tickers, in the order of snapshots.
        names: (n,) what people call them; the symbol itself where no name is known.
        markets: (n,) the market segment of each, such as KOSPI; may be empty.
        names_en: (n,) their names in English, which may be empty; none where nobody knows any.
        sectors: (n,) their industries, which may be empty; none where nobody knows any.
        timezone: IANA zone in which times are shown.
        decimals: Digits after the point of a price.
        interval: Length of a bar, such as 1d.
        feed: What the bars come from, for people.
        simulated: True when no bar is of a real market.
    """

    revision: Count = 0
    symbols: Symbols
    names: Names
    markets: Names
    names_en: Names = ()
    sectors: Names = ()
    timezone: Name
    decimals: Annotated[int, msgspec.Meta(ge=0, le=MAX_DECIMALS)]
    interval: Annotated[str, msgspec.Meta(min_length=2, max_length=5)]
    feed: Name
    simulated: bool

    def check(self) -> None:
        """Refuse doubled tickers, columns of unequal length and unknown intervals."""
        check_symbols(self, self.symbols)
        wrong = not len(self.symbols) == len(self.names) == len(self.markets)
        refuse(self, wrong, "symbols, names and markets differ in length")
        for what in ("names_en", "sectors"):
            wrong = len(getattr(self, what)) not in (0, len(self.symbols))
            refuse(self, wrong, f"symbols and {what} differ in length")
        try:
            interval_seconds(self.interval)
        except DataError as e:
            raise WireError(str(e)) from e


class ModelCard(Message, frozen=True, kw_only=True, eq=False, tag="model_card"):
    """The answer to `GetModel`.

    Attributes:
        card_json: The bundle's card.json, word for word.
        feature_set: Name of the set of features in its windows.
        features: What the eight columns of its windows are, in their order.
        up_means: What class 2 is, in short, such as up ≥ 0.55% in 1 day; empty where nobody says.
        confidence: How its confidences in class 2 are spread; None where the card does not know.
        provenance: What it was made of and what it was worth then; None where nobody says.
    """

    card_json: Annotated[str, msgspec.Meta(max_length=MAX_CARD)]
    feature_set: Name
    features: Features
    up_means: Name = ""
    confidence: ConfidenceSpread | None = None
    provenance: Provenance | None = None

    def check(self) -> None:
        """Refuse features that cannot be told apart."""
        for what in ("name", "label"):
            distinct = {getattr(feature, what) for feature in self.features}
            refuse(self, len(distinct) < len(self.features), f"two features have one {what}")


class Pong(Message, frozen=True, kw_only=True, eq=False, tag="pong"):
    """The answer to `Ping`; the server's time is the stamp's `made_ms`."""


class Canceled(Message, frozen=True, kw_only=True, eq=False, tag="canceled"):
    """The answer to `Cancel`.

    Attributes:
        was_open: Whether there was something to cancel: it will have no answer now. If not, its
            answer is under way or was given.
    """

    was_open: bool


RefusalCode = Literal[
    "bad_request",
    "unknown_request",
    "unknown_ticker",
    "no_window",
    "unknown_method",
    "unknown_class",
    "method_failed",
    "busy",
    "nothing_kept",
    "server_failed",
]


class Refusal(Message, frozen=True, kw_only=True, eq=False, tag="refusal"):
    """The answer to a request that cannot be met.

    Attributes:
        code: What a program needs to know: a `RefusalCode`, or one that a later minor added.
        sentence: What a person needs to know.
    """

    code: Identifier
    sentence: Name


Answer = (
    Universe
    | Snapshot
    | BuyLog
    | Bars
    | Heatmap
    | ModelCard
    | Methods
    | Explanation
    | PastBuys
    | PastWindow
    | Pong
    | Canceled
    | Refusal
)
