"""The schedule of a calendar as plain arrays, kept on disk: to work Seoul's out takes seconds."""

import importlib.metadata
import io
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from models.data.calendars.disk_cache import cache_file, keep
from models.data.calendars.exchange import calendar_of
from shared.contract import Int64

COLUMNS: Final = ("day", "open", "close", "break_start", "break_end")


def schedule_of(code: str, today: pd.Timestamp) -> dict[str, Int64]:
    """Return the sessions of a calendar up to its horizon, (n,) int64 each, by `COLUMNS`.

    `day` counts from 1970, the others are ms since 1970 UTC, 0 where there is none.

    Args:
        code: Of exchange_calendars.
        today: What is kept is worked out anew each month, because the horizon moves.
    """
    version = importlib.metadata.version("exchange_calendars")
    name = f"{code.replace('/', '-')}-{version}-{today:%Y-%m}.npy"
    path = cache_file(name)
    kept = _kept(path)
    if kept is None:
        kept = _worked_out(code)
        content = io.BytesIO()
        np.save(content, np.stack([kept[name] for name in COLUMNS]), allow_pickle=False)
        keep(path, content.getvalue())
    return kept


def _kept(path: Path) -> dict[str, Int64] | None:
    # A file that cannot be read is as good as none.
    try:
        rows = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if rows.dtype != np.int64 or rows.ndim != 2 or len(rows) != len(COLUMNS) or not rows.size:
        return None
    return dict(zip(COLUMNS, rows, strict=True))


def _worked_out(code: str) -> dict[str, Int64]:
    # The last session of a long span has wrong hours in exchange_calendars 4.13 (Seoul opens at
    # 10:00 then): it is taken for one beyond the horizon.
    schedule = calendar_of(code).schedule.iloc[:-1]
    days = schedule.index.to_numpy().astype("datetime64[D]").astype(np.int64)
    return {"day": days} | {name: _ms(schedule[name]) for name in COLUMNS[1:]}


def _ms(times: "pd.Series[pd.Timestamp]") -> Int64:
    # 0 for what is not: no exchange had a calendar in 1970.
    values = times.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[ms]")
    return np.where(np.isnat(values), 0, values.astype(np.int64))
