"""In which unit exchanges count volume: ours are coins, everywhere."""

from collections.abc import Mapping
from typing import Final

from server.feeds.live.faults import SourceError

# Seen with ccxt 4.5.90 (docs/feeds.md): bars of contracts count contracts there, elsewhere coins.
_IN_CONTRACTS: Final = frozenset(("delta", "gate", "gateio", "kucoin", "kucoinfutures", "phemex"))
_IN_MONEY: Final = frozenset(("hibachi",))
_TWO_UNITS: Final = frozenset(("binance", "binancecoinm"))  # of coin-margined contracts


def volume_factor(exchange: str, market: Mapping[str, object]) -> float:
    """Return what the volume of a bar is multiplied by, so that it is in coins.

    Args:
        exchange: As ccxt calls it.
        market: As ccxt describes it.

    Raises:
        SourceError: `units_differ`: nothing makes coins of it.
    """
    if not market.get("contract"):
        return 1.0
    if exchange in _IN_MONEY or (exchange in _TWO_UNITS and market.get("inverse")):
        raise SourceError("units_differ", f"ccxt:{exchange}", str(market.get("symbol", "")))
    size = market.get("contractSize")
    if exchange in _IN_CONTRACTS and isinstance(size, int | float):
        return float(size)
    return 1.0
