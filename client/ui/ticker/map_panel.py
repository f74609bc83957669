"""Why: one map of the window or two beside each other, under their controls."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from client.state import captions
from client.state.attribution_map import view_for
from client.state.explained import WAITING, Explained, Shown
from client.state.methods import is_doubtful
from client.ui.theme.theme import Look
from client.ui.ticker.cell import Cell
from client.ui.ticker.heatmap_view import SPARE_PX, HeatmapView
from client.ui.ticker.map_controls import MapControls
from client.ui.widgets.panel import ElidedLabel
from shared.explaining import OfferedMethod
from shared.phrases import in_full, in_plain_words, measured
from shared.protocol.answers import Universe

_BESIDE_PX: Final = 16


class MapPane(QWidget):
    """One map with its title, and what checks found of its method.

    Attributes:
        view: The map.
        title: What it answers.
        verdict: What was found.
    """

    view: HeatmapView
    title: ElidedLabel
    verdict: ElidedLabel

    def __init__(self, look: Look, *, labels: bool = True) -> None:
        super().__init__()
        self.view = HeatmapView(look, labels=labels)
        self.title, self.verdict = ElidedLabel("small"), ElidedLabel("caution")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.title)
        column.addWidget(self.verdict)
        column.addSpacing(4)
        column.addWidget(self.view, 1)

    def show_map(
        self,
        shown: Shown,
        explained: Explained,
        universe: Universe,
    ) -> None:
        """Show a map of `explained`, dimmed where it only stands in, or say why there is none."""
        attribution, wanted, when = shown
        if isinstance(attribution, str):
            waiting = attribution == WAITING
            self.title.show_words(attribution if waiting else "Why?")
            self.verdict.show_words("")
            self.view.show_sentence("" if waiting else attribution)
            return
        view = explained.choice.view
        if wanted is None:
            title = captions.title(attribution, view)
            words = f"{when} · {title}" if when else title
            self.title.show_words(words, attribution.method.note)
            self._show_verdict(explained.checked_method(attribution))
        else:
            self.title.show_words(captions.waiting_title(attribution, view, wanted), wanted.note)
            self.verdict.show_words("")
        usual = view_for(attribution.method, view)
        self.view.show_attribution(attribution, usual, universe, dimmed=wanted is not None)

    def _show_verdict(self, checked: OfferedMethod) -> None:
        verdict = checked.verdict
        if verdict is None:
            self.verdict.show_words("")
        else:
            self.verdict.show_words(
                in_plain_words(verdict), f"{in_full(verdict)}: {measured(verdict)}"
            )
        self.verdict.set_role("caution" if is_doubtful(checked) else "small")


class MapPanel(QFrame):
    """The maps of a window.

    Signals:
        chosen: The user wants this `Choice`.
        bar_hovered: The close of the bar under the pointer in ms since 1970 UTC, as an object
            because it is wider than a C int; None when the pointer left.

    Attributes:
        controls: What is chosen.
        first: The map of the chosen method.
        second: The map beside it; hidden without one.
    """

    chosen = Signal(object)
    bar_hovered = Signal(object)

    controls: MapControls
    first: MapPane
    second: MapPane

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.controls = MapControls()
        self.first, self.second = MapPane(look), MapPane(look, labels=False)
        self.controls.chosen.connect(self.chosen)
        self.first.view.hovered.connect(self._point_first)
        self.second.view.hovered.connect(self._point_second)
        panes = QHBoxLayout()
        panes.setSpacing(_BESIDE_PX)
        panes.addWidget(self.first, 4)
        panes.addWidget(self.second, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 11, 14, 8)
        column.setSpacing(9)
        column.addWidget(self.controls)
        column.addLayout(panes, 1)
        self.setMaximumHeight(self.sizeHint().height() + SPARE_PX)

    def show_explained(
        self, explained: Explained, universe: Universe, *, tell_late: bool = False
    ) -> None:
        """Show what is wanted and what was told.

        Args:
            explained: What is wanted and what was told.
            universe: What the ticker is of.
            tell_late: Whether a map of a window that has passed gives way to the live one.
        """
        self.controls.show_choice(explained)
        beside = explained.shown_beside(tell_late=tell_late)
        self.second.setVisible(beside is not None)
        self.first.show_map(explained.shown(tell_late=tell_late), explained, universe)
        if beside is not None:
            self.second.show_map(beside, explained, universe)

    def light(self, bar_ms: int | None) -> None:
        """Frame the cells of the bar that closes at `bar_ms`, ms since 1970 UTC, if it is here."""
        for pane in (self.first, self.second):
            pane.view.light(bar_ms)

    def _point_first(self, cell: Cell | None) -> None:
        self._point(self.first.view, self.second.view, cell)

    def _point_second(self, cell: Cell | None) -> None:
        self._point(self.second.view, self.first.view, cell)

    def _point(self, pointed: HeatmapView, other: HeatmapView, cell: Cell | None) -> None:
        attribution = pointed.attribution
        if cell is None or attribution is None:
            other.outline(None)
            self.bar_hovered.emit(None)
            return
        other.outline(_counterpart(cell, pointed, other))
        self.bar_hovered.emit(int(attribution.bar_ms[cell.step]))


def _counterpart(cell: Cell, pointed: HeatmapView, other: HeatmapView) -> Cell | None:
    # The same cell in the other map; a bar alone is no cell of a map that has features.
    if len(other.rows) == 1:
        return Cell(cell.step, 0)
    return cell if len(pointed.rows) == len(other.rows) else None
