from collections.abc import Awaitable
from typing import Any

exchanges: list[str]

class Exchange:
    id: str
    has: dict[str, bool | str | None]
    timeframes: dict[str, str]
    rateLimit: float
    features: dict[str, Any] | None
    urls: dict[str, Any]
    timeout_on_exit: float
    last_response_headers: dict[str, str] | None
    markets: dict[str, dict[str, Any]]
    trades: dict[str, list[dict[str, Any]]]
    ohlcvs: dict[str, dict[str, list[list[float]]]]
    async def close(self) -> None: ...
    async def close_ws_clients(self) -> None: ...
    async def load_markets(self, reload: bool = False) -> dict[str, Any]: ...
    async def fetch_tickers(self) -> dict[str, dict[str, Any]]: ...
    async def fetch_ohlcv(
        self, symbol: str, timeframe: str, since: int | None = None, limit: int | None = None
    ) -> list[list[float]]: ...
    def watch_trades_for_symbols(self, symbols: list[str]) -> Awaitable[object]: ...
    def watch_ohlcv_for_symbols(self, wanted: list[list[str]]) -> Awaitable[object]: ...
    async def watch_ohlcv(self, symbol: str, timeframe: str) -> list[list[float]]: ...
