from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from client.state.attribution_map import View
from client.state.explained import Choice, Explained
from client.ui.ticker.map_panel import MapPanel
from client.ui.widgets.choices import MOST_ITEMS, Choices, Item
from shared.contract import Class
from shared.limits import MAX_METHODS
from shared.phrases import in_short
from tests.kit.made_market import METHODS, MadeMarket
from tests.kit.map_choice import see
from tests.kit.methods import CAM, FAULT, LIVE, a_method


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


def test_methods_without_end_are_offered_up_to_a_bound(
    panel: MapPanel, explained: Explained, market: MadeMarket, qtbot: QtBot
) -> None:
    many = tuple(a_method(f"m{nth}", f"Method {nth}") for nth in range(50_000))
    explained.apply(market.update(methods=(LIVE, *many)))
    panel.show_explained(explained, market.universe())
    assert len(explained.methods) == MAX_METHODS
    assert len(choices(panel, "Method").menu().actions()) == MOST_ITEMS
    panel.controls.step(-1)
    endless = Choices("Endless", 90)
    qtbot.addWidget(endless)
    endless.fill({nth: Item(str(nth)) for nth in range(50_000)})
    assert len(endless.menu().actions()) == MOST_ITEMS


def test_every_control_is_reached_by_the_keyboard_and_explains_itself(panel: MapPanel) -> None:
    buttons = [b for b in panel.controls.findChildren(QToolButton) if b.isVisible()]
    assert len(buttons) == 6
    for shown in buttons:
        assert shown.focusPolicy() == Qt.FocusPolicy.TabFocus
        assert shown.toolTip()
