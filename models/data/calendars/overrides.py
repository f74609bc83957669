"""What calendars have wrong, corrected by a file of ours and one of the user's."""

import datetime
import functools
import re
from pathlib import Path
from typing import Final, Self

import msgspec
import platformdirs

from shared.errors import SettingsError
from shared.toml import parse_toml

OURS: Final = Path(__file__).parent / "overrides.toml"
USERS: Final = Path(platformdirs.user_config_dir("tickerlens", appauthor=False)) / "calendars.toml"

_CLOCK: Final = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")


def _check_clocks(*clocks: str | None) -> None:
    for clock in clocks:
        if clock is not None and _CLOCK.fullmatch(clock) is None:
            raise ValueError(f"a time is written as 15:30, was {clock!r}")


class Day(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Dates on which a market trades otherwise than its calendar says.

    Attributes:
        market: Code of exchange_calendars.
        dates: Which.
        closed: There is no session.
        open: When the session opens, local time.
        close: When it closes, local time.
        why: The reason.
        source: Where that is said.
        noted: When it was written down.
    """

    market: str
    dates: tuple[datetime.date, ...]
    closed: bool = False
    open: str | None = None
    close: str | None = None
    why: str
    source: str
    noted: datetime.date

    def __post_init__(self) -> None:
        if self.closed == (self.open is not None or self.close is not None):
            raise ValueError("a day is either closed, or has an open or close")
        _check_clocks(self.open, self.close)


class Extended(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Trading outside of the regular session, on each day that has one.

    Attributes:
        market: Code of exchange_calendars.
        since: First date.
        open: Local time.
        close: Local time.
        why: What it is.
        source: Where that is said.
        noted: When it was written down.
    """

    market: str
    since: datetime.date
    open: str
    close: str
    why: str
    source: str
    noted: datetime.date

    def __post_init__(self) -> None:
        _check_clocks(self.open, self.close)


class Overrides(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is corrected; where several entries name a date, the last one counts.

    Attributes:
        day: Sessions.
        extended: What trades around them.
    """

    day: tuple[Day, ...] = ()
    extended: tuple[Extended, ...] = ()

    def of(self, market: str) -> Self:
        """Return what concerns one market."""
        return type(self)(
            day=tuple(d for d in self.day if d.market == market),
            extended=tuple(e for e in self.extended if e.market == market),
        )


def read_overrides(path: Path) -> Overrides:
    """Return the corrections in a file.

    Raises:
        SettingsError: The file is not what it must be.
    """
    try:
        return msgspec.convert(parse_toml(path.read_bytes()), Overrides)
    except (OSError, ValueError) as e:
        raise SettingsError(f"{path}: {e}") from e


@functools.cache
def overrides() -> Overrides:
    """Return our corrections with the user's after them.

    Raises:
        SettingsError: The user's file is not what it must be.
    """
    parts = [read_overrides(path) for path in (OURS, USERS) if path.exists()]
    return Overrides(
        day=tuple(d for part in parts for d in part.day),
        extended=tuple(e for part in parts for e in part.extended),
    )
