"""Whether what a window shows is of one decision: a row and a map come in messages of their own."""

from typing import Final

from client.state.explained import WAITING
from client.state.table import Table
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
    return "" if table.explains(heatmap, row) else WAITING
