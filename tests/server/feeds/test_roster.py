import numpy as np
import pytest

from server.feeds.base import ListedTicker, ListingChange
from server.feeds.roster import Roster
from tests.kit.for_each import for_each
from tests.server.feeds.test_thread import LISTING

A, B, C = LISTING.symbols


def ticker(symbol: str, name: str = "") -> ListedTicker:
    return ListedTicker(symbol=symbol, name=name or symbol)


def test_a_listing_gives_each_ticker_its_row() -> None:
    roster = Roster(LISTING)
    assert roster.ever == LISTING.symbols
    assert [roster.row_of(s) for s in (A, B, C, "X")] == [0, 1, 2, None]
    assert (roster.rows.tolist(), roster.revision, len(roster)) == ([0, 1, 2], 0, 3)
    assert roster.symbols(np.array([2, 0])) == (C, A)


def test_who_comes_gets_the_next_row() -> None:
    roster = Roster(LISTING)
    roster.apply(ListingChange(added=(ticker("X"), ticker("Y", "Why"))))
    assert (roster.row_of("X"), roster.row_of("Y")) == (3, 4)
    assert (roster.revision, len(roster), roster.name("Y")) == (1, 5, "Why")


def test_names_in_english_and_sectors_are_told_where_any_is_known() -> None:
    roster = Roster(LISTING)
    assert (roster.columns.names_en, roster.columns.sectors) == ((), ())
    chips = ListedTicker(symbol="X", name="엑스", name_en="Ex", sector="Chips")
    roster.apply(ListingChange(added=(chips,)))
    assert roster.columns.names_en == ("", "", "", "Ex")
    assert roster.columns.sectors == ("", "", "", "Chips")


def test_who_goes_leaves_a_row_that_nobody_gets() -> None:
    roster = Roster(LISTING)
    roster.apply(ListingChange(removed=(B,)))
    assert (roster.rows.tolist(), len(roster), roster.row_of(B)) == ([0, 2], 3, None)
    assert roster.listed(np.array([0, 1, 2, 1])).tolist() == [True, False, True, False]
    assert [t.symbol for t in roster.tickers] == [A, C]
    roster.apply(ListingChange(added=(ticker(B),)))
    assert (roster.rows.tolist(), roster.row_of(B)) == ([0, 2, 3], 3)


def test_another_name_keeps_the_row() -> None:
    roster = Roster(LISTING)
    roster.apply(ListingChange(renamed={B: ticker("NEW", "Newer"), C: ticker(C, "Better")}))
    assert (roster.row_of("NEW"), roster.row_of(B)) == (1, None)
    assert [t.name for t in roster.tickers] == [A, "Newer", "Better"]


def test_a_symbol_may_go_and_be_given_to_another_at_once() -> None:
    roster = Roster(LISTING)
    roster.apply(ListingChange(removed=(A,), renamed={B: ticker(A)}, added=(ticker(B),)))
    assert (roster.row_of(A), roster.row_of(B)) == (1, 3)


@for_each(
    "change",
    [
        ListingChange(removed=("X",)),
        ListingChange(removed=(A, A)),
        ListingChange(renamed={"X": ticker("Y")}),
        ListingChange(renamed={A: ticker(B)}),
        ListingChange(added=(ticker(A),)),
        ListingChange(added=(ticker("X"), ticker("X"))),
        ListingChange(added=(ticker("a b"),)),
        ListingChange(added=(ticker("X", "x" * 201),)),
    ],
)
def test_a_change_that_does_not_fit_is_refused(change: ListingChange) -> None:
    with pytest.raises(ValueError, match=r"listed|symbol|name"):
        Roster(LISTING).apply(change)
