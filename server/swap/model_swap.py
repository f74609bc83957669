"""Prepares another model beside the one that serves, in a thread of its own.

The bars that the server keeps are decided on anew by that model, which then takes whatever the
market takes until it is level with it. Then the main loop has it take over, between two batches.

The model that serves does the same of itself where a history was taken of which only the newest
bars were decided on: so it learns from the rest, while it is live.
"""

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable
from typing import Final, Self

import structlog

from models.data.bars import Rules
from models.inference.served import Served
from server.feeds.base import BarBatch, Listing
from server.market.cycle import Cycle
from server.market.judging import rules_of
from server.market.state import MarketState
from server.swap.candidate import Candidate, ReadyModel, examined
from server.swap.mailbox import Mailbox, ModelVerdict
from server.swap.successor import BarsCopy, KeptBars, Successor
from shared.errors import BundleError, TickerlensError
from shared.settings import ServerSettings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

LOOK_S: Final = 0.25  # nobody waits for a model but who asked for it
_LET_GO_FIRST_S: Final = 0.5  # a moment of the past waits at most so long for a cycle to end
_STOP_S: Final = 1.0
_BEGUN_ANEW: Final = 3  # copies of the bars that came to nothing, after which one is made at once


class _StoppedError(Exception):
    """The server ends."""


class ModelSwap:
    """Takes requests for another model; a context manager that ends its thread.

    `follow`, `grow`, `ready`, `calm` and `done` are for the main thread; `_run` and what it calls
    belong to the thread.

    Attributes:
        said: What became of the newest model that was asked for, in a sentence; empty before.

    Args:
        candidate: The model that serves.
        listing: What is played.
        settings: `allow_interval`, `jump_limit` and `recalibrate` are used.
        mailbox: Where one may ask; None where there is none. Closed here.
        prepare: Called in the thread with a model that is to take over.
        note: Told in the thread of each model that was refused, in a sentence.
    """

    def __init__(
        self,
        candidate: Candidate,
        listing: Listing,
        settings: ServerSettings,
        *,
        mailbox: Mailbox | None = None,
        prepare: Callable[[Served], None] = lambda _: None,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._serving, self._listing, self._settings = candidate, listing, settings
        self._rules: Rules = rules_of(listing, settings.jump_limit)
        self._mailbox, self._prepare, self._note = mailbox, prepare, note
        self.said = ""
        self._changed = threading.Condition()
        self._calm = threading.Event()
        self._calm.set()
        self._asked: deque[str] = deque()  # by a signal, which may come at any moment
        self._wants_bars = self._follows = self._stopping = False
        self._owes_past = self._cannot_learn = False
        self._copy: BarsCopy | None = None
        self._begun_anew = 0
        self._bars: KeptBars | None = None
        self._news: deque[BarBatch | int] = deque()
        self._ready: ReadyModel | None = None
        self._ear, self._mouth = socket.socketpair()
        for end in (self._ear, self._mouth):
            end.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._calm.set()
        self._thread.join(_STOP_S)
        if self._mailbox is not None:
            self._mailbox.close()
        self._ear.close()
        self._mouth.close()

    def fileno(self) -> int:
        """Return the descriptor that is readable when `ready` has something to look at."""
        return self._ear.fileno()

    def ask(self, name_or_folder: str = "") -> None:
        """Have a model take over; without a name that of the folder that serves, read anew.

        May be called in a signal's handler.
        """
        self._asked.append(name_or_folder)

    def follow(self, batch: BarBatch) -> None:
        """Take what the market took, without waiting."""
        self._tell(batch)

    def grow(self, tickers: int) -> None:
        """Make room for more tickers, without waiting."""
        self._tell(tickers)

    def calm(self, calm: bool) -> None:
        """Say whether a cycle is under way: the past waits for it."""
        if calm:
            self._calm.set()
        else:
            self._calm.clear()

    def ready(self, cycle: Cycle) -> ReadyModel | None:
        """Return the model that may take over, if there is one; between two batches only."""
        with contextlib.suppress(BlockingIOError):
            while self._ear.recv(4096):
                pass
        with self._changed:
            if cycle.owes_past and not (cycle.loading or self._owes_past or self._cannot_learn):
                self._owes_past = True
                self._changed.notify_all()
            if self._wants_bars and not cycle.loading:
                self._copy_on(cycle.state)
            return self._ready

    def done(self) -> None:
        """Note that the one that was ready has taken over."""
        with self._changed:
            if self._ready is not None:
                self._serving, self._owes_past = self._ready.candidate, False
            self._ready, self._follows = None, False
            self._changed.notify_all()

    def _copy_on(self, state: MarketState) -> None:
        if self._copy is None:
            patient = self._begun_anew < _BEGUN_ANEW
            self._copy = BarsCopy(state) if patient else BarsCopy(state, len(state.flags))
        self._bars = self._copy.go_on()
        if self._bars is None:
            self._wake()  # the main loop itself, for the next ones
            return
        self._copy, self._begun_anew = None, 0
        self._wants_bars, self._follows = False, True
        self._changed.notify_all()

    def _tell(self, event: BarBatch | int) -> None:
        with self._changed:
            if self._copy is not None and (isinstance(event, int) or event.closed):
                self._copy = None
                self._begun_anew += 1
            if self._follows:
                self._ready = None  # until it has taken that as well
                self._news.append(event)
                self._changed.notify_all()

    def _run(self) -> None:
        with contextlib.suppress(_StoppedError):
            while True:
                with self._changed:
                    if not (self._stopping or self._asked or self._owes_past):
                        self._changed.wait(LOOK_S)
                    if self._stopping:
                        return
                if self._asked:
                    self._answer(self._asked.popleft() or str(self._serving.folder))
                if self._mailbox is not None:
                    for name, asked in self._mailbox.take():
                        self._mailbox.answer(name, self._answer(asked.folder))
                if self._owes_past:
                    self._learn_past()

    def _learn_past(self) -> None:
        try:
            self._warm_up(self._serving, give_way=True)
            if not self._owes_past:
                log.info("learned from history")
        except (ValueError, ArithmeticError, LookupError, MemoryError):
            self._owes_past, self._cannot_learn = False, True
            self._give_up()
            log.exception("nothing is learned from history; what comes teaches all the same")

    def _answer(self, folder: str) -> ModelVerdict:
        verdict = self._try(folder)
        self.said = verdict.sentence
        return verdict

    def _try(self, folder: str) -> ModelVerdict:
        before = self._serving.model.model_id
        try:
            candidate = examined(folder, self._listing, self._settings)
            if self._is_serving(candidate):
                log.info("the model serves already", model=before, folder=folder)
                return ModelVerdict(serves=True, sentence=f"{before} serves already")
            self._warm_up(candidate)
        except TickerlensError as e:
            return self._refuse(folder, str(e))
        except (ValueError, ArithmeticError, LookupError, MemoryError, OSError) as e:
            # Whatever is wrong with it, the model before goes on.
            log.exception("a model could not be prepared", folder=folder)
            return self._refuse(folder, f"it could not be prepared: {type(e).__name__}: {e}")
        now = candidate.model.model_id
        return ModelVerdict(serves=True, sentence=f"{now} has taken over from {before}")

    def _is_serving(self, candidate: Candidate) -> bool:
        serving, model = self._serving, candidate.model
        if model.model_id != serving.model.model_id:
            return False
        if candidate.files != serving.files:
            raise BundleError(
                f"{model.model_id} serves, and this one has the same name and weights but another "
                "card: nobody could tell their messages apart; give it a name of its own"
            )
        return True

    def _refuse(self, folder: str, why: str) -> ModelVerdict:
        self._give_up()
        serves = self._serving.model.model_id
        log.error("a model is refused", folder=folder, reason=why, serves=serves)
        self._note(f"refused: {why}")
        return ModelVerdict(serves=False, sentence=f"{why}; {serves} goes on")

    def _give_up(self) -> None:
        with self._changed:
            self._ready, self._bars, self._copy = None, None, None
            self._wants_bars = self._follows = False
            self._news.clear()

    def _is_asked(self) -> bool:
        return bool(self._asked) or (self._mailbox is not None and self._mailbox.waits)

    def _warm_up(self, candidate: Candidate, *, give_way: bool = False) -> None:
        if not give_way:
            self._prepare(candidate.model)
        settings = self._settings
        successor = Successor(
            *(candidate.model, self._rules, self._await_bars()), recalibrate=settings.recalibrate
        )
        for _ in successor.warm_up():
            self._calm.wait(_LET_GO_FIRST_S)
            if self._stopping:
                raise _StoppedError
            if give_way and self._is_asked():
                self._give_up()  # another model may learn from all of it instead
                return
        self._keep_level(candidate, successor)

    def _await_bars(self) -> KeptBars:
        with self._changed:
            self._wants_bars = True
            self._wake()
            while self._bars is None:
                self._changed.wait()
                if self._stopping:
                    raise _StoppedError
            bars, self._bars = self._bars, None
            return bars

    def _keep_level(self, candidate: Candidate, successor: Successor) -> None:
        # Until the main loop has it take over.
        while True:
            with self._changed:
                while not self._news:
                    if self._stopping:
                        raise _StoppedError
                    if not self._follows:
                        return
                    self._ready = ReadyModel(candidate=candidate, state=successor.state)
                    self._wake()
                    self._changed.wait()
                event = self._news.popleft()
            successor.follow(event)

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # it is full of signs already, or nobody hears
            self._mouth.send(b"\0")
