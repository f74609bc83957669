import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from client.state.attribution_map import View
from client.state.explained import Choice, Explained
from client.ui.shell.choices import Choices
from client.ui.theme.theme import Theme
from client.ui.ticker.heatmap_view import Cell
from client.ui.ticker.map_panel import MapPanel
from shared.contract import Class
from shared.phrases import in_full, in_short
from tests.kit.made_market import METHODS, SYMBOL, MadeMarket
from tests.kit.methods import CAM, FAULT
from tests.kit.widgets import move_pointer


@pytest.fixture
def explained(market: MadeMarket) -> Explained:
    explained = Explained(SYMBOL, METHODS)
    explained.apply(market.update(heatmaps={SYMBOL: market.heatmap(SYMBOL)}))
    return explained


@pytest.fixture
def panel(explained: Explained, theme: Theme, market: MadeMarket, qtbot: QtBot) -> MapPanel:
    panel = MapPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(740, 380)
    panel.show_explained(explained, market.universe())
    panel.show()
    return panel


def choices(panel: MapPanel, name: str) -> Choices:
    return next(c for c in panel.findChildren(Choices) if c.accessibleName() == name)


def button(panel: MapPanel, words: str) -> QToolButton:
    return next(b for b in panel.findChildren(QToolButton) if b.text() == words)


def pick(panel: MapPanel, name: str, words: str) -> Choice:
    """Choose from a list as its menu does, and return what was told."""
    told: list[Choice] = []
    panel.chosen.connect(told.append)
    next(a for a in choices(panel, name).menu().actions() if a.text().startswith(words)).trigger()
    (choice,) = told
    return choice


def press(panel: MapPanel, words: str) -> Choice:
    told: list[Choice] = []
    panel.chosen.connect(told.append)
    button(panel, words).click()
    (choice,) = told
    return choice


def see(panel: MapPanel, explained: Explained, choice: Choice, market: MadeMarket) -> None:
    """Have a choice answered and shown."""
    explained.choose(choice)
    by_name = {method.name: method for method in METHODS}
    answers = {
        wish: market.explanation(
            by_name[wish.method], target=Class.UP if wish.target is None else wish.target
        )
        for wish in explained.wishes()
    }
    explained.apply(market.update(explanations={SYMBOL: answers}))
    panel.show_explained(explained, market.universe())


def test_the_list_of_methods_marks_time_alone_and_what_fails(panel: MapPanel) -> None:
    actions = choices(panel, "Method").menu().actions()
    assert [a.text() for a in actions] == [
        "Saliency",
        "Grad-CAM\ttime only",
        "Guided backpropagation\tfails the sanity check",
        "Integrated Gradients",
    ]
    assert [a.isChecked() for a in actions] == [True, False, False, False]
    assert actions[1].toolTip() == "<qt>Features are summed away.</qt>"


def test_a_method_is_chosen_from_the_list(panel: MapPanel) -> None:
    assert pick(panel, "Method", "Grad-CAM") == Choice(method="grad_cam")


def test_a_class_is_chosen_from_the_list(panel: MapPanel) -> None:
    assert pick(panel, "Class", "Down") == Choice(target=Class.DOWN)
    words = [a.text() for a in choices(panel, "Class").menu().actions()]
    assert words == ["Winner", "Up", "Flat", "Down"]


def test_a_view_is_chosen_by_its_button(panel: MapPanel) -> None:
    assert press(panel, "absolute") == Choice(view=View.ABSOLUTE)


def test_comparing_offers_a_second_list(
    panel: MapPanel, explained: Explained, market: MadeMarket
) -> None:
    assert not choices(panel, "Beside").isVisible()
    choice = press(panel, "⇆ compare")
    assert choice.beside == "integrated_gradients"
    see(panel, explained, choice, market)
    assert choices(panel, "Beside").isVisible()
    assert button(panel, "⇆ compare").isChecked()
    assert pick(panel, "Beside", "Guided") == Choice(beside="guided_backprop")


def test_only_views_that_a_shown_method_has_can_be_chosen(
    panel: MapPanel, explained: Explained, market: MadeMarket
) -> None:
    def enabled() -> list[bool]:
        return [button(panel, view.value).isEnabled() for view in View]

    assert enabled() == [True, True, True]
    see(panel, explained, Choice(method="grad_cam"), market)
    assert enabled() == [False, True, False]
    assert button(panel, "absolute").isChecked()
    see(panel, explained, Choice(method="grad_cam", beside="integrated_gradients"), market)
    assert enabled() == [True, True, False]


def test_the_title_asks_and_the_verdict_stands_beside_it(
    panel: MapPanel, explained: Explained, market: MadeMarket
) -> None:
    assert panel.first.title.text() == "Why up?  Saliency × input · features × time"
    see(panel, explained, Choice(view=View.SIGNED), market)
    assert panel.first.title.text() == "Why up?  Saliency · features × time"
    choice = Choice(method="guided_backprop", target=Class.DOWN, view=View.SIGNED)
    see(panel, explained, choice, market)
    assert panel.first.title.text() == "Why not down?  Guided backpropagation · features × time"
    assert panel.first.verdict.text() == in_full(FAULT)
    assert panel.first.verdict.property("role") == "caution"
    see(panel, explained, Choice(method="grad_cam"), market)
    assert panel.first.title.text() == "Why up?  Grad-CAM · time only"
    assert panel.first.verdict.property("role") == "small"


def test_two_methods_stand_beside_each_other(
    panel: MapPanel, explained: Explained, market: MadeMarket
) -> None:
    assert not panel.second.isVisible()
    see(panel, explained, Choice(beside="grad_cam"), market)
    assert panel.second.isVisible()
    assert panel.first.title.text() == "Why up?  Saliency × input · features × time"
    assert panel.second.title.text() == "Why up?  Grad-CAM · time only"
    assert panel.second.view.rows == ("time",)


def test_what_is_waited_for_leaves_the_cells_empty_and_a_refusal_is_said(
    panel: MapPanel, explained: Explained, market: MadeMarket
) -> None:
    explained.choose(Choice(method="grad_cam"))
    panel.show_explained(explained, market.universe())
    assert panel.first.title.text() == "Waiting for the server's answer"
    assert panel.first.view.attribution is None
    empty = panel.first.view.grab().toImage()
    (wish,) = explained.wishes()
    explained.apply(market.update(explanations={SYMBOL: {wish: "The server is busy."}}))
    panel.show_explained(explained, market.universe())
    assert panel.first.title.text() == "Why?"
    assert panel.first.view.grab().toImage() != empty


def test_a_map_of_a_bar_that_passed_says_so_if_it_stays(
    panel: MapPanel, explained: Explained, market: MadeMarket
) -> None:
    see(panel, explained, Choice(method="grad_cam"), market)
    explained.apply(market.update(heatmaps={SYMBOL: market.heatmap(SYMBOL, newest=60)}))
    panel.show_explained(explained, market.universe())
    assert "the bar before" not in panel.first.title.text()
    panel.show_explained(explained, market.universe(), tell_late=True)
    assert panel.first.title.text().endswith("of the bar before, asking anew")


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


def test_every_control_is_reached_by_the_keyboard_and_explains_itself(panel: MapPanel) -> None:
    buttons = [b for b in panel.controls.findChildren(QToolButton) if b.isVisible()]
    assert len(buttons) == 6
    for shown in buttons:
        assert shown.focusPolicy() == Qt.FocusPolicy.TabFocus
        assert shown.toolTip()


def test_the_tip_of_a_chosen_method_says_what_it_loses(
    panel: MapPanel, explained: Explained, market: MadeMarket
) -> None:
    see(panel, explained, Choice(method="grad_cam"), market)
    tip = choices(panel, "Method").toolTip()
    assert tip == "<qt>Method: Grad-CAM<br>time only<br>Features are summed away.</qt>"
    see(panel, explained, Choice(method="guided_backprop"), market)
    assert in_short(FAULT) in choices(panel, "Method").toolTip()


def test_another_model_changes_the_list(
    panel: MapPanel, explained: Explained, market: MadeMarket
) -> None:
    explained.apply(market.update(methods=METHODS[:1]))
    panel.show_explained(explained, market.universe())
    assert [a.text() for a in choices(panel, "Method").menu().actions()] == ["Saliency"]
    assert CAM not in explained.methods
