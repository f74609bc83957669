"""What a server that starts again knows from its journal, so that it goes on as if never ended."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import structlog

from models.data.labels import LabelRule
from server.feeds.base import BarBatch
from server.feeds.roster import Roster
from server.journal import checkpoint, reading, store
from server.journal.checkpoint import Checkpoint, DamagedCheckpointError
from server.journal.reading import KeptMoment
from server.journal.schema import NewerJournalError
from server.journal.track import Track
from server.journal.writer import set_aside
from server.market.buy_log import Remembered
from server.market.state import MarketState
from shared.contract import Float64, Int64
from shared.errors import DataError, InputMissingError, SettingsError
from shared.limits import MAX_BUYS

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class _RuleOfCard(msgspec.Struct):
    label: LabelRule


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """What is known from earlier runs.

    Attributes:
        state: Of the market; a fresh one where nothing is known.
        resumed: Whether it is that of an earlier run.
        live: Whether that run had come to its end of history.
        buys: The newest entries of the buy log, oldest first.
        complete: Whether these are all that were ever said.
        number: Of the newest moment in the journal or in its checkpoint.
        damages: What could not be read, in sentences.
    """

    state: MarketState
    resumed: bool
    live: bool
    buys: list[Remembered]
    complete: bool
    number: int
    damages: tuple[str, ...]


def recall(
    folder: Path,
    source: str,
    meaning: str,
    model_id: str,
    roster: Roster,
    fresh: Callable[[], MarketState],
) -> Known:
    """Return what is known; what is damaged is set aside, and costs what it held and no more.

    Args:
        folder: Of the journal.
        source: What the bars are of.
        meaning: What a checkpoint depends on.
        model_id: Of the model that decides now.
        roster: The tickers that are listed now.
        fresh: Makes a state that knows nothing.

    Raises:
        SettingsError: The journal is of other bars.
    """
    damages: list[str] = []
    # One of an older version is brought to this one before it is read.
    with contextlib.suppress(sqlite3.Error, OSError, NewerJournalError):
        store.connect(folder).close()
    found = _checkpoint(checkpoint.path_of(folder, model_id), meaning, damages)
    state = fresh()
    buys: list[Remembered] = []
    number, live = 0, False
    if found is not None:
        try:
            state.go_on_from(found.state, _origin(found.symbols, roster))
            number, live = found.number, found.live
        except (ValueError, KeyError) as e:
            damages.append(f"the checkpoint does not fit: {e}")
            found, state = None, fresh()
    try:
        with reading.reading(folder) as database:
            _check_source(reading.source_in(database), source, folder)
            buys = reading.newest_buys(database, MAX_BUYS + 1)
            if found is not None:
                after = "number > ? ORDER BY number"
                later = reading.moments(database, after, number)
                live = _catch_up(state, roster, model_id, number, later) or found.live
            number = max(number, reading.newest_number(database))
    except (InputMissingError, DataError) as e:
        damages.append(str(e))
    return Known(
        state=state,
        resumed=found is not None,
        live=live,
        buys=buys[-MAX_BUYS:],
        complete=len(buys) <= MAX_BUYS,
        number=number,
        damages=tuple(damages),
    )


def open_buys(folder: Path, model_id: str, roster: Roster) -> tuple[Int64, Int64, Float64]:
    """Return row, bar and confidence of the buys of which no outcome is known; none on a fault."""
    found: list[tuple[str, int, float]] = []
    with contextlib.suppress(InputMissingError, DataError), reading.reading(folder) as database:
        found = reading.open_buys(database, model_id)
    rows = [(roster.row_of(symbol), bar_ms, up) for symbol, bar_ms, up in found]
    here = [(row, bar_ms, up) for row, bar_ms, up in rows if row is not None]
    return (
        np.array([row for row, _, _ in here], np.int64),
        np.array([bar_ms for _, bar_ms, _ in here], np.int64),
        np.array([up for _, _, up in here], np.float64),
    )


def found_before(folder: Path, model_id: str) -> tuple[list[str], Int64]:
    """Return ticker and bar of a model's among the newest buys, oldest first; none on a fault."""
    found: list[tuple[str, int]] = []
    with contextlib.suppress(InputMissingError, DataError), reading.reading(folder) as database:
        found = reading.buys_found(database, model_id, MAX_BUYS)
    return [symbol for symbol, _ in found], np.array([ms for _, ms in found], np.int64)


def waiting_models(folder: Path) -> list[tuple[str, LabelRule]]:
    """Return id and rule of each model with buys that wait for an outcome; none on a fault."""
    found: list[tuple[str, bytes]] = []
    with contextlib.suppress(InputMissingError, DataError), reading.reading(folder) as database:
        found = reading.waiting_models(database)
    rules = []
    for model_id, card in found:
        with contextlib.suppress(msgspec.DecodeError):  # of another version, with other rules
            rules.append((model_id, msgspec.json.decode(card, type=_RuleOfCard).label))
    return rules


def recall_track(folder: Path, model_id: str, track: Track) -> None:
    """Have a track know how a model's buys did until now; nothing on a fault."""
    with contextlib.suppress(InputMissingError, DataError), reading.reading(folder) as database:
        track.recall(database, model_id)


def _checkpoint(path: Path, meaning: str, damages: list[str]) -> Checkpoint | None:
    try:
        return checkpoint.read(path, meaning)
    except DamagedCheckpointError as e:
        damages.append(str(e))
        with contextlib.suppress(OSError):
            set_aside(path)
        return None


def _check_source(written: str, source: str, folder: Path) -> None:
    if written and written != source:
        raise SettingsError(
            f"the journal in {folder} is of {written}, and this feed is {source}: choose another "
            "place with --journal PATH, or none with --journal off"
        )


def _origin(symbols: tuple[str, ...], roster: Roster) -> Int64:
    place = {symbol: row for row, symbol in enumerate(symbols)}
    return np.array([place.get(symbol, -1) for symbol in roster.ever], np.int64)


def _catch_up(
    state: MarketState,
    roster: Roster,
    model_id: str,
    number: int,
    moments: Iterator[KeptMoment],
) -> bool:
    # Moments in a row only, of this model: what another one decided, or what is lost, comes again
    # from the feed. Returns whether one of them was no history.
    live = False
    for moment in moments:
        number += 1
        if moment.number != number or moment.model_id != model_id:
            break
        rows = [roster.row_of(symbol) for symbol in moment.symbols]
        here = np.array([row is not None for row in rows], np.bool_)
        batch = BarBatch(
            rows=np.array([row for row in rows if row is not None], np.int64),
            bar_ms=moment.bar_ms[here],
            ohlcv=moment.ohlcv[here],
        )
        state.take(batch, explain=False)
        live |= not moment.history
    return live
