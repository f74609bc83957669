"""The head of a ticker's window: name, price and verdict."""

from typing import Final

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from client.state import captions, text
from client.state.colors import verdict_color
from client.state.table import Table
from client.ui.theme.theme import Look, font, mono, set_color
from client.ui.ticker.list_steps import ListSteps
from client.ui.widgets.market_badge import MarketBadge
from client.ui.widgets.panel import ElidedLabel
from client.ui.widgets.plain_label import PlainLabel
from shared.contract import CLASS_NAMES, Class
from shared.protocol.messages import WindowMap

_AIR_PX: Final = 16
_SPACE_PX: Final = 14
_NAME_PX: Final = 110  # what is left of a long name where there is no room for it


class TickerHeader(QFrame):
    """Name, price and verdict.

    Attributes:
        steps: The way to other tickers.
        change: How far the price moved since the session before, as a share; 0 while not known.
    """

    steps: ListSteps
    change: float

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._stale = self._played = False
        self.change = 0.0
        self._decimals = 0
        self._up_means = ""
        self.setProperty("role", "top")
        self._name = ElidedLabel()
        self._name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._code, self._price, self._change = (PlainLabel() for _ in range(3))
        self._badge, self._verdict, self._others = MarketBadge(), PlainLabel(), PlainLabel()
        self.steps = ListSteps()
        roles = {self._name: "name", self._price: "price", self._verdict: "verdict"}
        for label in (self._code, self._others):
            roles[label] = "muted"
        for label, role in roles.items():
            label.setProperty("role", role)
        self._code.setFont(mono(12))
        self._change.setFont(font(14))
        row = QHBoxLayout(self)
        row.setContentsMargins(_AIR_PX, 9, _AIR_PX, 9)
        row.setSpacing(_SPACE_PX)
        for label in (self._name, self._code, self._price, self._change, self._badge):
            row.addWidget(label)
        row.addWidget(self.steps)
        self._row = row
        # What gives way where the head is too narrow, last to first.
        self._giving = [self.steps, self._code, self._others]
        row.addStretch()
        row.addWidget(self._verdict)
        row.addWidget(self._others)

    def add(self, part: QWidget) -> None:
        """Put another control beside the way to other tickers."""
        self._row.insertWidget(self._row.indexOf(self.steps) + 1, part)
        self._giving.insert(1, part)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for, once the layouts are through with it."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._make_room)

    def _make_room(self) -> None:
        always = (self._price, self._change, self._badge, self._verdict)
        room = self.width() - 2 * _AIR_PX - min(self._name.sizeHint().width(), _NAME_PX)
        room -= sum(_width(part) for part in always if not part.isHidden())
        for part in self._giving:
            part.setVisible(_width(part) <= room)
            room -= _width(part)

    def set_market(self, *, stale: bool, played: bool) -> None:
        """Say of when the values are; it shows with the next `show_ticker`.

        Args:
            stale: Whether they are old.
            played: Whether the market is of another time than now.
        """
        self._stale, self._played = stale, played

    def show_ticker(self, table: Table, row: int) -> None:
        """Show the values of a row of the table."""
        universe = table.universe
        if universe is None:
            return
        self._decimals, self._up_means = universe.decimals, table.up_means
        symbol, name = table.symbols[row], table.names[row]
        parts = (text.distinct(symbol, name), table.segments[row])
        self._badge.show_market(simulated=universe.simulated, played=self._played)
        self._name.show_words(name)
        self._code.setText(" · ".join(part for part in parts if part))
        # A price of history, as large as it stands here, would be read as one of now.
        last = 0.0 if table.past else float(table.last[row])
        change = 0.0 if table.past else float(table.day_change(np.array([row]))[0])
        moved = f"{text.arrow(change)} {text.change(change)}".lstrip() if last else ""
        self.change = change
        self._change.show_tip(captions.change_tip(table, row) if last else "")
        self._price.setText(text.price(last, universe.decimals))
        self._change.setText(moved)
        set_color(self._change, self._look.direction(change))
        self._show_verdict(table, row)
        self._make_room()

    def show_then(self, said: WindowMap | None, close: float, change: float, when: str) -> None:
        """Show what was said of a bar of the past, and its price, in place of those of now.

        Args:
            said: The decision; None where none is known.
            close: Of the bar, in currency.
            change: Since the bar before, as a share.
            when: Its time.
        """
        self._price.setText(text.price(close, self._decimals))
        self._change.setText(f"{text.arrow(change)} {text.change(change)}".lstrip())
        self._change.show_tip("since the bar before")
        set_color(self._change, self._look.direction(change))
        if said is None:
            self._verdict.setText("")
            self._others.setText(when)
        else:
            self._say(said.probabilities.tolist(), f" · {when}", None)
        self._make_room()

    def show_scores(self, heatmap: WindowMap | None) -> None:
        """Say, under the pointer, what the network said before calibration."""
        tip = "" if heatmap is None else captions.all_scores(heatmap.scores)
        for label in (self._verdict, self._others):
            label.show_tip(tip)

    def _show_verdict(self, table: Table, row: int) -> None:
        if not table.decided[row]:
            self._verdict.setText("")
            self._others.setText("loading history" if table.past else "no opinion yet")
            return
        shares = table.probabilities[row].tolist()
        share = table.scale.share(shares[Class.UP])
        self._say(shares, "", None if self._stale else share)

    def _say(self, shares: list[float], more: str, strength: float | None) -> None:
        winner = max(Class, key=lambda c: shares[c])
        others = [c for c in reversed(Class) if c != winner]
        words = [f"{CLASS_NAMES[c].title()} {text.percent(shares[c])}" for c in (winner, *others)]
        self._verdict.setText(words[0])
        means = [self._up_means] if self._up_means else []
        self._others.setText(" · ".join([*words[1:], *means]) + more)
        tokens = self._look.tokens
        bright = winner == Class.UP and strength is not None
        set_color(self._verdict, verdict_color(strength or 0, tokens) if bright else tokens.muted)


def _width(part: QWidget) -> int:
    return part.sizeHint().width() + _SPACE_PX
