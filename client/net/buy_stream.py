"""What of the buy log has come, by sequence number: nothing twice, and no hole without a word."""

import itertools
from collections.abc import Iterable

from client.state.update import BuyEntry, BuyGap, LoggedBuy
from shared.protocol.answers import BuyLog
from shared.protocol.messages import Buy


class BuyStream:
    """Puts published buys and answers to `GetBuys` into one order; knows no request and no clock.

    Attributes:
        newest: Sequence number of the newest `buy` that was taken; all before it were taken, or
            are known to be lost.
    """

    newest: int

    def __init__(self) -> None:
        self.newest = 0
        self._newest_ms: int | None = None  # when the newest entry that was taken was said

    def published(self, buy: Buy) -> list[LoggedBuy] | None:
        """Return what is new in a message of the stream; None where one before it is lacking."""
        sequence = buy.stamp.sequence
        if sequence <= self.newest:
            return []
        if sequence > self.newest + 1:
            return None
        self.newest, self._newest_ms = sequence, buy.stamp.made_ms
        made = itertools.repeat(buy.stamp.made_ms, len(buy.symbols))
        return list(_entries(buy.symbols, made, buy))

    def answered(self, log: BuyLog, after: int) -> list[LoggedBuy] | None:
        """Return what is new in an answer, behind a gap where the server forgot some of it.

        Args:
            log: The answer.
            after: The sequence number that was asked for.

        Returns:
            None where it cannot be told whether anything is lost: ask anew.
        """
        if log.buy_sequence <= self.newest:
            return []
        # `complete` speaks of all after `after`. What the server forgot of it may have come with
        # the stream in the meantime, and then it is no loss.
        if not log.complete and self.newest > after:
            return None
        entries = itertools.compress(
            _entries(log.symbols, log.made_ms.tolist(), log), log.sequence > self.newest
        )
        found: list[LoggedBuy] = list(entries)
        if not log.complete:
            found.insert(0, self._gap(log))
        self.newest = log.buy_sequence
        if len(log.made_ms):
            self._newest_ms = int(log.made_ms[-1])
        return found

    def _gap(self, log: BuyLog) -> BuyGap:
        # The oldest message that is still there may have lost some of its tickers, so it counts.
        some = len(log.sequence) > 0
        return BuyGap(
            first=self.newest + 1,
            last=int(log.sequence[0]) if some else log.buy_sequence,
            after_ms=self._newest_ms,
            before_ms=int(log.made_ms[0]) if some else None,
        )


def _entries(
    symbols: tuple[str, ...], made_ms: Iterable[int], source: Buy | BuyLog
) -> Iterable[BuyEntry]:
    columns = (source.confidence, source.last, source.bar_ms)
    late = set(source.late) if isinstance(source, BuyLog) else set[int]()
    for place, (symbol, made, confidence, last, bar) in enumerate(
        zip(symbols, made_ms, *(column.tolist() for column in columns), strict=True)
    ):
        yield BuyEntry(
            symbol=symbol,
            made_ms=made,
            confidence=confidence,
            last=last,
            bar_ms=bar,
            late=place in late,
        )
