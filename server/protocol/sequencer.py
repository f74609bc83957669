"""Who said it, when, and as the how-manieth message of its kind."""

from collections import Counter

from shared.protocol.envelope import Stamp


class Sequencer:
    """Makes the stamps of one run, and counts what is published.

    Args:
        run_id: Changes each time the server starts, and each time another model takes over.
        model_id: Name and first 8 digits of the weights' hash.
    """

    def __init__(self, run_id: str, model_id: str) -> None:
        self._run_id, self._model_id = run_id, model_id
        self._sequence: Counter[str] = Counter()

    def published(self, kind: str, newest_bar_ms: int, made_ms: int, count: int = 1) -> Stamp:
        """Return the stamp of the next message of a kind, the first of `count`."""
        first = self._sequence[kind] + 1
        self._sequence[kind] += count
        return self._stamp(first, newest_bar_ms, made_ms)

    def begin_at(self, kind: str, sequence: int) -> None:
        """Count the messages of a kind from behind `sequence` on, which stands for earlier ones."""
        self._sequence[kind] = sequence

    def answer(self, newest_bar_ms: int, made_ms: int) -> Stamp:
        """Return the stamp of an answer, which has no number."""
        return self._stamp(0, newest_bar_ms, made_ms)

    def newest(self, kind: str) -> int:
        """Return the number of the newest message of a kind; 0 before the first."""
        return self._sequence[kind]

    def _stamp(self, sequence: int, newest_bar_ms: int, made_ms: int) -> Stamp:
        return Stamp(
            run_id=self._run_id,
            sequence=sequence,
            model_id=self._model_id,
            newest_bar_ms=newest_bar_ms,
            made_ms=made_ms,
        )
