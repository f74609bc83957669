"""Between times as people write them and ms since 1970 UTC."""

import datetime
from zoneinfo import ZoneInfo

from shared.errors import SettingsError
from shared.markets import Market


def instant(text: str, market: Market, *, last: bool = False) -> int:
    """Return an ISO 8601 date or time as ms since 1970 UTC.

    A time without a zone is local to the market. A date means its first moment, or with `last` the
    midnight that ends it.

    Raises:
        SettingsError: `text` is not an ISO 8601 date or time.
    """
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError as e:
        raise SettingsError(f"a date is written like 2024-01-31, was {text!r}") from e
    if last and len(text) <= len("2024-01-31"):
        moment += datetime.timedelta(days=1)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(market.timezone))
    return to_ms(moment)


def now() -> datetime.datetime:
    """Return the time, UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


def to_ms(moment: datetime.datetime) -> int:
    """Return an aware time in ms since 1970 UTC."""
    return round(moment.timestamp() * 1000)


def to_utc(ms: int) -> datetime.datetime:
    """Return a time in ms since 1970 UTC as an aware one."""
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC)
