"""What is wrong with a source just now, told once and counted, and how long to wait for it."""

import logging
from collections import Counter
from typing import Literal

from server.feeds.live.faults import Backoff, FaultKind, SourceError

log = logging.getLogger(__name__)

FeedPart = Literal["live", "history", "universe", "clock", "calendar", "units"]


class Troubles:
    """The faults of one source.

    Attributes:
        counts: How often each kind came.
    """

    def __init__(self) -> None:
        self.counts: Counter[FaultKind] = Counter()
        self._now: dict[FeedPart, str] = {}
        self._backoffs: dict[FeedPart, Backoff] = {}

    def note(self, part: FeedPart, fault: SourceError) -> float:
        """Count a fault, say it once, and return how long to wait, s."""
        self.counts[fault.kind] += 1
        wait_s = self._backoffs.setdefault(part, Backoff()).wait_s(fault)
        self.say(part, str(fault))
        return wait_s

    def say(self, part: FeedPart, sentence: str) -> None:
        """Tell what is wrong with a part until it heals; the same twice is said once."""
        if self._now.get(part) != sentence:
            log.warning("%s", sentence)
        self._now[part] = sentence

    def healed(self, part: FeedPart) -> None:
        """Note that a part does what it should."""
        if part in self._backoffs:
            self._backoffs[part].healed()
        if self._now.pop(part, None) is not None:
            log.info("the feed's %s is well again", part)

    @property
    def sentence(self) -> str:
        """What is wrong now; empty where nothing is."""
        pressing = (said for part, said in self._now.items() if part != "calendar")
        return next(pressing, self._now.get("calendar", ""))
