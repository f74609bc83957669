"""What a feed told in a day that a test played."""

from server.feeds.base import BarBatch
from tests.kit.traded_days import Bars


class PlayedDay:
    """What a feed told.

    Attributes:
        bars: By row and close, the last that was said of each closed bar.
        corrected: Closed bars that were told again, by row and close.
        twice: Those of them that said the same again.
        early: Closed bars that were told before they were over.
        at_ms: When each closed bar was told first, by row and close.
        forming: How many bars were told that form.
        sentences: What the feed said of itself.
    """

    def __init__(self) -> None:
        self.bars: dict[tuple[int, int], tuple[float, ...]] = {}
        self.corrected: list[tuple[int, int]] = []
        self.twice: list[tuple[int, int]] = []
        self.early: list[tuple[int, int]] = []
        self.at_ms: dict[tuple[int, int], int] = {}
        self.forming = 0
        self.sentences: set[str] = set()

    def take(self, batch: BarBatch, now_ms: int) -> None:
        if not batch.closed:
            self.forming += len(batch.rows)
            return
        columns = (batch.rows.tolist(), batch.bar_ms.tolist(), batch.ohlcv.tolist())
        for row, ms, bar in zip(*columns, strict=True):
            key, values = (row, ms), tuple(bar)
            self.at_ms.setdefault(key, now_ms)
            if ms > now_ms:
                self.early.append(key)
            if key in self.bars:
                (self.twice if self.bars[key] == values else self.corrected).append(key)
            self.bars[key] = values

    def of(self, row: int, until_ms: int) -> Bars:
        """Return the bars of one ticker that close until then."""
        return {ms: bar for (r, ms), bar in self.bars.items() if r == row and ms <= until_ms}
