"""A file as it stands: cells and names, before anybody knows what they mean."""

from dataclasses import dataclass

import polars as pl

from models.data.sources.files import BarFile


@dataclass(frozen=True, kw_only=True, eq=False)
class RawTable:
    """The cells of one file.

    Attributes:
        file: Where they come from.
        frame: A column each; text where the file is text, else of the file's own types.
        named: Whether the columns have names; if not, they are called 0, 1, 2, ...
        decimal_comma: Whether 1,5 is one and a half in this file.
    """

    file: BarFile
    frame: pl.DataFrame
    named: bool = True
    decimal_comma: bool = False
