from PySide6.QtCore import QPointF

from client.state import captions
from client.state.attribution_map import View
from client.state.explained import Choice, Explained
from client.ui.ticker.cell import Cell
from client.ui.ticker.map_panel import MapPane, MapPanel
from shared.contract import Class
from shared.explaining import OfferedMethod
from shared.phrases import in_plain_words
from tests.kit.made_market import SYMBOL, MadeMarket
from tests.kit.map_choice import see
from tests.kit.methods import CAM, FAULT, GUIDED, LIVE
from tests.kit.widgets import move_pointer


def asked(pane: MapPane, view: View = View.TIMES_INPUT) -> tuple[OfferedMethod, Class]:
    """Return the method and the class of a map whose title asks for them in this view."""
    shown = pane.view.attribution
    assert shown is not None
    assert pane.title.text() == captions.title(shown, view)
    return shown.method, shown.target


def test_the_title_asks_and_the_verdict_stands_beside_it(
    panel: MapPanel, explained: Explained, market: MadeMarket
) -> None:
    assert asked(panel.first, View.TIMES_INPUT) == (LIVE, Class.UP)
    see(panel, explained, Choice(view=View.SIGNED), market)
    assert asked(panel.first, View.SIGNED) == (LIVE, Class.UP)
    choice = Choice(method="guided_backprop", target=Class.DOWN, view=View.SIGNED)
    see(panel, explained, choice, market)
    assert asked(panel.first, View.SIGNED) == (GUIDED, Class.DOWN)
    assert panel.first.verdict.text() == in_plain_words(FAULT)
    assert panel.first.verdict.property("role") == "caution"
    see(panel, explained, Choice(method="grad_cam"), market)
    assert asked(panel.first) == (CAM, Class.UP)
    assert panel.first.verdict.property("role") == "small"


def test_two_methods_stand_beside_each_other(
    panel: MapPanel, explained: Explained, market: MadeMarket
) -> None:
    assert not panel.second.isVisible()
    see(panel, explained, Choice(beside="grad_cam"), market)
    assert panel.second.isVisible()
    assert asked(panel.first) == (LIVE, Class.UP)
    assert asked(panel.second) == (CAM, Class.UP)
    assert panel.second.view.rows == ("time",)


def test_the_live_map_stands_in_dimmed_for_what_is_waited_for_and_a_refusal_is_said(
    panel: MapPanel, explained: Explained, market: MadeMarket
) -> None:
    plain = panel.first.view.grab().toImage()
    explained.choose(Choice(method="grad_cam"))
    panel.show_explained(explained, market.universe())
    stands_in = panel.first.view.attribution
    assert stands_in is not None
    assert stands_in.method == LIVE
    assert panel.first.title.text() == captions.waiting_title(stands_in, View.TIMES_INPUT, CAM)
    empty = panel.first.view.grab().toImage()
    assert empty != plain
    (wish,) = explained.wishes()
    explained.apply(market.update(explanations={SYMBOL: {wish: "The server is busy."}}))
    panel.show_explained(explained, market.universe())
    assert panel.first.title.text() == "Why?"
    assert panel.first.view.grab().toImage() != empty


def test_a_map_of_a_bar_that_passed_leaves_its_cells_to_the_live_one(
    panel: MapPanel, explained: Explained, market: MadeMarket
) -> None:
    see(panel, explained, Choice(method="grad_cam"), market)
    explained.apply(market.update(heatmaps={SYMBOL: market.heatmap(SYMBOL, newest=60)}))
    panel.show_explained(explained, market.universe())
    assert asked(panel.first) == (CAM, Class.UP)
    panel.show_explained(explained, market.universe(), tell_late=True)
    stands_in = panel.first.view.attribution
    assert stands_in is not None
    assert (stands_in.method, stands_in.bar_ms[-1]) == (LIVE, market.times(61)[60])
    assert panel.first.title.text() == captions.waiting_title(stands_in, View.TIMES_INPUT, CAM)


def test_pointing_at_a_cell_outlines_it_in_both_maps_and_tells_its_bar(
    panel: MapPanel, explained: Explained, market: MadeMarket
) -> None:
    see(panel, explained, Choice(beside="guided_backprop"), market)
    told: list[object] = []
    panel.bar_hovered.connect(told.append)
    plain = panel.second.view.grab().toImage()
    pointed = panel.first.view
    move_pointer(pointed, pointed.cell_rect(Cell(3, 2)).center())
    assert panel.second.view.grab().toImage() != plain
    move_pointer(pointed, QPointF(0, 0))
    assert panel.second.view.grab().toImage() == plain
    assert told == [int(market.times(60)[57]), None]


def test_a_bar_alone_outlines_no_cell_of_features(
    panel: MapPanel, explained: Explained, market: MadeMarket
) -> None:
    see(panel, explained, Choice(beside="grad_cam"), market)
    first, second = panel.first.view, panel.second.view
    plain_first, plain_second = first.grab().toImage(), second.grab().toImage()
    move_pointer(first, first.cell_rect(Cell(3, 5)).center())
    assert second.grab().toImage() != plain_second
    move_pointer(first, QPointF(0, 0))
    move_pointer(second, second.cell_rect(Cell(3, 0)).center())
    assert first.grab().toImage() == plain_first
