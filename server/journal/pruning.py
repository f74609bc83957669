"""What a journal forgets, in one transaction that its owner opens and ends.

Numbers of rows rise with time, so that only what goes is looked at, and not all that stays.
"""

import sqlite3


def prune(
    database: sqlite3.Connection, before_ms: int, moments_before_ms: int, kept_from: int, run: int
) -> None:
    """Forget what is older than it need be; tickers stay, of which each is a few bytes.

    Args:
        database: The journal, in a transaction.
        before_ms: Buys and events made before this go, ms since 1970 UTC; and with them changes up
            to the bar of the newest buy that goes, and runs and models that nothing names any more.
        moments_before_ms: Moments made before this go.
        kept_from: The number of the first moment that stays whatever its age.
        run: Number of the run that writes, which stays; 0 if there is none.

    Raises:
        sqlite3.Error: It cannot be written.
    """
    execute = database.execute
    execute("DELETE FROM moment WHERE made_ms < ? AND number < ?", (moments_before_ms, kept_from))
    first = _first_since(database, "buy", "made_ms", before_ms)
    # A change has the time of its bar alone, which in a market that is played is any.
    (newest,) = execute("SELECT max(bar_ms) FROM buy WHERE id < ?", (first,)).fetchone()
    if newest is not None:
        execute("DELETE FROM change WHERE bar_ms <= ?", (newest,))
        execute("DELETE FROM buy WHERE id < ?", (first,))
    event = _first_since(database, "event", "at_ms", before_ms)
    execute("DELETE FROM event WHERE id < ?", (event,))
    _prune_runs(database, before_ms, run)


def _first_since(database: sqlite3.Connection, table: str, column: str, since_ms: int) -> int:
    query = f"SELECT id FROM {table} WHERE {column} >= ? ORDER BY id LIMIT 1"  # noqa: S608
    found = database.execute(query, (since_ms,)).fetchone()
    if found is None:
        found = database.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()  # noqa: S608
    return int(found[0])


def _prune_runs(database: sqlite3.Connection, before_ms: int, run: int) -> None:
    oldest = [
        found[0]
        for table in ("buy", "event")
        if (found := database.execute(f"SELECT run FROM {table} ORDER BY id LIMIT 1").fetchone())  # noqa: S608
    ]
    if run:
        oldest.append(run)
    if not oldest:
        return
    database.execute("DELETE FROM run WHERE begun_ms < ? AND id < ?", (before_ms, min(oldest)))
    database.execute(
        "DELETE FROM model WHERE id NOT IN (SELECT model FROM run) "
        "AND id NOT IN (SELECT model FROM moment) "
        "AND NOT EXISTS (SELECT 1 FROM change WHERE change.model = model.id)"
    )
