import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.qtbot import QtBot

from client.state.filter_language import parse
from client.state.list_cells import LIST_CELLS, section
from client.state.table import Table
from client.ui.watchlist.watchlist_model import WatchlistModel
from tests.kit.made_market import DAY_MS, MadeMarket, Shares
from tests.kit.widgets import strict_tester

UP: Shares = (0.1, 0.1, 0.8)
FLAT: Shares = (0.2, 0.5, 0.3)
DOWN: Shares = (0.7, 0.2, 0.1)
UNDECIDED: Shares = (0.0, 0.0, 0.0)

Build = Callable[..., WatchlistModel]


@pytest.fixture
def build(market: MadeMarket) -> Build:
    def made(*shares: Shares) -> WatchlistModel:
        table = Table()
        model = WatchlistModel(table)
        table.apply(market.start(*shares))
        model.refresh(restarted=True)
        return model

    return made


def symbols(model: WatchlistModel) -> list[str]:
    return [model.symbol(row) for row in range(model.rowCount())]


def words(model: WatchlistModel, row: int, column: int) -> str:
    return str(model.data(model.index(row, column)))


def change(model: WatchlistModel, market: MadeMarket, **rows: Shares) -> None:
    model.table.apply(market.update({int(k[1:]): v for k, v in rows.items()}))
    model.refresh()


def test_the_most_confident_stands_on_top_and_the_undecided_last(build: Build) -> None:
    model = build(FLAT, UNDECIDED, UP)
    assert symbols(model) == ["AAPL", "000020", "005930"]
    assert words(model, 2, section("up")) == "–"
    model.sort(section("up"), Qt.SortOrder.AscendingOrder)
    assert symbols(model) == ["000020", "AAPL", "005930"]


def test_a_map_stays_as_late_until_that_of_the_newest_decision_comes(
    build: Build, market: MadeMarket
) -> None:
    model = build(UP, FLAT, DOWN)
    columns = (section("why"), section("reason"))
    for newest, late in ((40, True), (None, False)):
        which = {} if newest is None else {"newest": newest}
        heatmap = market.heatmap("000020", **which)
        model.table.apply(market.update(heatmaps={"000020": heatmap}))
        rows = model.shown(0, 2, columns)
        assert [row.glance is not None for row in rows] == [True, False, False]
        assert [row.late for row in rows] == [late, False, False]


def test_cells_say_what_the_row_holds(build: Build) -> None:
    model = build(UP, FLAT, DOWN)
    model.market_ms = int(model.table.bar_ms[0]) + 3 * DAY_MS
    expected = {
        section("ticker"): "000020",
        section("name"): "Daon Bio KOSPI",
        section("last"): "1,000",
        section("change"): "▼ 1.00%",
        section("class"): "Up",
        section("up"): "80%",
        section("bar"): "80% · 10% · 10%",
        section("flat"): "10%",
        section("down"): "10%",
        section("changed"): "11 Jan",
    }
    assert {c: words(model, 0, c) for c in expected} == expected
    assert words(model, 0, section("age")) == "3 d"


def test_without_a_clock_of_the_market_no_row_has_an_age(build: Build) -> None:
    assert words(build(UP), 0, section("age")) == "–"


def test_prices_sort_by_value_and_not_by_their_words(build: Build, market: MadeMarket) -> None:
    model = build(UP, UP, UP)
    model.table.last[:] = [9.0, 1_000.0, 20.0]
    model.sort(section("last"), Qt.SortOrder.DescendingOrder)
    assert symbols(model) == ["005930", "AAPL", "000020"]


def test_a_selected_row_goes_with_its_ticker(build: Build, market: MadeMarket) -> None:
    model = build(UP, FLAT, DOWN)
    chosen = QPersistentModelIndex(model.index(0, section("name")))
    change(model, market, r0=DOWN, r2=UP)
    assert symbols(model) == ["AAPL", "005930", "000020"]
    assert (chosen.row(), chosen.column()) == (2, section("name"))


def test_nothing_moves_while_held_but_values_do(build: Build, market: MadeMarket) -> None:
    model = build(UP, FLAT, DOWN)
    model.held = True
    change(model, market, r0=DOWN)
    assert symbols(model) == ["000020", "005930", "AAPL"]
    assert words(model, 0, section("up")) == "10%"
    model.held = False
    model.arrange()
    assert symbols(model)[0] == "005930"


def test_one_signal_a_drain_however_many_rows_changed(
    build: Build, market: MadeMarket, qtbot: QtBot
) -> None:
    model = build(UP, FLAT, DOWN)
    seen: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda top, bottom: seen.append((top.row(), bottom.row())))
    change(model, market, r0=FLAT, r1=UP, r2=FLAT)
    assert seen == [(0, 2)]


def test_an_unchanged_order_moves_nothing(build: Build, market: MadeMarket) -> None:
    model = build(UP, FLAT, DOWN)
    moved: list[int] = []
    model.layoutChanged.connect(lambda: moved.append(1))
    change(model, market, r0=(0.15, 0.1, 0.75))
    assert moved == []


def test_the_filter_finds_symbols_and_names_in_any_case(build: Build) -> None:
    model = build(UP, FLAT, DOWN)
    model.set_filter(parse(" APP"))
    assert symbols(model) == ["AAPL"]
    model.set_filter(parse("0"))
    assert symbols(model) == ["000020", "005930"]
    assert model.row_of("AAPL") is None
    model.set_filter(parse(""))
    assert model.row_of("AAPL") == 2


def test_a_selected_row_that_the_filter_hides_is_selected_no_more(build: Build) -> None:
    model = build(UP, FLAT, DOWN)
    model.set_filter(parse("Daon"))
    chosen = QPersistentModelIndex(model.index(0, 0))
    model.set_filter(parse("Apple"))
    assert symbols(model) == ["AAPL"]
    assert not chosen.isValid()


def test_the_list_of_buys_follows_who_is_in_class_2(build: Build, market: MadeMarket) -> None:
    model = build(UP, FLAT, DOWN)
    model.set_list(parse("is:buy"))
    assert symbols(model) == ["000020"]
    change(model, market, r2=(0.0, 0.1, 0.9))
    assert symbols(model) == ["AAPL", "000020"]


def test_every_column_has_a_heading_and_a_first_direction(build: Build) -> None:
    model = build(UP)
    across = Qt.Orientation.Horizontal
    titles = [model.headerData(c, across) for c in range(model.columnCount())]
    assert titles == [listed.cell.heading for listed in LIST_CELLS]
    assert all(titles)
    first = model.headerData(section("up"), across, Qt.ItemDataRole.InitialSortOrderRole)
    assert first == Qt.SortOrder.DescendingOrder


def test_the_model_keeps_qts_rules(build: Build, market: MadeMarket) -> None:
    model = build(UP, FLAT, DOWN)
    tester = strict_tester(model)
    change(model, market, r0=DOWN, r2=UP)
    model.set_filter(parse("App"))
    model.set_filter(parse(""))
    assert tester.model() is model


def test_another_thread_is_refused(build: Build) -> None:
    model = build(UP, FLAT, DOWN)
    refused: list[str] = []

    def touch() -> None:
        try:
            model.refresh()
        except RuntimeError as e:
            refused.append(str(e))

    thread = threading.Thread(target=touch)
    thread.start()
    thread.join()
    assert refused == ["a Qt model was touched off the main thread"]


def test_equal_confidences_keep_the_order_of_the_universe(build: Build) -> None:
    model = build(UP, UP, UP)
    assert symbols(model) == ["000020", "005930", "AAPL"]
