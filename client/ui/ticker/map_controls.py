"""The row of controls over the maps: method, class, view, and a second method to compare with."""

import dataclasses
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QToolButton, QWidget

from client.state.attribution_map import View, view_for, views_of
from client.state.explained import Choice, Explained
from client.state.methods import remark
from client.ui.widgets.choices import Choices, Item
from shared.contract import CLASS_NAMES, Class

_VIEW_TIPS: Final = {
    View.SIGNED: "What speaks for the class, and what against it",
    View.ABSOLUTE: "How much each cell counts, whichever way",
    View.TIMES_INPUT: "Slope × how far the cell is from its training mean: what it added",
}
_TARGETS: Final[dict[object, Item]] = {
    None: Item("Winner", tip="What speaks for the class that won, and what against it"),
    **{
        target: Item(CLASS_NAMES[target].title(), tip=f"Why {CLASS_NAMES[target]}, or why not?")
        for target in reversed(Class)
    },
}
_METHOD_PX: Final = 142
_CLASS_PX: Final = 90


class MapControls(QWidget):
    """The controls; they show a choice, and tell of another one.

    Signals:
        chosen: The user chose this `Choice`.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._explained: Explained | None = None
        self._choice = Choice()
        self._method, self._beside = Choices("Method", _METHOD_PX), Choices("Beside", _METHOD_PX)
        self._target = Choices("Class", _CLASS_PX)
        self._target.fill(_TARGETS)
        self._views = {view: _chip(view.value, tip) for view, tip in _VIEW_TIPS.items()}
        self._group = QButtonGroup(self)
        for button in self._views.values():
            self._group.addButton(button)
        self._compare = _chip("⇆ compare", "A second method on the same window (C)")
        self._lay_out()
        self._method.chosen.connect(self._choose_method)
        self._beside.chosen.connect(self._choose_beside)
        self._target.chosen.connect(self._choose_target)
        self._group.buttonClicked.connect(self._choose_view)
        self._compare.clicked.connect(self.toggle_beside)

    def show_choice(self, explained: Explained) -> None:
        """Show what is wanted, and what else there is."""
        self._explained, self._choice = explained, explained.choice
        items: dict[object, Item] = {
            m.name: Item(m.title, remark(m), m.note) for m in explained.methods
        }
        beside = explained.beside
        for button, method in ((self._method, explained.method), (self._beside, beside)):
            if method is not None:
                button.fill(items)
                button.show_chosen(method.name)
        self._beside.setVisible(beside is not None)
        self._compare.setChecked(beside is not None)
        self._compare.setEnabled(len(explained.methods) > 1)
        self._target.show_chosen(explained.choice.target)
        self._show_views(explained)

    def step(self, steps: int) -> None:
        """Choose the method that stands `steps` further in the list."""
        if self._explained is not None:
            self.chosen.emit(self._explained.step(steps))

    def toggle_beside(self) -> None:
        """Show a second method, or no longer."""
        if self._explained is not None:
            self.chosen.emit(self._explained.toggle_beside())

    def _show_views(self, explained: Explained) -> None:
        methods = [m for m in (explained.method, explained.beside) if m is not None]
        possible = {view for method in methods for view in views_of(method)}
        wanted = explained.choice.view
        shown = wanted if wanted in possible else view_for(explained.method, wanted)
        for view, button in self._views.items():
            button.setEnabled(view in possible)
            button.setChecked(view == shown)

    def _choose_method(self, name: str) -> None:
        self.chosen.emit(dataclasses.replace(self._choice, method=name))

    def _choose_beside(self, name: str) -> None:
        self.chosen.emit(dataclasses.replace(self._choice, beside=name))

    def _choose_target(self, target: Class | None) -> None:
        self.chosen.emit(dataclasses.replace(self._choice, target=target))

    def _choose_view(self, button: QAbstractButton) -> None:
        self.chosen.emit(dataclasses.replace(self._choice, view=View(button.text())))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for button in (self._method, self._beside, self._target, *self._views.values()):
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self._compare)


def _chip(words: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(words)
    button.setToolTip(tip)
    button.setProperty("role", "chip")
    button.setCheckable(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
