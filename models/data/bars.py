"""Which bars may be believed: every kind of dirt has a reason, and every reason is counted.

One definition validates a whole history and one new bar of many tickers alike, so that a model is
served on exactly the bars that it would have been trained on.
"""

import enum
from collections import Counter
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from models.data.columns import columns_of, last_closes, newest_before, price_range
from models.data.stretches import Stretches
from shared.contract import STEPS, Bool, Float64, Int64, UInt8, interval_name
from shared.limits import LAST_MS, MAX_PRICE, MAX_VOLUME, MIN_PRICE

_HOUR_MS: Final = 3_600_000
_DAY_S: Final = 86_400


class DropReason(enum.StrEnum):
    """Why a bar was dropped or mended, or why its series was interrupted before it.

    Attributes:
        NOT_A_NUMBER: Dropped; a price or the volume is NaN or infinite.
        HALT: Dropped; open, high and low are 0 and only the last close is carried on.
        ZERO_PRICE: Dropped; a price is 0, as on holidays or before the listing.
        NEGATIVE_VOLUME: Dropped; the volume is below 0.
        OUT_OF_RANGE: Dropped; a price, a volume or a time that no market has.
        HIGH_BELOW_LOW: Dropped; nothing tells which of the two is wrong.
        OUT_OF_ORDER: Dropped; older than the newest accepted bar, and its time is that of no bar
            that is still known.
        DUPLICATE: Dropped; the same bar once more, or one that still forms after it has closed.
        RANGE_WIDENED: Mended and kept; open or close lay outside low..high.
        JUMP: Kept; the close moved beyond the limit, so a new series begins with this bar.
        GAP: Kept; too much time passed, so a new window begins with this bar.
        REORDERED: Mended by a reader; the row stood after a newer one of its ticker.
        NO_TIME: Dropped by a reader; the row's time cannot be read.
        UNFINISHED: Dropped by a reader; the bar was not yet complete when the file was written.
        OUTSIDE_SESSION: Dropped by a reader; the bar lies outside of the regular session.
        NO_SESSION: Counted by a reader; the market did not trade on that date. Dropped if so set.
        CORRECTED: Mended; a later bar of the same time took the place of the bar.
    """

    NOT_A_NUMBER = "not_a_number"
    HALT = "halt"
    ZERO_PRICE = "zero_price"
    NEGATIVE_VOLUME = "negative_volume"
    OUT_OF_RANGE = "out_of_range"
    HIGH_BELOW_LOW = "high_below_low"
    OUT_OF_ORDER = "out_of_order"
    DUPLICATE = "duplicate"
    RANGE_WIDENED = "range_widened"
    JUMP = "jump"
    GAP = "gap"
    REORDERED = "reordered"
    NO_TIME = "no_time"
    UNFINISHED = "unfinished"
    OUTSIDE_SESSION = "outside_session"
    NO_SESSION = "no_session"
    CORRECTED = "corrected"


# `Validated.code` is 0, or 1 + the position here; where several apply the first is named.
DROP_CODES: Final = (
    DropReason.NOT_A_NUMBER,
    DropReason.HALT,
    DropReason.ZERO_PRICE,
    DropReason.NEGATIVE_VOLUME,
    DropReason.OUT_OF_RANGE,
    DropReason.HIGH_BELOW_LOW,
    DropReason.OUT_OF_ORDER,
    DropReason.DUPLICATE,
)
DROPPED: Final = frozenset(
    (
        *DROP_CODES,
        DropReason.NO_TIME,
        DropReason.UNFINISHED,
        DropReason.OUTSIDE_SESSION,
    )
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Rules:
    """What depends on the length of a bar and on the market.

    Attributes:
        interval_s: Length of a bar, s.
        jump_limit: A move beyond this share between two closes is a split, not a return.
        stretches: When the market trades without a pause, for bars within a day; None where it
            never closes, or bars are of days.
    """

    interval_s: int
    jump_limit: float
    stretches: Stretches | None = None

    @property
    def gap_ms(self) -> int:
        """Return the longest time between two bars of one window, ms.

        Intraday 2 hours, 15 days for daily or longer bars, so that weekends and holidays do not
        count and long halts do; never less than two bars.
        """
        usual_ms = 2 * _HOUR_MS if self.interval_s < _DAY_S else 15 * 24 * _HOUR_MS
        return max(usual_ms, 2_000 * self.interval_s)

    def session_closes(self, bar_ms: Int64) -> tuple[Int64, Int64]:
        """Return when the session before that of each bar closed, and when its own does.

        A market that never closes turns at midnight UTC, and a bar of a day is a session.

        Args:
            bar_ms: (n,) int64, close of each bar, ms since 1970 UTC.

        Returns:
            (n,) int64 and (n,) int64, ms since 1970 UTC; 0 before the first session.
        """
        if self.interval_s >= _DAY_S:
            return bar_ms - 1, bar_ms
        if self.stretches is None:
            midnight: Int64 = (bar_ms - 1) // (24 * _HOUR_MS) * (24 * _HOUR_MS)
            return midnight, midnight + 24 * _HOUR_MS
        session = np.searchsorted(self.stretches.turn_ms, bar_ms, side="right")
        closes = np.concatenate([[0, 0], self.stretches.close_ms])
        return closes[session], closes[session + 1]

    def too_short(self) -> str:
        """Return why no window can ever be full, or nothing."""
        if self.stretches is None:
            return ""
        bars = -(-self.stretches.longest_ms // (1_000 * self.interval_s))
        if bars >= STEPS:
            return ""
        return (
            f"no ticker can ever have {STEPS} bars in a row, because a session holds {bars} bars "
            f"of {interval_name(self.interval_s)} and no window spans two"
        )

    def interrupts(self, bar_ms: Int64, last_ms: Int64) -> Bool:
        """Return (...) bool, whether time that a window must not span lies before each bar.

        Args:
            bar_ms: (...) int64, close of each bar, ms since 1970 UTC.
            last_ms: (...) int64, close of the bar before it.
        """
        long: Bool = bar_ms - last_ms > self.gap_ms
        if self.stretches is None:
            return long
        # A pause may be shorter than two hours: lunch in Tokyo, half an hour in Seoul.
        other: Bool = self.stretches.of(bar_ms) != self.stretches.of(last_ms)
        return long | other

    def jumps(self, close: Float64, before: Float64) -> Bool:
        """Return (...) bool, whether a split lies before each bar.

        Args:
            close: (...) float64, price at which each bar closed.
            before: (...) float64, that of the bar before it.
        """
        moved: Bool = np.abs(close - before) > self.jump_limit * before
        return moved


@dataclass(frozen=True, kw_only=True, eq=False)
class Validated:
    """What is thought of (n, t) bars.

    A jump cuts the series: features and windows begin afresh with that bar, so their whole
    look-back is needed again. A gap restarts the window alone: no window spans it, while the
    look-back, which is causal either way, runs on.

    Attributes:
        code: (n, t) uint8, 0 where the bar is accepted, else 1 + the position in `DROP_CODES`.
        widened: (n, t) bool, accepted after its range was widened.
        jump: (n, t) bool, accepted, and the series is cut before it.
        gap: (n, t) bool, accepted, and the window restarts with it.
        ohlcv: (n, t, 5) float64, the bars with ranges widened; meaningless where dropped.
    """

    code: UInt8
    widened: Bool
    jump: Bool
    gap: Bool
    ohlcv: Float64

    @property
    def accepted(self) -> Bool:
        """Return (n, t) bool, the bars to use."""
        accepted: Bool = self.code == 0
        return accepted

    @property
    def late(self) -> Bool:
        """Return (n, t) bool, sound bars that are not newer than the last accepted one."""
        late: Bool = (self.code == _OUT_OF_ORDER) | (self.code == _DUPLICATE)
        return late

    def take(self, tickers: Bool) -> "Validated":
        """Return what is thought of the bars of some tickers, (n,) bool."""
        return Validated(**{f.name: getattr(self, f.name)[tickers] for f in fields(self)})

    def counts(self) -> Counter[DropReason]:
        """Return how many bars have each reason; reasons of no bar are absent."""
        found = np.bincount(self.code.ravel(), minlength=len(DROP_CODES) + 1)[1:]
        counter = Counter(dict(zip(DROP_CODES, found.tolist(), strict=True)))
        counter[DropReason.RANGE_WIDENED] = int(self.widened.sum())
        counter[DropReason.JUMP] = int(self.jump.sum())
        counter[DropReason.GAP] = int(self.gap.sum())
        return +counter


def validate(
    bar_ms: Int64, ohlcv: Float64, past_ms: Int64, past_close: Float64, rules: Rules
) -> Validated:
    """Validate t bars of each of n tickers, oldest first, each against the last accepted before it.

    Args:
        bar_ms: (n, t) int64, close of each bar, ms since 1970 UTC.
        ohlcv: (n, t, 5) float64, open, high, low, close in currency, volume in units.
        past_ms: (n,) int64, close of the newest accepted bar, ms since 1970 UTC; 0 for none yet.
        past_close: (n,) float64, its price; 0 for none yet.
        rules: The limits.
    """
    mended = widened(ohlcv)
    code = faults(bar_ms, ohlcv)
    last_ms = newest_before(np.where(code == 0, bar_ms, 0), past_ms)
    code[(code == 0) & (bar_ms < last_ms)] = _OUT_OF_ORDER
    code[(code == 0) & (bar_ms == last_ms)] = _DUPLICATE
    accepted = code == 0
    last_close = last_closes(ohlcv[..., 3], accepted, past_close)
    moved = rules.jumps(ohlcv[..., 3], last_close)
    known = accepted & (last_ms > 0)
    return Validated(
        code=code.astype(np.uint8),
        widened=accepted & ((mended[..., 1] != ohlcv[..., 1]) | (mended[..., 2] != ohlcv[..., 2])),
        jump=known & moved,
        gap=known & rules.interrupts(bar_ms, last_ms),
        ohlcv=mended,
    )


def _code(reason: DropReason) -> int:
    return 1 + DROP_CODES.index(reason)


_OUT_OF_ORDER: Final = _code(DropReason.OUT_OF_ORDER)
_DUPLICATE: Final = _code(DropReason.DUPLICATE)


def widened(ohlcv: Float64) -> Float64:
    """Return (..., 5) float64 bars whose ranges hold their opens and closes; a copy."""
    mended = ohlcv.copy()
    mended[..., 1], mended[..., 2] = price_range(columns_of(ohlcv))
    return mended


def faults(bar_ms: Int64, ohlcv: Float64) -> Int64:
    """Return (...) int64 codes of what is wrong with bars, whatever came before them.

    Args:
        bar_ms: (...) int64, close of each bar, ms since 1970 UTC.
        ohlcv: (..., 5) float64, open, high, low, close in currency, volume in units.
    """
    columns = columns_of(ohlcv)
    prices, volume = columns[:4], columns[4]
    greatest, least = price_range(columns)
    sound = (least >= MIN_PRICE) & (greatest <= MAX_PRICE) & (volume >= 0) & (volume <= MAX_VOLUME)
    sound &= (columns[1] >= columns[2]) & (bar_ms > 0) & (bar_ms <= LAST_MS)
    if sound.all():  # as nearly always, and NaN is not
        return np.zeros(np.shape(bar_ms), np.int64)
    high, low, close = columns[1:4]
    impossible = (prices < MIN_PRICE) | (prices > MAX_PRICE)
    checks = {
        DropReason.NOT_A_NUMBER: ~np.isfinite(columns).all(axis=0),
        DropReason.HALT: (prices[:3] == 0).all(axis=0) & (close > 0),
        DropReason.ZERO_PRICE: (prices == 0).any(axis=0),
        DropReason.NEGATIVE_VOLUME: volume < 0,
        DropReason.OUT_OF_RANGE: impossible.any(axis=0)
        | (volume > MAX_VOLUME)
        | (bar_ms <= 0)
        | (bar_ms > LAST_MS),
        DropReason.HIGH_BELOW_LOW: high < low,
    }
    code = np.zeros(np.shape(bar_ms), np.int64)
    for reason, found in reversed(checks.items()):  # the first of several is told
        code[found] = _code(reason)
    return code
