"""What one ticker's window wants to have explained, and what it was told; main thread, no Qt."""

import dataclasses
from typing import Final, NamedTuple

from client.state.attribution_map import (
    AttributionMap,
    View,
    answered_map,
    live_map,
    view_for,
)
from client.state.methods import UNTOLD, live_method, truest_other
from client.state.update import Update
from client.state.wish import Wish
from shared.contract import Class, Int64
from shared.explaining import OfferedMethod
from shared.features import UNNAMED, Feature
from shared.limits import MAX_METHODS
from shared.protocol.explanations import Explanation
from shared.protocol.messages import Heatmap, WindowMap
from shared.protocol.past import PastWindow

WAITING: Final = "Waiting for the server's answer"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Choice:
    """What the user chose to look at.

    Attributes:
        method: The name of the method; empty for the live one.
        beside: The name of a second method on the same window; empty for none.
        target: The class to explain; None for the winner.
        view: How to look at the maps. It begins with what each cell added: that finds the cells
            which made the answer, the slope those that would change it (`explain-check`).
    """

    method: str = ""
    beside: str = ""
    target: Class | None = None
    view: View = View.TIMES_INPUT


class Shown(NamedTuple):
    """What stands where a map is wanted.

    Attributes:
        map: The map, or why there is none.
        waiting_for: The method whose map is on its way, while the live one of the same window
            stands in; None where `map` is what was wanted.
        when: Of when it is, where a window shows another time than now; else empty.
    """

    map: AttributionMap | str
    waiting_for: OfferedMethod | None = None
    when: str = ""


class Explained:
    """The maps of one window: the newest of each method that is wanted, and no other.

    Attributes:
        symbol: The ticker.
        methods: What can be chosen, the live one first.
        features: What the eight columns of its windows are.
        choice: What is wanted.
        heatmap: What was last published; None before, and after a refusal.
        withheld: Why no map of now may be shown, whatever is known; empty where one may.
        past_ms: Close of the bar of the past that is looked at, ms since 1970 UTC; None for now.
    """

    symbol: str
    methods: tuple[OfferedMethod, ...]
    features: tuple[Feature, ...]
    choice: Choice
    heatmap: Heatmap | None
    withheld: str
    past_ms: int | None

    def __init__(
        self,
        symbol: str,
        methods: tuple[OfferedMethod, ...] = (),
        features: tuple[Feature, ...] = UNNAMED,
    ) -> None:
        self.symbol = symbol
        self.methods = methods or (UNTOLD,)
        self.features = features
        self.choice = Choice()
        self.heatmap, self.withheld = None, ""
        self._refusal = WAITING
        self.past_ms = None
        self._past: PastWindow | str = WAITING
        self._answers: dict[Wish, Explanation | str] = {}

    def apply(self, update: Update) -> bool:
        """Take over what `update` says of this ticker, and return whether it says anything."""
        if update.restarted:
            self.heatmap, self._refusal = None, WAITING
            self._answers.clear()
            self.recall(None)
        if update.methods:
            self.methods = update.methods[:MAX_METHODS]
        if update.card is not None:
            self.features = update.card.features
        heatmap = update.heatmaps.get(self.symbol)
        if heatmap is not None:
            self.heatmap = heatmap
            if self.methods == (UNTOLD,):
                self.methods = (live_method(heatmap),)
        elif self.symbol in update.refusals:
            self.heatmap, self._refusal = None, update.refusals[self.symbol]
        for wish, answer in update.explanations.get(self.symbol, {}).items():
            # Of a window that has passed: the answer on the new one is on its way.
            late = isinstance(answer, Explanation) and self._is_past(answer.bar_ms)
            if wish in self.wishes() and not late:
                self._answers[wish] = answer
        asked_ms, past = update.past_windows.get(self.symbol, (None, WAITING))
        if asked_ms is not None and asked_ms == self.past_ms:
            self._past = past
        said = (update.heatmaps, update.refusals, update.explanations, update.past_windows)
        everywhere = (update.universe, update.methods, update.card)
        return any(map(bool, everywhere)) or any(self.symbol in s for s in said)

    def recall(self, bar_ms: int | None) -> None:
        """Look at the decision on a bar of the past, which is to be asked for, or at that of now.

        Args:
            bar_ms: Close of the bar, ms since 1970 UTC; None for now.
        """
        self.past_ms, self._past = bar_ms, WAITING

    @property
    def past(self) -> PastWindow | None:
        """The decision of the past that is looked at; None for now, and until it has come."""
        return self._past if isinstance(self._past, PastWindow) else None

    @property
    def decision(self) -> WindowMap | None:
        """The decision that is looked at, of now or of the past; None where there is none."""
        if self.past_ms is not None:
            return self.past
        return None if self.withheld else self.heatmap

    @property
    def recalled(self) -> bool:
        """Whether what was asked of the past was answered, with a decision or a refusal."""
        return self._past != WAITING

    def choose(self, choice: Choice) -> None:
        """Want something else; answers to what is wanted no more are forgotten."""
        self.choice = choice
        wanted = self.wishes()
        self._answers = {wish: a for wish, a in self._answers.items() if wish in wanted}

    def wishes(self) -> tuple[Wish, ...]:
        """Return what must be asked for, because it is not published; nothing of the past."""
        if self.past_ms is not None:
            return ()
        wishes = (self._wish(m) for m in (self.method, self.beside) if m is not None)
        return tuple(dict.fromkeys(wish for wish in wishes if wish is not None))

    @property
    def method(self) -> OfferedMethod:
        """The method that is chosen; the live one when the model has the chosen one no more."""
        return next((m for m in self.methods if m.name == self.choice.method), self.methods[0])

    @property
    def beside(self) -> OfferedMethod | None:
        """The second method; None without one."""
        wanted = self.choice.beside
        return next((m for m in self.methods if wanted and m.name == wanted), None)

    def attribution(self) -> AttributionMap | str:
        """Return the map of the chosen method, or why there is none."""
        return self._attribution(self.method)

    def attribution_beside(self) -> AttributionMap | str | None:
        """Return the map of the second method, or why there is none; None without one."""
        return None if self.beside is None else self._attribution(self.beside)

    def shown(self, *, tell_late: bool = False) -> Shown:
        """Return the map of the chosen method, or the live one while that is on its way.

        Args:
            tell_late: Whether a map of a window that has passed gives way to the live one: not at
                once, because the answer on the new one usually comes in the blink of an eye.
        """
        if self.past_ms is not None:
            return self._then()
        return self._shown(self.method, tell_late=tell_late)

    def shown_beside(self, *, tell_late: bool = False) -> Shown | None:
        """Return the same of the second method, or of now beside the past; None without one."""
        if self.past_ms is not None and self.beside is not None:
            return self._now()
        return None if self.beside is None else self._shown(self.beside, tell_late=tell_late)

    def checked_method(self, attribution: AttributionMap) -> OfferedMethod:
        """Return the method whose verdict holds for a map in the chosen view."""
        method = attribution.method
        if view_for(method, self.choice.view) != View.TIMES_INPUT:
            return method
        return next((m for m in self.methods if m.product_of == method.name), method)

    def is_late(self, attribution: AttributionMap) -> bool:
        """Return whether a newer window than that of `attribution` is known."""
        return self._is_past(attribution.bar_ms)

    def is_behind(self) -> bool:
        """Return whether a map that is shown waits for its successor."""
        if self.past_ms is not None:
            return False
        shown = (self.attribution(), self.attribution_beside())
        return any(isinstance(a, AttributionMap) and self.is_late(a) for a in shown)

    def step(self, steps: int) -> Choice:
        """Return the choice with the method that stands `steps` further in the list."""
        place = self.methods.index(self.method) + steps
        return dataclasses.replace(self.choice, method=self.methods[place % len(self.methods)].name)

    def toggle_beside(self) -> Choice:
        """Return the choice with a second method, or without it; some models know one alone."""
        others = [method.name for method in self.methods if method != self.method]
        if self.choice.beside or not others:
            return dataclasses.replace(self.choice, beside="")
        best = truest_other(self.methods, self.method)
        beside = self.step(1).method if best is None else best.name
        return dataclasses.replace(self.choice, beside=beside)

    def _wish(self, method: OfferedMethod) -> Wish | None:
        first = self.methods[0]
        published = method.live or (first.live and method.product_of == first.name)
        if method is UNTOLD or (published and self.choice.target is None):
            return None
        return Wish(method=method.name, target=self.choice.target)

    def _attribution(self, method: OfferedMethod) -> AttributionMap | str:
        if self.withheld or self.heatmap is None:
            return self.withheld or self._refusal
        wish = self._wish(method)
        if wish is None:
            return live_map(self.heatmap, method, self.features)
        answer = self._answers.get(wish, WAITING)
        return answer if isinstance(answer, str) else answered_map(answer, self.features)

    def _shown(self, method: OfferedMethod, *, tell_late: bool) -> Shown:
        wanted = self._attribution(method)
        if isinstance(wanted, AttributionMap):
            late = tell_late and self.is_late(wanted)
        else:
            late = wanted == WAITING
        if not late or self.withheld or self.heatmap is None:
            return Shown(wanted)
        first = self.methods[0]
        live = first if first.live else live_method(self.heatmap)
        return Shown(live_map(self.heatmap, live, self.features), waiting_for=method)

    def _then(self) -> Shown:
        past = self._past
        if isinstance(past, str):
            return Shown(past)
        shown = live_map(past, live_method(past), past.features)
        return Shown(shown, when="Then" if self.beside is not None else "")

    def _now(self) -> Shown:
        if self.withheld or self.heatmap is None:
            return Shown(self.withheld or self._refusal)
        live = live_method(self.heatmap)
        return Shown(live_map(self.heatmap, live, self.features), when="Now")

    def _is_past(self, bar_ms: Int64) -> bool:
        # Whether a newer window than the one of these (6,) int64 bars is known.
        return self.heatmap is not None and bool(bar_ms[-1] < self.heatmap.bar_ms[-1])
