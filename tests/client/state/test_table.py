import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.state.inbox import Inbox
from client.state.list_cells import LIST_CELLS, ListCell, list_cell
from client.state.table import BARS_BEHIND, NO_CLASS, Table
from client.state.update import RowChanges
from tests.kit.maker import Maker
from tests.kit.updates import row_changes

SEGMENT = ListCell("segments", list_cell("name").cell)
NAMES = ("banana", "Cherry", "apple", "가나")


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def table(inbox: Inbox) -> Table:
    maker = Maker(symbols=("B", "a", "C", "005930"))
    inbox.put_universe(maker.universe(names=NAMES))
    table = Table()
    table.apply(inbox.drain())
    return table


def rows(
    index: list[int], up: list[float], *, bar_ms: int = 1_000, last: float = 100
) -> RowChanges:
    n = len(index)
    up_column = np.array(up, np.float32)
    rest = (1 - up_column) / 2
    decided = up_column > 0
    probabilities = np.where(decided[:, None], np.stack([rest, rest, up_column], axis=1), 0)
    return row_changes(
        index,
        probabilities.astype(np.float32),
        last=np.full(n, last),
        bar_ms=np.full(n, bar_ms),
        sets=np.where(decided, 7, 0).astype(np.uint8),
    )


def put(table: Table, inbox: Inbox, changes: RowChanges) -> None:
    inbox.put_rows(changes)
    table.apply(inbox.drain())


def test_a_table_without_a_universe_is_empty_and_sorts() -> None:
    table = Table()
    assert len(table) == 0
    assert table.winner.shape == (0,)
    assert table.order(list_cell("up"), descending=True).shape == (0,)


def test_rows_follow_their_symbols_to_a_later_universe(table: Table, inbox: Inbox) -> None:
    put(table, inbox, rows([0, 1, 3], [0.25, 0.5, 0.75], bar_ms=5))
    later = Maker(symbols=("005930", "NEW", "a")).universe(names=("Samsung", "Newcomer", "Cherry"))
    inbox.put_universe(later)
    table.apply(inbox.drain())
    assert table.symbols == ("005930", "NEW", "a")
    assert table.probabilities[:, 2].tolist() == [0.75, 0.0, 0.5]
    assert table.bar_ms.tolist() == [5, 0, 5]
    assert table.row_of == {"005930": 0, "NEW": 1, "a": 2}
    put(table, inbox, rows([1], [0.5]))
    assert table.probabilities[:, 2].tolist() == [0.75, 0.5, 0.5]


def test_another_run_begins_with_empty_rows(table: Table, inbox: Inbox) -> None:
    put(table, inbox, rows([0], [0.5]))
    inbox.put_universe(Maker(run_id="other", symbols=("B", "a")).universe())
    table.apply(inbox.drain())
    assert table.probabilities[:, 2].tolist() == [0.0, 0.0]


def test_rows_land_where_their_index_says(table: Table, inbox: Inbox) -> None:
    put(table, inbox, rows([1, 3], [0.5, 0.75]))
    assert table.probabilities[:, 2].tolist() == [0, 0.5, 0, 0.75]
    assert table.winner.tolist() == [NO_CLASS, 2, NO_CLASS, 2]
    assert table.row_of["005930"] == 3


def test_a_new_universe_voids_all_rows(table: Table, inbox: Inbox, make: Maker) -> None:
    put(table, inbox, rows([1], [0.5]))
    inbox.put_universe(make.universe())
    table.apply(inbox.drain())
    assert table.symbols == make.symbols
    assert not table.decided.any()


def test_sorted_by_up_confidence_the_undecided_stand_last(table: Table, inbox: Inbox) -> None:
    put(table, inbox, rows([0, 1, 2, 3], [0.5, 0.0, 0.9, 0.7]))
    assert table.order(list_cell("up"), descending=True).tolist() == [2, 3, 0, 1]
    assert table.order(list_cell("up"), descending=False).tolist() == [0, 3, 2, 1]


def test_rows_of_equal_value_keep_the_order_of_the_universe(table: Table, inbox: Inbox) -> None:
    put(table, inbox, rows([0, 1, 2, 3], [0.5, 0.9, 0.5, 0.5]))
    assert table.order(list_cell("up"), descending=True).tolist() == [1, 0, 2, 3]
    assert table.order(SEGMENT, descending=True).tolist() == [0, 1, 2, 3]


def test_text_sorts_as_people_do_it_whatever_the_case(table: Table) -> None:
    assert table.order(list_cell("name"), descending=False).tolist() == [2, 0, 1, 3]
    assert table.order(list_cell("ticker"), descending=True).tolist() == [2, 0, 1, 3]


def test_prices_sort_as_numbers_and_missing_ones_stand_last(table: Table, inbox: Inbox) -> None:
    put(table, inbox, rows([0], [0.5], last=9))
    put(table, inbox, rows([2], [0.5], last=10))
    assert table.order(list_cell("last"), descending=True).tolist() == [2, 0, 1, 3]
    assert table.order(list_cell("last"), descending=False).tolist() == [0, 2, 1, 3]


def test_the_oldest_change_has_the_greatest_age(table: Table, inbox: Inbox) -> None:
    put(table, inbox, rows([0], [0.5], bar_ms=2_000))
    put(table, inbox, rows([3], [0.5], bar_ms=1_000))
    assert table.order(list_cell("age"), descending=True).tolist() == [3, 0, 1, 2]
    assert table.order(list_cell("changed"), descending=True).tolist() == [0, 3, 1, 2]


def test_a_snapshot_that_repeats_a_row_makes_it_no_younger(table: Table, inbox: Inbox) -> None:
    age = list_cell("age")
    put(table, inbox, rows([0, 1], [0.5, 0.5], bar_ms=1_000))
    put(table, inbox, rows([0, 1], [0.5, 0.75], bar_ms=1_000))
    assert table.values(age, np.arange(4)).tolist() == [1_000, 1_000, 0, 0]
    put(table, inbox, rows([1], [0.75], bar_ms=2_000))
    assert table.values(age, np.arange(4)).tolist() == [1_000, 2_000, 0, 0]


def test_while_history_loads_no_row_is_decided(table: Table, inbox: Inbox, make: Maker) -> None:
    put(table, inbox, rows([0, 1], [0.8, 0.2]))
    assert table.up_wins.tolist() == [True, False, False, False]
    inbox.put_status(make.status(1, "starting"))
    table.apply(inbox.drain())
    assert not table.decided.any()
    assert not table.up_wins.any()
    assert (table.winner == NO_CLASS).all()
    assert table.is_blank(list_cell("up"), np.arange(4)).all()
    inbox.put_status(make.status(2, "live"))
    table.apply(inbox.drain())
    assert table.decided.tolist() == [True, True, False, False]


def test_a_row_without_a_bar_while_others_have_later_ones_is_behind(
    table: Table, inbox: Inbox
) -> None:
    put(table, inbox, rows([0], [0.5], bar_ms=1_000_000))
    put(table, inbox, rows([1, 2], [0.5, 0.5], bar_ms=1_000_000 + BARS_BEHIND * 60_000))
    assert not table.are_behind(np.arange(3), 60, 0).any()
    put(table, inbox, rows([2], [0.5], bar_ms=1_000_001 + BARS_BEHIND * 60_000))
    assert table.are_behind(np.arange(3), 60, 0).tolist() == [True, False, False]
    put(table, inbox, rows([2], [0.5], bar_ms=10**12))
    assert table.are_behind(np.arange(3), 60, 0).tolist() == [True, True, False]
    assert not table.are_behind(np.arange(3), 60, 1_100_000).any()


@given(
    up=st.lists(st.floats(0, 1, width=32), min_size=4, max_size=4),
    column=st.sampled_from([*LIST_CELLS, SEGMENT]),
    descending=st.booleans(),
)
def test_every_order_holds_every_row_once(
    up: list[float], column: ListCell, descending: bool
) -> None:
    inbox, table = Inbox(), Table()
    inbox.put_universe(Maker(symbols=("B", "a", "C", "005930")).universe(names=NAMES))
    put(table, inbox, rows([0, 1, 2, 3], up))
    order = table.order(column, descending=descending)
    assert sorted(order.tolist()) == [0, 1, 2, 3]


def test_prediction_sets_and_their_coverage_are_kept(table: Table, inbox: Inbox) -> None:
    put(table, inbox, rows([0, 2], [0.5, 0.0]))
    assert table.sets.tolist() == [7, 0, 0, 0]
    assert table.coverage == 0.9
    inbox.put_universe(Maker(run_id="other").universe())
    table.apply(inbox.drain())
    assert table.coverage == 0
