"""What each extra of the distribution installs, and what is said where some of it is missing.

Only these packages are ever told as missing. A module that is not found for another reason is a
defect of ours, or of the installation, and keeps its traceback.
"""

import contextlib
import importlib.util
from collections.abc import Iterator
from typing import Final, Literal

from shared.errors import UnavailableError

Extra = Literal[
    "terminal",
    "server",
    "train",
    "metrics",
    "all",
    "alpaca",
    "ccxt",
    "toss",
    "kis",
    "yahoo",
    "feeds",
]

# By the names under which they are imported.
_TERMINAL: Final = ("rich",)
_SERVER: Final = (
    *_TERMINAL,
    *("captum", "exchange_calendars", "pandas", "polars", "pyarrow", "safetensors", "structlog"),
    "torch",
)
_TRAIN: Final = (
    *_SERVER,
    *("arch", "jinja2", "joblib", "lightgbm", "matplotlib", "scipy", "sklearn"),
)
_METRICS: Final = ("prometheus_client",)
_ALPACA: Final = ("alpaca", "keyring")
_CCXT: Final = ("ccxt",)
_KOREAN: Final = ("httpx", "websockets")
_YAHOO: Final = ("curl_cffi", "yfinance")
PACKAGES: Final[dict[Extra, tuple[str, ...]]] = {
    "terminal": _TERMINAL,
    "server": _SERVER,
    "train": _TRAIN,
    "metrics": _METRICS,
    "all": (*_TRAIN, *_METRICS),
    "alpaca": (*_SERVER, *_ALPACA),
    "ccxt": (*_SERVER, *_CCXT),
    "toss": (*_SERVER, *_KOREAN),
    "kis": (*_SERVER, *_KOREAN),
    "yahoo": (*_SERVER, *_YAHOO),
    "feeds": (*_SERVER, *_ALPACA, *_CCXT, *_KOREAN, *_YAHOO),
}


def how_to_install(extra: Extra) -> str:
    """Return the command that installs an extra."""
    return f'python -m pip install "tickerlens[{extra}]"'


def missing_of(extra: Extra) -> list[str]:
    """Return which packages of an extra are not installed."""
    return [name for name in PACKAGES[extra] if importlib.util.find_spec(name) is None]


@contextlib.contextmanager
def needs(extra: Extra) -> Iterator[None]:
    """Say of a package of `extra` that is missing how to get it; all else passes as it is.

    Raises:
        UnavailableError: A package of the extra is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as e:
        # The whole name: what is missing *inside* an installed package is no matter of an extra.
        if e.name not in PACKAGES[extra]:
            raise
        how = how_to_install(extra)
        raise UnavailableError(f"the package {e.name} is not installed: {how}") from e
