"""How the model's buys did, beside what was said of them: on F2, or a click on its name."""

from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from client.state.track import promise_of, track_lines, track_sentence
from client.state.update import Update
from client.ui.theme.theme import mono
from client.ui.widgets.plain_label import PlainLabel
from shared.protocol.messages import TrackRecord

_HEADS: Final = ("", "newest buys", "95% of days drawn anew", "promised")
_PARTED: Final = "⚠ "


class TrackDialog(QDialog):
    """A table of figures under a sentence.

    Args:
        parent: The window that it belongs to.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sentence, self._of = PlainLabel(), PlainLabel(role="muted")
        self._cells: list[list[PlainLabel]] = []
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(24, 20, 24, 20)
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(9)
        grid.addWidget(self._sentence, 0, 0, 1, len(_HEADS))
        grid.addWidget(self._of, 1, 0, 1, len(_HEADS))
        for column, head in enumerate(_HEADS):
            grid.addWidget(PlainLabel(head, "small"), 2, column)

    def show_track(
        self, model: str, track: TrackRecord | None, promise: tuple[float, float] | None
    ) -> None:
        """Show the figures of a model."""
        self.setWindowTitle(f"What came true: {model}" if model else "What came true")
        self._sentence.setText(f"{_mark(track)}{track_sentence(track)}")
        newest, judged = (0, 0) if track is None else (track.newest, track.judged)
        self._of.setText(f"The newest {newest:,} of {judged:,} buys with an outcome")
        lines = () if track is None else track_lines(track, promise)
        for row, line in enumerate(lines):
            cells = self._row(row)
            words = (line.name, line.live, line.interval, line.promised)
            for label, said in zip(cells, words, strict=True):
                label.setText(said)
        for row, cells in enumerate(self._cells):
            for label in cells:
                label.setVisible(row < len(lines))

    def _row(self, row: int) -> list[PlainLabel]:
        while row >= len(self._cells):
            cells = [PlainLabel(), PlainLabel(), PlainLabel(role="muted"), PlainLabel(role="muted")]
            for column, label in enumerate(cells):
                if column:
                    label.setFont(mono(12))
                self._grid.addWidget(label, 3 + len(self._cells), column)
            self._cells.append(cells)
        return self._cells[row]


class TrackKeeper(QObject):
    """Knows the model's name, its promise and its record; shows them when somebody asks.

    Args:
        window: Whose dialog it is.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._model = ""
        self._promise: tuple[float, float] | None = None
        self._track: TrackRecord | None = None
        self._dialog: TrackDialog | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Return the name of the model, with a mark where its promise is broken; none before."""
        return (f"{_mark(self._track)}model {self._model}",) if self._model else ()

    def take(self, update: Update) -> None:
        """Take what is new of the model; another run may be of another one."""
        if update.restarted:
            self._model, self._promise, self._track = "", None, None
        if update.card is not None:
            self._model = update.card.stamp.model_id.partition("@")[0]
            self._promise = promise_of(update.card)
        if update.status is not None:
            self._track = update.status.track
        if self._dialog is not None and self._dialog.isVisible():
            self._show(self._dialog)

    def open(self) -> None:
        """Show the record, and keep it up to date while it is open."""
        if self._dialog is None:
            self._dialog = TrackDialog(self._window)
        self._show(self._dialog)
        self._dialog.open()

    def _show(self, dialog: TrackDialog) -> None:
        dialog.show_track(self._model, self._track, self._promise)


def _mark(track: TrackRecord | None) -> str:
    return _PARTED if track is not None and track.parted else ""
