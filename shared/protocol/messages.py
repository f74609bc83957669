"""What the server publishes, as frozen, typed records that refuse nonsense.

docs/protocol.md is the same list for people who write a client in another language.
"""

from typing import Annotated, ClassVar, Final, Literal

import msgspec
import numpy as np

from shared.contract import (
    STEPS,
    WINDOW_SHAPE,
    Class,
    Float32,
    Float64,
    Int64,
)
from shared.explaining import MapKind, MethodName, MethodTitle
from shared.limits import (
    LAST_MS,
    MAX_CYCLE_MS,
    MAX_PRICE,
    MAX_REASONS,
    MAX_VALUE,
    MAX_VOLUME,
    Count,
    Drop,
    EpochMs,
    Identifier,
    Name,
    Share,
    Symbol,
    Symbols,
    Value,
)
from shared.protocol.envelope import (
    Array,
    Message,
    check_bars,
    check_probabilities,
    check_symbols,
    refuse,
)
from shared.protocol.rows import Rows

# What a server is at.
Phase = Literal["starting", "live", "ended", "failed", "goodbye"]

# What several messages carry in the same form.
SHARES: Final = Array("<f4", (len(Class),), low=0, high=1)
WINDOW: Final = Array("<f4", WINDOW_SHAPE, low=-MAX_VALUE, high=MAX_VALUE)
WINDOW_TIMES: Final = Array("<i8", (STEPS,), low=0, high=LAST_MS)
ENTRY_SHARES: Final = Array("<f4", ("symbols",), low=1 / 3 - 1e-6, high=1)  # of who won
ENTRY_PRICES: Final = Array("<f8", ("symbols",), low=0, high=MAX_PRICE)
ENTRY_TIMES: Final = Array("<i8", ("symbols",), low=0, high=LAST_MS)


class Confidence(Rows, frozen=True, kw_only=True, eq=False, tag="confidence"):
    """Published once a cycle: the rows that changed."""


class Buy(Message, frozen=True, kw_only=True, eq=False, tag="buy"):
    """Published when tickers enter class 2; not repeated while they stay there.

    Attributes:
        symbols: (n,) the tickers that entered.
        confidence: (n,) float32, probability of class 2.
        last: (n,) float64, close of the bar that decided.
        bar_ms: (n,) int64, its time, ms since 1970 UTC.
    """

    ARRAYS: ClassVar[dict[str, Array]] = {
        "confidence": ENTRY_SHARES,
        "last": ENTRY_PRICES,
        "bar_ms": ENTRY_TIMES,
    }
    symbols: Symbols
    confidence: Float32
    last: Float64
    bar_ms: Int64

    def check(self) -> None:
        """Refuse doubled tickers."""
        check_symbols(self, self.symbols)


class WindowMap(Message, frozen=True, kw_only=True, eq=False):
    """What every message has that says why one window was decided on as it was.

    Attributes:
        symbol: The ticker.
        method: Name of the live method, of which `saliency` is the map.
        title: What people call it.
        kind: What a number of `saliency` is.
        winner: The winning class, whose logit is differentiated.
        top_drop: How far the winner's probability falls when the 5 cells with the greatest
            saliency × scaled go to 0 in `scaled`, the training mean; below 0 where it rises.
        random_drop: The same for 5 cells at random, the mean of 16 draws.
        probabilities: (3,) float32, of down, flat, up, as published.
        scores: (3,) float32, of down, flat, up, as the network says before any calibration.
        saliency: (6, 8) float32, gradient of the winner's logit with respect to the scaled window;
            above 0 speaks for the winner, oldest bar first, features in the card's order.
        raw: (6, 8) float32, features in their own units.
        scaled: (6, 8) float32, features as the network sees them, in standard deviations.
        bar_ms: (6,) int64, close of each bar, ms since 1970 UTC.
    """

    ARRAYS: ClassVar[dict[str, Array]] = {
        "probabilities": SHARES,
        "scores": SHARES,
        "saliency": WINDOW,
        "raw": WINDOW,
        "scaled": WINDOW,
        "bar_ms": WINDOW_TIMES,
    }
    symbol: Symbol
    method: MethodName
    title: MethodTitle
    kind: MapKind
    winner: Literal[0, 1, 2]
    top_drop: Drop
    random_drop: Drop
    probabilities: Float32
    scores: Float32
    saliency: Float32
    raw: Float32
    scaled: Float32
    bar_ms: Int64

    def check(self) -> None:
        """Refuse a winner that did not win, and bars out of order."""
        check_symbols(self, (self.symbol,))
        check_probabilities(self, self.probabilities)
        check_probabilities(self, self.scores)
        refuse(self, int(self.probabilities.argmax()) != self.winner, "the winner did not win")
        refuse(self, bool((np.diff(self.bar_ms) <= 0).any()), "bars are out of order")


class Heatmap(WindowMap, frozen=True, kw_only=True, eq=False, tag="heatmap"):
    """Published per ticker to who subscribed to it, and the answer to `GetHeatmap`."""


class Bar(Message, frozen=True, kw_only=True, eq=False, tag="bar"):
    """Published per ticker to who subscribed to it; its time is the stamp's `newest_bar_ms`.

    Attributes:
        symbol: The ticker.
        closed: False while the bar is still forming.
        ohlcv: (5,) float64, open, high, low, close in currency, volume in units.
    """

    ARRAYS: ClassVar[dict[str, Array]] = {"ohlcv": Array("<f8", (5,), low=0, high=MAX_VOLUME)}
    symbol: Symbol
    closed: bool
    ohlcv: Float64

    def check(self) -> None:
        """Refuse a bar whose range does not hold its prices."""
        check_symbols(self, (self.symbol,))
        check_bars(self, self.ohlcv[None])


class TrackRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What came true of the newest buys of the model, as far as their horizon has passed.

    Intervals hold 95% of resamples of whole days; they are null with fewer than 5 days.

    Attributes:
        judged: Buys of which the outcome is known, of all runs.
        newest: The newest of them, which the figures are of.
        hit_rate: Share of these that came true.
        hit_low: Lower end of its interval.
        hit_high: Upper end.
        claimed: Mean confidence in class 2 that was said with them.
        brier_skill: 1 less their Brier score over that of always saying `hit_rate`.
        skill_low: Lower end of its interval.
        skill_high: Upper end.
        net_return: Mean return over the horizon after costs of 0.1% a side.
        net_low: Lower end of its interval.
        net_high: Upper end.
        evidence: Of all judged buys, how many times better a bet against the confidences did than
            keeping its stake: the most it ever was. Chance makes it 20 or more in 5% of cases.
        parted: Whether that is 20 or more: fewer buys come true than was said.
    """

    judged: Count
    newest: Count
    hit_rate: Share
    hit_low: Share | None
    hit_high: Share | None
    claimed: Share
    brier_skill: Value
    skill_low: Value | None
    skill_high: Value | None
    net_return: Value
    net_low: Value | None
    net_high: Value | None
    evidence: Annotated[float, msgspec.Meta(ge=0, le=MAX_VALUE)]
    parted: bool


class Status(Message, frozen=True, kw_only=True, eq=False, tag="status"):
    """Published every second, so that silence means a lost link.

    Attributes:
        state: `starting` while history loads, `live`, `ended` when the feed has no more bars,
            `failed` when the feed broke off and no more bars will come, `goodbye` as the last word
            of a server that stops.
        feed_error: Why the feed broke off, in a sentence; empty if it did not.
        feed_note: What the feed says of itself now, in a sentence: how far history has come, or
            what it refused; empty where there is nothing to say.
        model_note: What became of the newest model that was to take over, in a sentence; empty
            where none was.
        feed: What the bars come from, for people.
        simulated: True when no bar is of a real market.
        tickers: Tickers in the universe.
        universe_revision: Of the universe; who has an older one asks for it anew.
        decided: Tickers with a decision.
        confidence_sequence: The newest `confidence` of the run; who has an older one lost some.
        buy_sequence: The newest `buy` of the run; who has an older one lost some.
        cycle_ms: Time of the newest cycle, features to messages, in ms.
        accepted: Closed bars taken since the start.
        dropped: Bars since the start that were refused or mended, or that interrupted their series,
            by reason.
        history: Share of history that is loaded, while `starting`; 0 where the feed does not know.
        played: True when the bars are of another time than now: a file's, or imagined.
        market_ms: What time it is in the market, ms since 1970 UTC: the clock on the wall, or the
            newest bar of what is `played`; 0 where that is not known.
        closed_until_ms: When the market opens again, ms since 1970 UTC; 0 while it is open, and
            where that is not known.
        stale_since_ms: Close of the newest bar where the market is open and later ones are
            missing, ms since 1970 UTC; 0 where none is.
        journal: `kept` where all that is said is on disk first, `waiting` while that cannot be
            done, `off` where nothing is kept.
        journal_error: Why it cannot be done, in a sentence; empty if it can.
        journal_waiting: How much waits to be written.
        journal_lost: Moments whose bars the journal gave up, as too much waited; never a buy.
        track: What came true of the newest buys; null where none is known.
    """

    state: Phase
    feed_error: Name = ""
    feed_note: Name = ""
    model_note: Name = ""
    feed: Name
    simulated: bool
    tickers: Count
    universe_revision: Count = 0
    decided: Count
    confidence_sequence: Count
    buy_sequence: Count
    cycle_ms: Annotated[float, msgspec.Meta(ge=0, le=MAX_CYCLE_MS)]
    accepted: Count
    dropped: Annotated[dict[Name, Count], msgspec.Meta(max_length=MAX_REASONS)]
    history: Share = 0.0
    played: bool = False
    market_ms: EpochMs = 0
    closed_until_ms: EpochMs = 0
    stale_since_ms: EpochMs = 0
    journal: Identifier = "off"
    journal_error: Name = ""
    journal_waiting: Count = 0
    journal_lost: Count = 0
    track: TrackRecord | None = None


Published = Confidence | Buy | Heatmap | Bar | Status
