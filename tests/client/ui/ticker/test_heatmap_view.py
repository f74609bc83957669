import msgspec
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor, QFocusEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from client.state.attribution_map import AttributionMap, View, answered_map, live_map
from client.ui.theme.theme import Theme
from client.ui.ticker.cell import Cell
from client.ui.ticker.heatmap_view import HeatmapView
from models.data.features.price_volume import PRICE_VOLUME
from shared.contract import STEPS, WINDOW_SHAPE
from tests.kit.feature_sets import a_set
from tests.kit.made_market import SYMBOL, MadeMarket
from tests.kit.methods import CAM, LIVE
from tests.kit.widgets import move_pointer


@pytest.fixture
def live(market: MadeMarket) -> AttributionMap:
    return live_map(market.heatmap(SYMBOL), LIVE, PRICE_VOLUME.features)


@pytest.fixture
def cam(market: MadeMarket) -> AttributionMap:
    return answered_map(market.explanation(CAM), PRICE_VOLUME.features)


@pytest.fixture
def view(theme: Theme, market: MadeMarket, live: AttributionMap, qtbot: QtBot) -> HeatmapView:
    view = HeatmapView(theme)
    qtbot.addWidget(view)
    view.resize(440, 270)
    view.show_attribution(live, View.SIGNED, market.universe())
    return view


def color_at(view: HeatmapView, cell: Cell) -> QColor:
    image = view.grab().toImage()
    return image.pixelColor(view.cell_rect(cell).center().toPoint())


def test_every_cell_is_found_where_it_is(view: HeatmapView) -> None:
    for step in range(STEPS):
        for feature in range(WINDOW_SHAPE[1]):
            cell = Cell(step, feature)
            assert view.cell_at(view.cell_rect(cell).center()) == cell
    assert view.cell_at(QPointF(1, 1)) is None


def test_rows_and_tips_bear_the_names_of_whatever_set_it_is(
    view: HeatmapView, market: MadeMarket
) -> None:
    other = live_map(market.heatmap(SYMBOL), LIVE, a_set().features)
    view.show_attribution(other, View.SIGNED, market.universe())
    assert view.rows == tuple(f"since {i}" for i in range(8, 0, -1))
    assert view.tip(Cell(5, 7)).startswith("<b>since 1</b> · now")
    view.show_sentence("")
    assert view.rows == a_set().labels


def test_a_label_may_be_longer_than_there_is_room(view: HeatmapView, market: MadeMarket) -> None:
    features = (
        msgspec.structs.replace(PRICE_VOLUME.features[0], label="W" * 24),
        *PRICE_VOLUME.features[1:],
    )
    shown = live_map(market.heatmap(SYMBOL), LIVE, features)
    view.show_attribution(shown, View.SIGNED, market.universe())
    first = view.cell_rect(Cell(0, 0))
    beside = view.grab().toImage().pixelColor(int(first.left()) - 4, int(first.center().y()))
    assert beside == view.grab().toImage().pixelColor(int(first.left()) - 4, 2)


def test_cells_are_colored_from_against_to_for(view: HeatmapView, theme: Theme) -> None:
    # The made saliency counts from -24 (oldest bar, first feature) to 23; 0 is cell (3, 0).
    for cell, color in (
        (Cell(0, 0), theme.signed.colors[0]),
        (Cell(3, 0), theme.tokens.no_saliency),
    ):
        assert color_at(view, cell) == QColor(*color)


def test_absolute_takes_no_side(
    view: HeatmapView, theme: Theme, live: AttributionMap, market: MadeMarket
) -> None:
    view.show_attribution(live, View.ABSOLUTE, market.universe())
    for cell, color in ((Cell(0, 0), theme.tokens.text), (Cell(3, 0), theme.tokens.no_saliency)):
        assert color_at(view, cell) == QColor(*color)


def test_times_input_shows_the_product(
    view: HeatmapView, theme: Theme, live: AttributionMap, market: MadeMarket
) -> None:
    # The made input has the sign of the saliency everywhere, so that every product speaks for it.
    view.show_attribution(live, View.TIMES_INPUT, market.universe())
    assert color_at(view, Cell(0, 0)) == QColor(*theme.signed.colors[-1])
    assert "Saliency × input +57.6, for up" in view.tip(Cell(0, 0))


def test_a_method_of_time_alone_is_one_row_of_six_cells(
    view: HeatmapView, theme: Theme, cam: AttributionMap, market: MadeMarket
) -> None:
    view.show_attribution(cam, View.ABSOLUTE, market.universe())
    assert view.rows == ("time",)
    image = view.grab().toImage()
    for step in range(STEPS):
        cell = view.cell_rect(Cell(step, 0))
        assert view.cell_at(cell.center()) == Cell(step, 0)
        # From the first row down, the column is panel but for the words of the note.
        below = [image.pixelColor(round(cell.left()) + 2, y) for y in range(60, 265)]
        first = image.pixelColor(round(cell.left()) + 2, round(cell.center().y()))
        assert first not in below
    assert color_at(view, Cell(0, 0)) == QColor(*theme.tokens.no_saliency)
    assert color_at(view, Cell(5, 0)) == QColor(*theme.tokens.text)
    assert view.cell_at(QPointF(view.cell_rect(Cell(2, 0)).center().x(), 100)) is None


def test_what_time_alone_says_has_no_feature(
    view: HeatmapView, cam: AttributionMap, market: MadeMarket
) -> None:
    view.show_attribution(cam, View.ABSOLUTE, market.universe())
    tip = view.tip(Cell(5, 0))
    assert "<b>time</b> · now · 2026-01-11" in tip
    assert "Grad-CAM +40" in tip
    assert "raw" not in tip


def test_an_outline_does_not_outlive_its_row(
    view: HeatmapView, live: AttributionMap, cam: AttributionMap, market: MadeMarket
) -> None:
    universe = market.universe()
    view.show_attribution(cam, View.ABSOLUTE, universe)
    plain = view.grab().toImage()
    view.show_attribution(live, View.SIGNED, universe)
    view.outline(Cell(2, 6))
    view.show_attribution(cam, View.ABSOLUTE, universe)
    assert view.grab().toImage() == plain


def test_the_tip_names_feature_bar_and_the_three_values(view: HeatmapView) -> None:
    tip = view.tip(Cell(5, 4))
    assert "<b>volume</b> · now · 2026-01-11" in tip
    assert "raw +0.0200 log ratio" in tip
    assert "scaled +2.00 σ" in tip
    assert "Saliency +20, for up" in tip
    assert "against up" in view.tip(Cell(0, 0))


def test_the_pointer_outlines_a_cell_and_tells_which(view: HeatmapView) -> None:
    told: list[object] = []
    view.hovered.connect(told.append)
    plain = view.grab().toImage()
    move_pointer(view, view.cell_rect(Cell(5, 2)).center())
    assert view.grab().toImage() != plain
    move_pointer(view, QPointF(1, 1))
    assert told == [Cell(5, 2), None]
    assert view.grab().toImage() == plain


def test_a_sentence_stands_in_place_of_the_cells(view: HeatmapView) -> None:
    filled = view.grab().toImage()
    view.show_sentence("not enough bars yet")
    assert view.attribution is None
    assert view.tip(Cell(0, 0)) == ""
    assert view.grab().toImage() != filled


def test_without_a_sentence_the_cells_stand_empty(view: HeatmapView, theme: Theme) -> None:
    view.show_sentence("")
    assert color_at(view, Cell(0, 0)) == QColor(*theme.tokens.no_saliency)


def test_rows_share_the_height(view: HeatmapView) -> None:
    view.resize(440, 400)
    assert view.cell_rect(Cell(0, 7)).bottom() == 24 + 8 * 40 - 3
    view.resize(440, 150)
    assert view.cell_rect(Cell(0, 1)).top() - view.cell_rect(Cell(0, 0)).top() == 22


def test_a_bar_that_is_pointed_at_has_its_cells_framed(
    view: HeatmapView, market: MadeMarket
) -> None:
    plain = view.grab().toImage()
    view.light(int(market.times(60)[57]))
    framed = view.grab().toImage()
    cell = view.cell_rect(Cell(3, 0))
    edge = QPointF(cell.left() - 2, cell.center().y()).toPoint()
    assert framed.pixelColor(edge) != plain.pixelColor(edge)
    for bar_ms in (int(market.times(60)[53]), None):
        view.light(bar_ms)
        assert view.grab().toImage() == plain


def test_cells_are_reached_by_arrows_and_read_to_who_cannot_see_them(
    view: HeatmapView, qtbot: QtBot
) -> None:
    view.show()
    told: list[Cell | None] = []
    view.hovered.connect(told.append)

    def said() -> str:
        read = QAccessible.queryAccessibleInterface(view)
        assert read is not None
        return read.text(QAccessible.Text.Description)

    QTest.keyClick(view, Qt.Key.Key_Right)
    assert said().startswith("open gap · now · ")
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert told == [Cell(5, 0), Cell(5, 1), Cell(4, 1)]
    assert said().startswith("high · −1 · ")
    assert "for up" in said()
    assert " σ" in said()
    view.focusOutEvent(QFocusEvent(QEvent.Type.FocusOut))
    assert told[-1] is None
