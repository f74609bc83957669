"""What a map says in words, and whether it can be believed in numbers."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from client.state import captions, text
from client.state.attribution_map import AttributionMap
from client.state.explained import Explained, Shown
from client.ui.widgets.panel import ElidedLabel, Panel
from client.ui.widgets.plain_label import PlainLabel, PlainLines
from shared.reasons import AGAINST, FOR

_CAPTION_PX: Final = 28  # two lines, so that the rest stays where it is


class ReasonsPanel(Panel):
    """The strongest cells as sentences; the lines stay where they are."""

    def __init__(self) -> None:
        content = QWidget()
        self._lines = [ElidedLabel() for _ in range(FOR + AGAINST)]
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        for line in self._lines:
            column.addWidget(line)
        super().__init__("Reasons", content)

    def show_attribution(self, attribution: AttributionMap | None, *, dimmed: bool = False) -> None:
        """Show what speaks for the class of a map, and what against it.

        Args:
            attribution: The map; None for no words.
            dimmed: Whether it only stands in for another.
        """
        lines = () if attribution is None else captions.reason_lines(attribution)
        said = [(words, "" if answers and not dimmed else "muted") for words, answers in lines]
        if attribution is not None and not said:
            said = [(captions.without_reasons(attribution), "muted")]
        said += [("", "")] * (len(self._lines) - len(said))
        for line, (words, role) in zip(self._lines, said, strict=True):
            line.show_words(words)
            line.set_role(role)


class CaptionedNumber(QWidget):
    """A number, or a few words as large as one, over what it means."""

    def __init__(self) -> None:
        super().__init__()
        self._number, self._caption = PlainLabel(role="number"), PlainLines(role="small")
        self._caption.setWordWrap(True)
        self._caption.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._caption.setMinimumHeight(_CAPTION_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self._number)
        column.addWidget(self._caption)
        column.addStretch()

    @property
    def number(self) -> str:
        """What is shown."""
        return self._number.text()

    @property
    def caption(self) -> str:
        """What it means."""
        return self._caption.text()

    def show_number(self, number: str, caption: str) -> None:
        """Show `number` and what it means."""
        self._number.setText(number)
        self._caption.setText(caption)


class TrustPanel(Panel):
    """Can it be trusted? Two numbers, and what else is known."""

    def __init__(self) -> None:
        content = QWidget()
        self._drop, self._second, self._set = (
            CaptionedNumber(),
            CaptionedNumber(),
            CaptionedNumber(),
        )
        self._raw, self._found = ElidedLabel("small"), ElidedLabel("small")
        numbers = QHBoxLayout()
        numbers.setSpacing(18)
        for number in (self._drop, self._second, self._set):
            numbers.addWidget(number, 1)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(numbers)
        column.addWidget(self._raw)
        column.addWidget(self._found)
        super().__init__("Can it be trusted?", content)

    def show_explained(self, explained: Explained, *, tell_late: bool = False) -> None:
        """Show how far the confidence falls without what the maps point at, and the raw score.

        Args:
            explained: What is wanted and what was told.
            tell_late: Whether nothing is to be said of a map of a window that has passed, nor
                of one that stands in for it.
        """
        first = explained.shown(tell_late=tell_late)
        beside = explained.shown_beside(tell_late=tell_late)
        self._second.setVisible(beside is not None)
        for number, shown in ((self._drop, first), (self._second, beside)):
            _show_drop(number, shown, named=beside is not None)
        attribution, heatmap = first.map, explained.decision
        if heatmap is None or isinstance(attribution, str) or first.waiting_for is not None:
            self._raw.show_words("")
            self._found.show_words("")
            return
        tip = captions.all_scores(heatmap.scores)
        self._raw.show_words(captions.raw_words(attribution, heatmap), tip)
        self._found.show_words(captions.footnote(explained.checked_method(attribution)))

    def show_set(self, bits: int, coverage: float) -> None:
        """Show the prediction set of the ticker."""
        self._set.show_number(captions.set_words(bits), captions.set_caption(bits, coverage))


def _show_drop(number: CaptionedNumber, shown: Shown | None, *, named: bool) -> None:
    # What stands in for a map says nothing of how true that one is.
    if shown is None or isinstance(shown.map, str) or shown.waiting_for is not None:
        number.show_number(text.NOTHING, "")
    else:
        caption = captions.drop_caption(shown.map, named=named)
        number.show_number(text.plain(shown.map.top_drop), caption)
