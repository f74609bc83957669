"""Answers what desks ask of the past, from the journal, in a thread of its own."""

import contextlib
import queue
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, cast

import numpy as np

from models.explain.methods import LIVE
from server.explain.questions import Asker
from server.journal.reading import buys_of, reading
from server.journal.time_machine import PastDecision, decision_on
from server.market.state import Label
from shared.errors import TickerlensError
from shared.limits import MAX_NAME
from shared.protocol.answers import Answer, Refusal, RefusalCode
from shared.protocol.envelope import Stamp
from shared.protocol.past import INTERRUPTED, OPEN, PastBuys, PastWindow
from shared.protocol.requests import AboutPast, GetPastBuys

_MOST_WAITING: Final = 256


class _Waiting(NamedTuple):
    asker: Asker
    request: AboutPast
    stamp: Stamp


class Past:
    """Reads a journal beside who writes it; the market waits for no disk.

    The first question starts the thread.

    All methods belong to the main thread and wait for nothing but `close`.

    Args:
        folder: Of the journal.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._questions: queue.Queue[_Waiting | None] = queue.Queue(_MOST_WAITING)
        self._answers: queue.SimpleQueue[tuple[Asker, Answer]] = queue.SimpleQueue()
        self._ear, self._mouth = socket.socketpair()
        for end in (self._ear, self._mouth):
            end.setblocking(False)
        self._thread: threading.Thread | None = None

    def fileno(self) -> int:
        """Return the descriptor that is readable while answers are there."""
        return self._ear.fileno()

    def ask(self, asker: Asker, request: AboutPast, stamp: Stamp) -> Refusal | None:
        """Have a request answered under `stamp`; return a refusal where too many wait."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="past", daemon=True)
            self._thread.start()
        try:
            self._questions.put_nowait(_Waiting(asker, request, stamp))
        except queue.Full:
            return refused(stamp, "busy", "Too much is asked of the past; ask again later.")
        return None

    def take(self) -> Iterator[tuple[Asker, Answer]]:
        """Yield who asked, and the answer, of all that were made."""
        with contextlib.suppress(BlockingIOError):
            while self._ear.recv(4096):
                pass
        with contextlib.suppress(queue.Empty):
            while True:
                yield self._answers.get_nowait()

    def close(self) -> None:
        """End the thread, after the answer that it is at."""
        if self._thread is not None:
            with contextlib.suppress(queue.Empty):
                while True:
                    self._questions.get_nowait()
            self._questions.put(None)
            self._thread.join()
        self._ear.close()
        self._mouth.close()

    def _run(self) -> None:
        while (question := self._questions.get()) is not None:
            self._answers.put((question.asker, self._answer(question)))
            with contextlib.suppress(BlockingIOError):  # it is full of signs already
                self._mouth.send(b"\0")

    def _answer(self, question: _Waiting) -> Answer:
        request, stamp = question.request, question.stamp
        try:
            with reading(self._folder) as database:
                if isinstance(request, GetPastBuys):
                    rows = buys_of(database, request.symbol, stamp.model_id, request.count)
                    return _buys(request.symbol, rows, stamp)
                return _window(decision_on(database, request.symbol, request.bar_ms), stamp)
        except TickerlensError as e:
            return refused(stamp, "nothing_kept", _sentence(e))


def refused(stamp: Stamp, code: RefusalCode, sentence: str) -> Refusal:
    """Return the refusal of a question about the past."""
    return Refusal(stamp=stamp, code=code, sentence=sentence[:MAX_NAME])


def _sentence(error: TickerlensError) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."


def _buys(
    symbol: str, rows: list[tuple[int, float, int | None, float | None]], stamp: Stamp
) -> PastBuys:
    known = [outcome is not None and outcome > INTERRUPTED for _, _, outcome, _ in rows]
    return PastBuys(
        stamp=stamp,
        symbol=symbol,
        count=len(rows),
        bar_ms=np.array([row[0] for row in rows], np.int64),
        confidence=np.array([row[1] for row in rows], np.float32),
        outcome=np.array([OPEN if row[2] is None else row[2] for row in rows], np.int64),
        result=np.array([row[3] or 0 if known[i] else 0 for i, row in enumerate(rows)], np.float32),
    )


def _window(found: PastDecision, stamp: Stamp) -> PastWindow:
    top_drop, random_drop = found.drops
    return PastWindow(
        stamp=stamp,
        symbol=found.symbol,
        method=LIVE.name,
        title=LIVE.title,
        kind=LIVE.kind,
        winner=cast(Label, int(found.winner)),
        top_drop=top_drop,
        random_drop=random_drop,
        probabilities=found.bar.probabilities,
        scores=found.scores,
        saliency=found.saliency,
        raw=found.raw,
        scaled=found.scaled,
        bar_ms=found.window_ms,
        decided_by=found.model_id,
        decided_ms=found.made_ms,
        kept=found.kept,
        sets=found.bar.sets,
        features=found.features,
    )
