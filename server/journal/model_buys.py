"""The buys of each model that ever served these bars: which wait, and what became of the others."""

import math
from pathlib import Path
from typing import Final

from models.data.bars import Rules
from models.data.labels import LabelRule
from models.data.ring import BarRing
from server.feeds.roster import Roster
from server.journal import restart
from server.journal.known_buys import KnownBuys
from server.journal.outcomes import OpenBuys
from server.journal.records import BuyOutcomes
from server.journal.track import Track
from server.market.moment import FoundBuys
from shared.contract import Bool, Float64, Int64
from shared.protocol.messages import TrackRecord

_DAY_S: Final = 86_400


class ModelBuys:
    """Judges buys by the rule of the model that found them, whichever model serves by then.

    Args:
        folder: Of the journal.
        rules: What is a jump and what is a gap.
        roster: The tickers that are listed.
    """

    def __init__(self, folder: Path, rules: Rules, roster: Roster) -> None:
        self._folder, self._rules, self._roster = folder, rules, roster
        self._open: dict[str, OpenBuys] = {}
        self._known: dict[str, KnownBuys] = {}
        self._tracks: dict[str, Track] = {}
        self._serving = ""

    def recall(self, model_id: str, label: LabelRule) -> None:
        """Read what the journal has of a model, unless that is known; any thread may do so."""
        self._recall_open(model_id, label)
        if model_id not in self._known:
            known = KnownBuys()
            known.add(*restart.found_before(self._folder, model_id))
            self._known[model_id] = known
        if model_id not in self._tracks:
            horizon_s = label.horizon * self._rules.interval_s
            track = Track(lag=math.ceil(horizon_s / _DAY_S))
            restart.recall_track(self._folder, model_id, track)
            self._tracks[model_id] = track

    def recall_others(self) -> None:
        """Read which buys of models that no longer serve still wait for their outcome."""
        for model_id, label in restart.waiting_models(self._folder):
            self._recall_open(model_id, label)

    def serve(self, model_id: str) -> None:
        """Have a model that was recalled find the buys from now on."""
        self._serving = model_id

    def add(self, row: Int64, bar_ms: Int64, up: Float64) -> None:
        """Wait for what comes true of buys of the model that serves, as `OpenBuys.add`."""
        self._open[self._serving].add(row, bar_ms, up)

    def unknown(self, buys: FoundBuys) -> Bool:
        """Return (e,) bool, which buys the model that serves has not found before."""
        return self._known[self._serving].unknown(buys.symbols, buys.bar_ms)

    def remember(self, buys: FoundBuys) -> None:
        """Note that the model that serves has found these."""
        self._known[self._serving].add(buys.symbols, buys.bar_ms)

    def judge(
        self, rows: Int64, ring: BarRing, symbols: tuple[str, ...], judged_ms: int
    ) -> list[BuyOutcomes]:
        """Return what has come true, for each model that has such buys; as `OpenBuys.judge`."""
        found = []
        for model_id, waiting in list(self._open.items()):
            if len(waiting) == 0:
                continue
            judged = waiting.judge(rows, ring, symbols, judged_ms)
            if judged is not None:
                found.append(judged)
                if model_id in self._tracks:
                    self._tracks[model_id].add(judged)
        return found

    @property
    def record(self) -> TrackRecord | None:
        """Return how the newest buys of the model that serves did; None where none is known."""
        return self._tracks[self._serving].record

    def _recall_open(self, model_id: str, label: LabelRule) -> None:
        if model_id not in self._open:
            waiting = OpenBuys(model_id, label, self._rules)
            waiting.add(*restart.open_buys(self._folder, model_id, self._roster))
            self._open[model_id] = waiting
