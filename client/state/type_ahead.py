"""Typing in a list goes to the ticker whose symbol or name begins so; free of Qt."""

import re
from collections.abc import Sequence
from typing import Final

from client.state.hangul import key_letter, pattern

PAUSE_S: Final = 1.0  # after which another word begins


class TypeAhead:
    """What was typed without a pause."""

    def __init__(self) -> None:
        self._words, self._at_s = "", 0.0

    def find(
        self, typed: str, at_s: float, rows: Sequence[tuple[str, ...]], current: int
    ) -> int | None:
        """Return the row to go to; None where none begins so.

        Args:
            typed: What was typed now.
            at_s: When, in seconds of a clock that only rises.
            rows: Symbol and names of each row.
            current: The row that is chosen; -1 for none.
        """
        goes_on = at_s - self._at_s < PAUSE_S
        self._words = self._words + typed if goes_on else typed
        self._at_s = at_s
        # Whoever types AAPL on a Korean keyboard gets ㅁㅁㅔㅣ, which begins no name.
        latin = "".join(map(key_letter, self._words))
        found = self._row(self._words, rows, current, goes_on=goes_on)
        return self._row(latin, rows, current, goes_on=goes_on) if found is None else found

    def _row(
        self, words: str, rows: Sequence[tuple[str, ...]], current: int, *, goes_on: bool
    ) -> int | None:
        words = words.casefold()
        # One letter again and again goes through all that begin with it.
        again = len(set(words)) == 1
        begins = re.compile(pattern(words[0] if again else words)).match
        first = current + 1 if again or not goes_on else max(current, 0)
        order = (*range(first, len(rows)), *range(first))
        return next((r for r in order if any(begins(t.casefold()) for t in rows[r])), None)
