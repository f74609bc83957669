"""Texts that repeat, as the few that they are and which of them each row holds."""

import numpy as np
import polars as pl

from models.data.table import Int32


def coded(column: pl.Series) -> tuple[list[str], Int32]:
    """Return the distinct texts of a column, sorted, and (n,) int32, which of them each row holds.

    Args:
        column: (n,) text or categories; null counts as an empty text.
    """
    if column.dtype != pl.String:
        return _of_categories(column)
    # Rows of one ticker mostly stand together: a text is looked at where another one begins.
    runs = column.rle().struct
    heads = runs.field("value")
    heads = heads.fill_null("") if heads.null_count() else heads
    texts = sorted(heads.unique().to_list())
    code = heads.cast(pl.Enum(texts)).to_physical().cast(pl.Int32).to_numpy()
    return texts, np.repeat(code, runs.field("len").to_numpy())


def _of_categories(column: pl.Series) -> tuple[list[str], Int32]:
    if column.null_count() or len(column) == 0:
        return coded(column.cast(pl.String))
    physical = column.to_physical().to_numpy()
    starts = np.append(0, 1 + np.flatnonzero(physical[1:] != physical[:-1]))
    each, first = np.unique(physical[starts], return_index=True)
    texts = column.gather(starts[first]).cast(pl.String).to_list()
    order = sorted(range(len(texts)), key=texts.__getitem__)
    place = np.zeros(int(each[-1]) + 1, np.int32)
    place[each[order]] = np.arange(len(order))
    return [texts[i] for i in order], place[physical]
