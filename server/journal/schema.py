"""The tables of a journal, and the way from those of every older version to these."""

import sqlite3
from typing import Final

# One entry a version; a new one is added behind, and none is ever changed: journals have them.
MIGRATIONS: Final = (
    """
    CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE model (
        id INTEGER PRIMARY KEY, model_id TEXT NOT NULL UNIQUE, label_rule TEXT NOT NULL,
        card BLOB NOT NULL, weights BLOB NOT NULL
    ) STRICT;
    CREATE TABLE run (
        id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, model INTEGER NOT NULL,
        version TEXT NOT NULL, begun_ms INTEGER NOT NULL, ended_ms INTEGER
    ) STRICT;
    CREATE TABLE ticker (id INTEGER PRIMARY KEY, symbol TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE buy (
        id INTEGER PRIMARY KEY, ticker INTEGER NOT NULL, bar_ms INTEGER NOT NULL,
        model INTEGER NOT NULL, run INTEGER NOT NULL, made_ms INTEGER NOT NULL,
        late INTEGER NOT NULL, last REAL NOT NULL, down REAL NOT NULL, flat REAL NOT NULL,
        up REAL NOT NULL, sets INTEGER NOT NULL, scores BLOB NOT NULL, raw BLOB NOT NULL,
        saliency BLOB NOT NULL, window_ms BLOB NOT NULL, UNIQUE (ticker, bar_ms, model)
    ) STRICT;
    CREATE TABLE change (
        bar_ms INTEGER NOT NULL, ticker INTEGER NOT NULL, model INTEGER NOT NULL,
        was INTEGER NOT NULL, wins INTEGER NOT NULL, PRIMARY KEY (bar_ms, ticker, model)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE moment (
        number INTEGER PRIMARY KEY, model INTEGER NOT NULL, made_ms INTEGER NOT NULL,
        history INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
        tickers BLOB NOT NULL, bar_ms BLOB NOT NULL, ohlcv BLOB NOT NULL,
        probabilities BLOB NOT NULL, sets BLOB NOT NULL
    ) STRICT;
    CREATE INDEX moment_last ON moment (last_ms);
    CREATE TABLE event (
        id INTEGER PRIMARY KEY, run INTEGER NOT NULL, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;
    CREATE VIEW buys AS
        SELECT buy.id, symbol, bar_ms, model_id, label_rule, run_id, made_ms, late, last, down,
            flat, up, sets, scores, raw, saliency, window_ms
        FROM buy JOIN ticker ON ticker.id = ticker JOIN model ON model.id = buy.model
            JOIN run ON run.id = run;
    CREATE VIEW changes AS
        SELECT symbol, bar_ms, model_id, was, wins
        FROM change JOIN ticker ON ticker.id = ticker JOIN model ON model.id = model;
    """,
    """
    ALTER TABLE buy ADD COLUMN outcome INTEGER;
    ALTER TABLE buy ADD COLUMN result REAL;
    ALTER TABLE buy ADD COLUMN judged_ms INTEGER;
    CREATE INDEX buy_open ON buy (model) WHERE outcome IS NULL;
    DROP VIEW buys;
    CREATE VIEW buys AS
        SELECT buy.id, symbol, bar_ms, model_id, label_rule, run_id, made_ms, late, last, down,
            flat, up, sets, scores, raw, saliency, window_ms, outcome, result, judged_ms
        FROM buy JOIN ticker ON ticker.id = ticker JOIN model ON model.id = buy.model
            JOIN run ON run.id = run;
    """,
    """
    CREATE INDEX buy_judged ON buy (model, bar_ms, up, outcome, result) WHERE outcome >= 0;
    """,
)
VERSION: Final = len(MIGRATIONS)


class NewerJournalError(Exception):
    """The journal has tables of a later version of tickerlens."""


def migrate(database: sqlite3.Connection) -> None:
    """Bring the tables of a journal to this version, from none or from those of an older one.

    Raises:
        NewerJournalError: They are of a later version.
        sqlite3.Error: It cannot be done; the journal is as it was.
    """
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise NewerJournalError(f"its tables are of version {version}, later than {VERSION}")
    for number in range(version, VERSION):
        # `executescript` commits what is open; the whole step is one transaction all the same.
        database.executescript(
            f"BEGIN; {MIGRATIONS[number]}; PRAGMA user_version = {number + 1}; COMMIT;"
        )
