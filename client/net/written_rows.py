"""Which message wrote each row: the stream and the snapshots overtake each other."""

import numpy as np

from client.state.moved_rows import moved, rows_before, rows_of
from client.state.update import RowChanges
from shared.protocol.answers import Universe
from shared.protocol.rows import Rows


class WrittenRows:
    """The rows of one run, each with the newest message that wrote it.

    Attributes:
        revision: Of the universe that the rows are of; None before the first.
        newest: Sequence number of the newest `confidence` that is in the rows.
    """

    revision: int | None
    newest: int

    def __init__(self) -> None:
        self.revision, self.newest = None, 0
        self._rows: dict[str, int] = {}
        self._written = np.zeros(0, np.int64)  # (n,) the sequence number that wrote each row

    def move(self, universe: Universe) -> None:
        """Have the rows of a universe; those that stay are overwritten by nothing older."""
        self._written = moved(self._written, rows_before(self._rows, universe.symbols))
        self._rows, self.revision = rows_of(universe.symbols), universe.revision

    def take(self, rows: Rows, sequence: int) -> RowChanges:
        """Note rows of a message and return those of them that nothing newer wrote.

        Args:
            rows: A message names the rows that changed, no others.
            sequence: Of the `confidence` that it is, or after which the snapshot was made.
        """
        self.newest = max(self.newest, sequence)
        index = rows_before(self._rows, rows.symbols)
        new = (index >= 0) & (self._written[index] <= sequence)
        index = index[new]
        self._written[index] = sequence
        return RowChanges(index=index, columns=rows.columns.take(new), coverage=rows.coverage)
