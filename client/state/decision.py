"""Whether what a window shows is of one decision: a row and a map come in messages of their own."""

from typing import Final

import numpy as np

from client.state.explained import WAITING
from client.state.table import Table
from shared.columns import FORMING
from shared.protocol.messages import Heatmap

PAST: Final = "History is loading: there is no decision of now yet"
UNDECIDED: Final = "There is no decision now"


def withheld(table: Table, row: int | None, heatmap: Heatmap | None) -> str:
    """Return why a map may not be shown beside the row of its ticker; empty where it may.

    Args:
        table: All rows.
        row: That of the ticker; None where it is not listed.
        heatmap: What was last published of the ticker; None before.
    """
    if table.past:
        return PAST
    if row is None or heatmap is None:
        return ""
    if not table.decided[row]:
        return UNDECIDED
    return "" if is_of_row(heatmap, table, row) else WAITING


def is_of_row(heatmap: Heatmap, table: Table, row: int) -> bool:
    """Return whether a map explains the decision in a row, and not one before or after it."""
    decided_ms, newest_ms = int(heatmap.bar_ms[-1]), int(table.bar_ms[row])
    if not table.flags[row] & FORMING:
        return decided_ms == newest_ms
    # The row tells the time of the bar that forms, which decides nothing; what was decided on the
    # bar before it is known by what was said.
    same = np.array_equal(heatmap.probabilities, table.probabilities[row])
    return decided_ms < newest_ms and bool(same)
