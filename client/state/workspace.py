"""What the desk remembers of its user from one run to the next; free of Qt and of files."""

from typing import Annotated

import msgspec

from client.state.column_layout import ColumnLayout
from shared.limits import Identifier, Name, Symbol

Tickers = Annotated[tuple[Symbol, ...], msgspec.Meta(max_length=100_000)]


class Workspace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that the user arranged in the list; what is left out is as at the first start.

    Attributes:
        columns: Which columns there are, and where.
        column_sets: Those that were kept under a name.
        sort: Name of the column that rows are sorted by.
        falling: Whether from high to low.
        stars: The tickers that are the user's own.
        chosen: The ticker that was selected; empty without one.
        top: The ticker on the first row; empty where the list stood at its head.
    """

    columns: ColumnLayout = ColumnLayout()
    column_sets: dict[Name, ColumnLayout] = {}
    sort: Identifier = "up"
    falling: bool = True
    stars: Tickers = ()
    chosen: str = ""
    top: str = ""
