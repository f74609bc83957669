"""Texts that are laid out once and painted often."""

import functools

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText

from shared.plain_text import plain_text


class PreparedText:
    """Texts of one font, laid out once and kept while they are in use."""

    def __init__(self, face: QFont) -> None:
        self.font = face
        # Shaping a text costs more than painting it, and the same few thousand words come back in
        # every frame. By object, because a cache on the class would keep dead fonts alive.
        self._metrics = QFontMetricsF(face)
        self._layout = functools.lru_cache(maxsize=8192)(self._lay_out)
        self._elided = functools.lru_cache(maxsize=8192)(self._elide)

    def draw(self, painter: QPainter, words: str, x: float, y: float) -> float:
        """Draw `words` from `x` on, centered on `y`, and return their width."""
        static, width, height = self._layout(words)
        painter.setFont(self.font)
        # On whole pixels, where the glyphs of before are painted again: it takes half the time.
        painter.drawStaticText(round(x), round(y - height / 2), static)
        return width

    def draw_to(self, painter: QPainter, words: str, right: float, y: float) -> float:
        """Draw `words` so that they end at `right`, and return their width."""
        width = self._layout(words)[1]
        return self.draw(painter, words, right - width, y)

    def width(self, words: str) -> float:
        """Return how wide `words` are."""
        return self._layout(words)[1]

    def elided(self, words: str, width: int) -> str:
        """Return `words`, cut with an ellipsis to fit `width`."""
        return self._elided(words, width)

    def _elide(self, words: str, width: int) -> str:
        return self._metrics.elidedText(plain_text(words), Qt.TextElideMode.ElideRight, width)

    def _lay_out(self, words: str) -> tuple[QStaticText, float, float]:
        static = QStaticText(plain_text(words))
        # Else Qt takes a name with a < in it for HTML.
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        static.prepare(font=self.font)
        size = static.size()
        return static, size.width(), size.height()
