"""Reads a journal, also while a server writes it."""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.data.calendars.zone_clocks import DAY_MS
from server.journal.store import FILE
from server.market.buy_log import Remembered
from shared.contract import Class, Float32, Float64, Int64, UInt8
from shared.errors import DataError, InputMissingError


@dataclass(frozen=True, kw_only=True, eq=False)
class KeptMoment:
    """A round of closed bars as it stands in a journal.

    Attributes:
        number: The how-manieth it is.
        model_id: Of the model that decided.
        made_ms: When the server took the bars, ms since 1970 UTC.
        history: Whether nothing was told of it then.
        symbols: (n,) the ticker of each bar.
        bar_ms: (n,) int64, close of each bar, ms since 1970 UTC.
        ohlcv: (n, 5) float64, open, high, low, close in currency, volume in units.
        probabilities: (n, 3) float32, of down, flat, up; all 0 where a bar was not decided on.
        sets: (n,) uint8, bit c is set where class c is in the prediction set.
    """

    number: int
    model_id: str
    made_ms: int
    history: bool
    symbols: tuple[str, ...]
    bar_ms: Int64
    ohlcv: Float64
    probabilities: Float32
    sets: UInt8


@dataclass(frozen=True, kw_only=True, eq=False)
class KeptBar:
    """One bar of one ticker as it came, and the decision on it.

    Attributes:
        number: Of its moment.
        model_id: Of the model that decided.
        made_ms: When the server took it, ms since 1970 UTC.
        bar_ms: Its close, ms since 1970 UTC.
        ohlcv: (5,) float64, open, high, low, close in currency, volume in units; NaN but for the
            close where a buy alone is left of it.
        probabilities: (3,) float32, of down, flat, up; all 0 where it was not decided on.
        sets: Bit c is set where class c is in the prediction set.
    """

    number: int
    model_id: str
    made_ms: int
    bar_ms: int
    ohlcv: Float64
    probabilities: Float32
    sets: int


@contextlib.contextmanager
def reading(folder: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection that only reads.

    Raises:
        InputMissingError: There is no journal in the folder, or it cannot be opened.
        DataError: What is there is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        raise InputMissingError(f"there is no journal in {folder}")
    try:
        opened = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        with contextlib.closing(opened) as database:
            yield database
    except sqlite3.OperationalError as e:
        raise InputMissingError(f"{path} cannot be read: {e}") from e
    except sqlite3.DatabaseError as e:
        raise DataError(f"{path} is damaged: {e}") from e


def source_in(database: sqlite3.Connection) -> str:
    """Return what the bars of a journal are of; empty where none has written yet."""
    row = database.execute("SELECT value FROM about WHERE name = 'source'").fetchone()
    return "" if row is None else str(row[0])


def newest_buys(database: sqlite3.Connection, count: int) -> list[Remembered]:
    """Return the newest entries of the buy log, oldest first, without numbers of their own."""
    rows = database.execute(
        "SELECT made_ms, symbol, up, last, bar_ms, late FROM buys ORDER BY id DESC LIMIT ?",
        (count,),
    ).fetchall()
    return [
        Remembered(0, made_ms, symbol, up, last, bar_ms, bool(late))
        for made_ms, symbol, up, last, bar_ms, late in reversed(rows)
    ]


def buys_found(database: sqlite3.Connection, model_id: str, count: int) -> list[tuple[str, int]]:
    """Return ticker and bar of those of the newest `count` buys that one model found, by age."""
    return database.execute(
        "SELECT symbol, bar_ms FROM "
        "(SELECT id, ticker, bar_ms, model FROM buy ORDER BY id DESC LIMIT ?) AS newest "
        "JOIN ticker ON ticker.id = ticker JOIN model ON model.id = model "
        "WHERE model_id = ? ORDER BY newest.id",
        (count, model_id),
    ).fetchall()


def newest_number(database: sqlite3.Connection) -> int:
    """Return the number of the newest moment; 0 before the first."""
    (number,) = database.execute("SELECT coalesce(max(number), 0) FROM moment").fetchone()
    return int(number)


def moments(database: sqlite3.Connection, where: str, *values: Any) -> Iterator[KeptMoment]:
    """Yield moments that meet a condition, in the order that it ends with.

    Args:
        database: The journal.
        where: The condition, in SQL of ours, with a question mark for each value.
        values: What stands there.
    """
    symbol_of = dict(database.execute("SELECT id, symbol FROM ticker"))
    found = database.execute(
        "SELECT number, model_id, made_ms, history, tickers, bar_ms, ohlcv, probabilities, sets "  # noqa: S608
        f"FROM moment JOIN model ON model.id = model WHERE {where}",
        values,
    )
    for number, model_id, made_ms, history, tickers, bar_ms, ohlcv, probabilities, sets in found:
        yield KeptMoment(
            number=number,
            model_id=model_id,
            made_ms=made_ms,
            history=bool(history),
            symbols=tuple(symbol_of[t] for t in np.frombuffer(tickers, np.int64).tolist()),
            bar_ms=np.frombuffer(bar_ms, np.int64),
            ohlcv=np.frombuffer(ohlcv, np.float64).reshape(-1, 5),
            probabilities=np.frombuffer(probabilities, np.float32).reshape(-1, 3),
            sets=np.frombuffer(sets, np.uint8),
        )


def bars_before(
    database: sqlite3.Connection,
    symbol: str,
    at_ms: int,
    count: int,
    newest: int = 2**62,
) -> Iterator[KeptBar]:
    """Yield bars of one ticker up to a moment, the one that came last first.

    Args:
        database: The journal.
        symbol: The ticker.
        at_ms: Close of the newest bar, at most, ms since 1970 UTC.
        count: How many, at most.
        newest: Number of the moment after which nothing was known yet.
    """
    row = database.execute("SELECT id FROM ticker WHERE symbol = ?", (symbol,)).fetchone()
    if row is None:
        return
    found = database.execute(
        "SELECT number, model_id, made_ms, tickers, bar_ms, ohlcv, probabilities, sets FROM moment "
        "JOIN model ON model.id = model WHERE first_ms <= ? AND number <= ? ORDER BY number DESC",
        (at_ms, newest),
    )
    for number, model_id, made_ms, tickers, bar_ms, ohlcv, probabilities, sets in found:
        here = np.flatnonzero(np.frombuffer(tickers, np.int64) == row[0])
        for place in here.tolist():
            closed_ms = int(np.frombuffer(bar_ms, np.int64)[place])
            if closed_ms > at_ms:
                continue
            yield KeptBar(
                number=number,
                model_id=model_id,
                made_ms=made_ms,
                bar_ms=closed_ms,
                ohlcv=np.frombuffer(ohlcv, np.float64).reshape(-1, 5)[place],
                probabilities=np.frombuffer(probabilities, np.float32).reshape(-1, 3)[place],
                sets=sets[place],
            )
            count -= 1
            if count == 0:
                return


def bought_on(database: sqlite3.Connection, symbol: str, bar_ms: int) -> KeptBar | None:
    """Return the newest buy of a ticker on one bar, as the bar that decided; None without one."""
    row = database.execute(
        "SELECT model_id, made_ms, last, down, flat, up, sets FROM buys "
        "WHERE symbol = ? AND bar_ms = ? ORDER BY id DESC LIMIT 1",
        (symbol, bar_ms),
    ).fetchone()
    if row is None:
        return None
    model_id, made_ms, last, *shares, sets = row
    return KeptBar(
        number=0,
        model_id=model_id,
        made_ms=made_ms,
        bar_ms=bar_ms,
        ohlcv=np.array([np.nan, np.nan, np.nan, last, np.nan]),
        probabilities=np.array(shares, np.float32),
        sets=sets,
    )


def buys_of(
    database: sqlite3.Connection, symbol: str, model_id: str, count: int
) -> list[tuple[int, float, int | None, float | None]]:
    """Return bar, confidence, outcome and result of the newest buys of a ticker, oldest first."""
    rows = database.execute(
        "SELECT bar_ms, up, outcome, result FROM buys WHERE symbol = ? AND model_id = ? "
        "ORDER BY bar_ms DESC LIMIT ?",
        (symbol, model_id, count),
    ).fetchall()
    return rows[::-1]


def open_buys(database: sqlite3.Connection, model_id: str) -> list[tuple[str, int, float]]:
    """Return ticker, bar and confidence of the buys of which no outcome is known yet."""
    return database.execute(
        "SELECT symbol, bar_ms, up FROM buys WHERE outcome IS NULL AND model_id = ?", (model_id,)
    ).fetchall()


def judged_days(database: sqlite3.Connection, model_id: str) -> list[tuple[int, float, int]]:
    """Return of each day on which a model's buys were judged, the first one first, what they did.

    A journal of years has millions of buys, and only these sums of all but the newest are needed.

    Returns:
        For each day its number since 1970 UTC, the sum of the confidences of its buys less how
        many came true, and how many they are.
    """
    return database.execute(
        "SELECT bar_ms / ? AS day, sum(up - (outcome = ?)), count(*) FROM buy "
        "WHERE outcome >= 0 AND model = (SELECT id FROM model WHERE model_id = ?) "
        "GROUP BY day ORDER BY day",
        (DAY_MS, int(Class.UP), model_id),
    ).fetchall()


def newest_judged(
    database: sqlite3.Connection, model_id: str, count: int
) -> list[tuple[int, float, int, float]]:
    """Return bar, confidence, outcome and result of a model's newest judged buys, by bar."""
    found = database.execute(
        "SELECT bar_ms, up, outcome, result FROM buy "
        "WHERE outcome >= 0 AND model = (SELECT id FROM model WHERE model_id = ?) "
        "ORDER BY bar_ms DESC LIMIT ?",
        (model_id, count),
    ).fetchall()
    return found[::-1]


def waiting_models(database: sqlite3.Connection) -> list[tuple[str, bytes]]:
    """Return id and card of each model with buys of which no outcome is known yet."""
    return database.execute(
        "SELECT model_id, card FROM model WHERE id IN "
        "(SELECT DISTINCT model FROM buy WHERE outcome IS NULL)"
    ).fetchall()
