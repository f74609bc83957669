import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd
from yfinance import cache as cache
from yfinance import exceptions as exceptions
from yfinance import utils as utils

class _Debug:
    hide_exceptions: bool

class _Config:
    debug: _Debug

config: _Config

class Ticker:
    def __init__(self, ticker: str, session: object = None) -> None: ...
    def history(
        self,
        *,
        interval: str,
        start: dt.datetime,
        end: dt.datetime,
        prepost: bool,
        actions: bool,
        auto_adjust: bool,
        timeout: float,
    ) -> pd.DataFrame: ...
    def get_history_metadata(self) -> Mapping[str, Any]: ...

def set_tz_cache_location(cache_dir: str) -> None: ...
