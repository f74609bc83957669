"""What the model is, and how its buys did beside what was said of them: on F2 or its name."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from client.clock import now_ms
from client.state import text
from client.state.model_facts import ModelFact, Standpoint, model_facts
from client.state.table import Table
from client.state.track import promise_of, track_lines, track_sentence
from client.state.update import Update
from client.ui.theme.theme import mono
from client.ui.widgets.plain_label import PlainLabel
from shared.protocol.answers import ModelCard
from shared.protocol.messages import TrackRecord

_HEADS: Final = ("", "newest buys", "95% of days drawn anew", "promised")
_WARNING: Final = "⚠ "
_WORDS_PX: Final = 560  # a line of words, before it goes on below


class ModelDialog(QDialog):
    """What is known of the model over a table of what came true.

    Args:
        parent: The window that it belongs to.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sentence, self._of = PlainLabel(), PlainLabel(role="muted")
        self._facts, self._figures = _grid(), _grid()
        self._fact_rows: list[list[PlainLabel]] = []
        self._rows: list[list[PlainLabel]] = []
        self._heads = _line(self._figures, 0, ("small",) * len(_HEADS))
        for label, head in zip(self._heads, _HEADS, strict=True):
            label.setText(head)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(9)
        column.addLayout(self._facts)
        column.addSpacing(14)
        column.addWidget(PlainLabel("What came true", "small"))
        column.addWidget(self._sentence)
        column.addWidget(self._of)
        column.addLayout(self._figures)

    def show_facts(self, model: str, facts: Sequence[ModelFact]) -> None:
        """Show what is known of a model."""
        self.setWindowTitle(f"Model {model}" if model else "Model")
        for row, fact in enumerate(facts):
            if row >= len(self._fact_rows):
                self._fact_rows.append(_line(self._facts, row, ("muted", "")))
                self._fact_rows[row][1].setWordWrap(True)
                self._fact_rows[row][1].setFixedWidth(_WORDS_PX)
            name, words = self._fact_rows[row]
            name.setText(fact.name)
            words.setText(f"{_WARNING if fact.warns else ''}{fact.words}")
        _show_first(self._fact_rows, len(facts))

    def show_track(self, track: TrackRecord | None, promise: tuple[float, float] | None) -> None:
        """Show what came true of it."""
        self._sentence.setText(f"{_mark(track)}{track_sentence(track)}")
        newest, judged = (0, 0) if track is None else (track.newest, track.judged)
        self._of.setText(f"The newest {newest:,} of {judged:,} buys with an outcome")
        lines = () if track is None else track_lines(track, promise)
        for row, line in enumerate(lines):
            if row >= len(self._rows):
                self._rows.append(_line(self._figures, row + 1, ("", "", "muted", "muted")))
                for label in self._rows[row][1:]:
                    label.setFont(mono(12))
            words = (line.name, line.live, line.interval, line.promised)
            for label, said in zip(self._rows[row], words, strict=True):
                label.setText(said)
        _show_first(self._rows, len(lines))
        _show_first([self._heads], min(len(lines), 1))


class ModelKeeper(QObject):
    """Knows the model, its promise and its record; shows them when somebody asks.

    Attributes:
        market_ms: What time it is in the market, ms since 1970 UTC; 0 where that is not known.

    Args:
        window: Whose dialog it is.
        table: What the model says now.
    """

    market_ms: int

    def __init__(self, window: QWidget, table: Table) -> None:
        super().__init__(window)
        self._window, self._table = window, table
        self.market_ms = 0
        self._card: ModelCard | None = None
        self._track: TrackRecord | None = None
        self._dialog: ModelDialog | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Return the name of the model, with a mark where its promise is broken; none before."""
        return (f"{_mark(self._track)}model {self._name}",) if self._name else ()

    def take(self, update: Update) -> None:
        """Take what is new of the model; another run may be of another one."""
        if update.restarted:
            self._card, self._track = None, None
        self._card = update.card or self._card
        if update.status is not None:
            self._track = update.status.track
        if self._dialog is not None and self._dialog.isVisible():
            self._show(self._dialog)

    def open(self) -> None:
        """Show all of it, and keep it up to date while it is open."""
        if self._dialog is None:
            self._dialog = ModelDialog(self._window)
        self._show(self._dialog)
        self._dialog.show()
        self._dialog.activateWindow()

    @property
    def _name(self) -> str:
        return "" if self._card is None else self._card.stamp.model_id.partition("@")[0]

    def _show(self, dialog: ModelDialog) -> None:
        universe, card = self._table.universe, self._card
        zone = text.zone_of("UTC" if universe is None else universe.timezone)
        # Bars of a history that is being read are none that anything is said of.
        market_ms = 0 if self._table.past else self.market_ms
        moment = Standpoint(now_ms=now_ms(), market_ms=market_ms, zone=zone)
        dialog.show_facts(self._name, () if card is None else model_facts(card, moment))
        dialog.show_track(self._track, None if card is None else promise_of(card))


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(28)
    grid.setVerticalSpacing(9)
    return grid


def _line(grid: QGridLayout, row: int, roles: Sequence[str]) -> list[PlainLabel]:
    labels = [PlainLabel(role=role) for role in roles]
    for column, label in enumerate(labels):
        grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignTop)
    return labels


def _show_first(rows: Sequence[Sequence[PlainLabel]], count: int) -> None:
    for row, labels in enumerate(rows):
        for label in labels:
            label.setVisible(row < count)


def _mark(track: TrackRecord | None) -> str:
    return _WARNING if track is not None and track.parted else ""
