import datetime

import pandas as pd

class ExchangeCalendar:
    tz: datetime.tzinfo
    close_times: tuple[tuple[pd.Timestamp | None, datetime.time], ...]
    schedule: pd.DataFrame
    @classmethod
    def bound_min(cls) -> pd.Timestamp | None: ...

def get_calendar(
    name: str, start: pd.Timestamp | str | None = None, end: pd.Timestamp | str | None = None
) -> ExchangeCalendar: ...
def get_calendar_names(include_aliases: bool = True) -> list[str]: ...
def resolve_alias(name: str) -> str: ...
