"""Questions that wait for their turn: a queue for each client, of which each gets one in turn."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from shared.explaining import OfferedMethod


class Asker(NamedTuple):
    """Who asked, and how the answer is to be addressed.

    Attributes:
        sender: Identity of the desk.
        request_id: Of its request.
    """

    sender: bytes
    request_id: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """A job, and who wants it done.

    Attributes:
        asker: Who.
        method: What is to explain.
        frames: The job, as the process reads it.
        asked_s: When it came, on a clock that is never set.
    """

    asker: Asker
    method: OfferedMethod
    frames: list[bytes | memoryview]
    asked_s: float


class FairQueue:
    """A bounded queue for each client; the clients take turns, whoever asks most.

    Args:
        of_one: How many questions of one client wait at most.
        of_all: How many wait at most together.
    """

    def __init__(self, of_one: int, of_all: int) -> None:
        self._of_one, self._of_all = of_one, of_all
        self._count = 0
        # By client, who is next first; none is empty.
        self._queues: OrderedDict[bytes, deque[Question]] = OrderedDict()

    def __len__(self) -> int:
        return self._count

    def __contains__(self, asker: object) -> bool:
        # Of that client alone: each question asks this, and all clients together may have many.
        own = self._queues.get(asker.sender, ()) if isinstance(asker, Asker) else ()
        return any(question.asker == asker for question in own)

    def put(self, question: Question) -> Question | None:
        """Take a question; return the one that there is no room for, if any.

        That is itself where its client has too many, else the newest of the client with the most:
        who opens many connections takes room from itself first.
        """
        own = self._queues.get(question.asker.sender, ())
        if len(own) >= self._of_one:
            return question
        turned_away: Question | None = None
        if self._count >= self._of_all:
            longest = max(self._queues.values(), key=len)
            if len(longest) <= len(own) + 1:
                return question
            turned_away = longest.pop()
            self._count -= 1
        self._queues.setdefault(question.asker.sender, deque()).append(question)
        self._count += 1
        return turned_away

    def put_back(self, question: Question) -> None:
        """Take a question that has had its turn for nothing: it is the next again."""
        sender = question.asker.sender
        self._queues.setdefault(sender, deque()).appendleft(question)
        self._queues.move_to_end(sender, last=False)
        self._count += 1

    def take(self) -> Question:
        """Return the oldest question of the client whose turn it is; one must wait."""
        sender, questions = self._queues.popitem(last=False)
        question = questions.popleft()
        if questions:
            self._queues[sender] = questions  # behind all others
        self._count -= 1
        return question

    def take_where(self, chosen: Callable[[Question], bool]) -> list[Question]:
        """Return, and wait no longer for, the questions of which `chosen` is true."""
        taken: list[Question] = []
        for sender, questions in list(self._queues.items()):
            found = [question for question in questions if chosen(question)]
            for question in found:
                questions.remove(question)
            if not questions:
                del self._queues[sender]
            taken += found
        self._count -= len(taken)
        return taken
