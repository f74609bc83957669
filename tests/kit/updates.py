"""Valid records of what the link hands to the desk; a test names only what it is about."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from client.state.update import BuyEntry, RowChanges, Update
from shared.column_arrays import ColumnArrays
from shared.columns import COLUMNS
from shared.contract import Float32
from tests.kit.messages import row_columns


def row_changes(index: Sequence[int], probabilities: Float32, **changes: Any) -> RowChanges:
    """Make changes of the rows at `index`, of (n, 3) probabilities; all zero is undecided."""
    fields: dict[str, Any] = {
        "index": np.array(index, np.int64),
        **row_columns(probabilities),
    }
    fields |= changes
    columns = ColumnArrays({c.name: fields.pop(c.name) for c in COLUMNS})
    return RowChanges(columns=columns, **fields)


def buy_entry(symbol: str, **changes: Any) -> BuyEntry:
    """Make an entry of the buy log."""
    fields: dict[str, Any] = {"made_ms": 5, "confidence": 0.5, "last": 1.0, "bar_ms": 5}
    return BuyEntry(symbol=symbol, **(fields | changes))


def an_update(**changes: Any) -> Update:
    """Make an update in which nothing is new; one with a universe begins a run."""
    fields: dict[str, Any] = {
        "universe": None,
        "restarted": changes.get("universe") is not None,
        "rows": row_changes((), np.zeros((0, 3), np.float32)),
        "buys": (),
        "status": None,
        "card": None,
        "methods": (),
        "bars": {},
        "live_bars": {},
        "histories": {},
        "heatmaps": {},
        "refusals": {},
        "explanations": {},
        "past_buys": {},
        "past_windows": {},
    }
    return Update(**(fields | changes))
