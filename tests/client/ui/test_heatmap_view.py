import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from client.ui.heatmap_view import Cell, HeatmapView
from client.ui.look import Look
from shared.contract import FEATURES, STEPS
from tests.client.ui.conftest import MadeMarket


@pytest.fixture
def view(look: Look, market: MadeMarket, qtbot: QtBot) -> HeatmapView:
    view = HeatmapView(look)
    qtbot.addWidget(view)
    view.resize(440, 270)
    view.show_heatmap(market.heatmap("AAPL"), market.universe())
    return view


def color_at(view: HeatmapView, cell: Cell) -> QColor:
    image = view.grab().toImage()
    return image.pixelColor(view.cell_rect(cell).center().toPoint())


def test_every_cell_is_found_where_it_is(view: HeatmapView) -> None:
    for step in range(STEPS):
        for feature in range(len(FEATURES)):
            cell = Cell(step, feature)
            assert view.cell_at(view.cell_rect(cell).center()) == cell
    assert view.cell_at(QPointF(1, 1)) is None


def test_cells_are_colored_from_against_to_for(view: HeatmapView, look: Look) -> None:
    # The made saliency counts from -24 (oldest bar, first feature) to 23; 0 is cell (3, 0).
    for cell, color in ((Cell(0, 0), look.ramp[0]), (Cell(3, 0), look.tokens.no_saliency)):
        assert color_at(view, cell) == QColor(*color)


def test_the_tip_names_feature_bar_and_the_three_values(view: HeatmapView) -> None:
    tip = view.tip(Cell(5, 4))
    assert "<b>volume</b> · now · 2026-01-11" in tip
    assert "raw +0.0200 log ratio" in tip
    assert "scaled +2.00 σ" in tip
    assert "saliency +20, for up" in tip
    assert "against up" in view.tip(Cell(0, 0))


def test_the_pointer_outlines_a_cell_and_tells_its_bar(
    view: HeatmapView, look: Look, market: MadeMarket, qtbot: QtBot
) -> None:
    told: list[object] = []
    view.bar_hovered.connect(told.append)
    inside = view.cell_rect(Cell(5, 2)).center().toPoint()
    QTest.mouseMove(view, inside)
    QTest.mouseMove(view, QPoint(1, 1))
    assert told == [int(market.times(60)[-1]), None]


def test_a_refusal_stands_in_place_of_the_cells(view: HeatmapView) -> None:
    filled = view.grab().toImage()
    view.show_refusal("not enough bars yet")
    assert view.heatmap is None
    assert view.tip(Cell(0, 0)) == ""
    assert view.grab().toImage() != filled
