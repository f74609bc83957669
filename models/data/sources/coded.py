"""Texts that repeat, as the few that they are and which of them each row holds."""

import numpy as np
import polars as pl

from models.data.table import Int32


def coded(column: pl.Series) -> tuple[list[str], Int32]:
    """Return the distinct texts of a column, and (n,) int32, which of them each row holds.

    Args:
        column: (n,) text or categories; null counts as an empty text.
    """
    if column.dtype != pl.String:
        return _of_categories(column)
    # Rows of one ticker mostly stand together: a text is looked at where another one begins.
    new = column.ne_missing(column.shift(1)).to_numpy().copy()
    new[:1] = True
    starts = np.flatnonzero(new)
    heads = column.gather(starts).fill_null("")
    texts = heads.unique().to_list()
    code = heads.cast(pl.Enum(texts)).to_physical().cast(pl.Int32).to_numpy()
    return texts, np.repeat(code, np.diff(starts, append=len(column)))


def _of_categories(column: pl.Series) -> tuple[list[str], Int32]:
    if column.null_count() or len(column) == 0:
        return coded(column.cast(pl.String))
    each = column.unique()
    physical = each.to_physical().to_numpy()
    place = np.zeros(int(physical.max()) + 1, np.int32)
    place[physical] = np.arange(len(each))
    return each.cast(pl.String).to_list(), place[column.to_physical().to_numpy()]
