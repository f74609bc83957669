"""What can be set for the feeds of our own; the words stand here once, as in `shared.settings`.

`--help` is made from here, so nothing is imported that costs time.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from server.feeds.alpaca.settings import AlpacaSettings
from server.feeds.ccxt.settings import CcxtSettings
from server.feeds.kis.settings import KisSettings
from server.feeds.push.settings import PushSettings
from server.feeds.toss.settings import TossSettings
from server.feeds.watch.settings import WatchSettings
from server.feeds.yahoo.settings import YahooSettings
from shared.reading import ReadOptions

Speed = Annotated[float, Meta(ge=1e-6)] | Literal["max"]
_SPEED_WORDS: Final = (
    "bars of one ticker a minute, so that 60 plays one-minute bars 60 times as fast as they came; "
    "`max` does not wait at all"
)


class SimulatedSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[feed.simulated]` table."""

    tickers: Annotated[int, Meta(ge=1, le=100_000, description="size of the simulated market")] = (
        300
    )
    seed: Annotated[
        int, Meta(ge=0, description="start of the simulated market's random numbers")
    ] = 7
    speed: Annotated[Speed, Meta(description=_SPEED_WORDS)] = 30.0


class ReplaySettings(ReadOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[feed.replay]` table; how files are read is set as it is for `tickerlens-models`."""

    speed: Annotated[Speed, Meta(description=_SPEED_WORDS)] = 30.0
    warmup: Annotated[
        int,
        Meta(
            ge=0,
            le=5_000,
            description="bars at the start that are history: they fill windows and are not waited "
            "for",
        ),
    ] = 120
    begin: Annotated[
        str,
        Meta(
            description="first date or time, ISO 8601; bars before it are history, and `warmup` "
            "does not count"
        ),
    ] = msgspec.field(default="", name="from")
    end: Annotated[str, Meta(description="last date or time, ISO 8601")] = msgspec.field(
        default="", name="to"
    )
    names: Annotated[
        str,
        Meta(
            description="CSV file with columns `symbol`, `name` and `market`, and, as you like, "
            "`name_en` and `sector`"
        ),
    ] = ""


# The feeds of our own, by name, as the command line has flags for their settings.
SETTINGS: Final[dict[str, type[msgspec.Struct]]] = {
    "simulated": SimulatedSettings,
    "replay": ReplaySettings,
    "push": PushSettings,
    "watch": WatchSettings,
    "ccxt": CcxtSettings,
    "toss": TossSettings,
    "kis": KisSettings,
    "alpaca": AlpacaSettings,
    "yahoo": YahooSettings,
}
