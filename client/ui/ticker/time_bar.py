"""The controls of the time machine: bar by bar, buy by buy, and playing on."""

from typing import Final

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from client.state.time_travel import stepped, stepped_buy
from client.ui.widgets.chip import chip
from client.ui.widgets.plain_label import PlainLabel
from shared.contract import Int64

_PLAY_MS: Final = 600
_NONE: Final = np.empty(0, np.int64)


class TimeBar(QWidget):
    """Says which decision a window shows, and goes to others.

    Signals:
        went: The close of the bar that is to be looked at, ms since 1970 UTC, as an object because
            it is wider than a C int; None for now.

    Attributes:
        place: The bar that is looked at; None for now.
    """

    went = Signal(object)

    place: int | None

    def __init__(self) -> None:
        super().__init__()
        self.place = None
        self._bars: Int64 = _NONE
        self._buys: Int64 = _NONE
        self._answered = True
        self._when = PlainLabel(role="small")
        self._play = chip("▶▶", "Play on, bar by bar (space)")
        self._play.setCheckable(True)
        self._timer = QTimer(self, interval=_PLAY_MS)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for words, tip, go in (
            ("«", "The buy before ([)", lambda: self.step_buy(-1)),
            ("‹", "The bar before (,)", lambda: self.step(-1)),
        ):
            row.addWidget(button := chip(words, tip))
            button.clicked.connect(go)
        row.addWidget(self._when)
        for words, tip, go in (
            ("›", "The next bar (.)", lambda: self.step(1)),
            ("»", "The next buy, or now (])", lambda: self.step_buy(1)),
        ):
            row.addWidget(button := chip(words, tip))
            button.clicked.connect(go)
        row.addWidget(self._play)
        self._play.toggled.connect(self._set_playing)
        self._timer.timeout.connect(self._tick)
        self.show_place(None, "now", answered=True)

    def show_known(self, bars: Int64, buys: Int64) -> None:
        """Know the bars that were decided on and the buys, (n,) and (m,) int64, rising, in ms."""
        self._bars, self._buys = bars, buys

    def show_place(self, place: int | None, words: str, *, answered: bool) -> None:
        """Say where one is.

        Args:
            place: The bar that is looked at; None for now.
            words: Its time.
            answered: Whether the decision on it has come; only then it plays on.
        """
        self.place, self._answered = place, answered
        self._when.setText(words)
        self._play.setEnabled(place is not None)
        if place is None:
            self._play.setChecked(False)

    def step(self, bars: int) -> None:
        """Go so many bars further."""
        if self.place is not None or bars < 0:
            self.went.emit(stepped(self._bars, self.place, bars))

    def step_buy(self, buys: int) -> None:
        """Go so many buys further."""
        if (self.place is not None or buys < 0) and len(self._buys):
            self.went.emit(stepped_buy(self._buys, self.place, buys))

    def toggle_play(self) -> None:
        """Play on from where one is, or stop."""
        self._play.toggle()

    def _set_playing(self, playing: bool) -> None:
        if playing and self.place is not None:
            self._timer.start()
        else:
            self._timer.stop()

    def _tick(self) -> None:
        if self._answered:
            self.step(1)
