"""From the `feed` setting to a feed: ours, and those of installed packages."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from server.feeds.alpaca.settings import AlpacaSettings
from server.feeds.base import Feed
from server.feeds.ccxt.settings import CcxtSettings
from server.feeds.kind import FeedKind
from server.feeds.kis.settings import KisSettings
from server.feeds.live.settings import LiveSettings
from server.feeds.live.source import LiveSource
from server.feeds.pacing import PacedFeed, batch_seconds
from server.feeds.push.settings import PushSettings
from server.feeds.roster import Roster
from server.feeds.settings import ReplaySettings, SimulatedSettings
from server.feeds.toss.settings import TossSettings
from server.feeds.watch.settings import WatchSettings
from server.feeds.yahoo.settings import YahooSettings
from shared import plugins
from shared.contract import interval_seconds
from shared.errors import PluginError, SettingsError
from shared.extras import needs

_GROUP: Final = "tickerlens.feeds"


def _simulated(argument: str, settings: SimulatedSettings) -> Feed:
    from server.feeds.simulated import QUARTERS, SimulatedFeed

    if argument:
        raise SettingsError(f"the feed simulated takes no argument, was {argument!r}")
    feed = SimulatedFeed(settings.tickers, settings.seed)
    return PacedFeed(feed, batch_seconds(settings.speed, QUARTERS))


def _replay(argument: str, settings: ReplaySettings) -> Feed:
    # pandas takes half a second to import; only this feed needs it.
    from server.feeds.replay import ReplayFeed

    if not argument:
        raise SettingsError("the feed replay needs a file or folder: replay:PATH")
    return PacedFeed(ReplayFeed(Path(argument), settings), batch_seconds(settings.speed))


def _push(argument: str, settings: PushSettings) -> Feed:
    from server.feeds.push.feed import PushFeed

    if not argument:
        raise SettingsError("the feed push needs an endpoint: push:tcp://127.0.0.1:5560")
    return PushFeed(argument, settings)


def _watch(argument: str, settings: WatchSettings) -> Feed:
    # As of replay: pandas takes half a second to import.
    from server.feeds.watch.feed import WatchFeed

    if not argument:
        raise SettingsError("the feed watch needs a file or folder: watch:PATH")
    return WatchFeed(Path(argument), settings)


def _ccxt(argument: str, settings: CcxtSettings) -> LiveSource:
    if not argument:
        raise SettingsError("the feed ccxt needs an exchange: ccxt:upbit")
    with needs("ccxt"):
        from server.feeds.ccxt.source import CcxtSource
    return CcxtSource(argument, settings)


def _toss(argument: str, settings: TossSettings) -> LiveSource:
    if argument:
        raise SettingsError(f"the feed toss takes no argument, was {argument!r}")
    with needs("toss"):
        from server.feeds.toss.source import TossSource
    return TossSource(settings)


def _kis(argument: str, settings: KisSettings) -> LiveSource:
    if argument:
        raise SettingsError(f"the feed kis takes no argument, was {argument!r}")
    with needs("kis"):
        from server.feeds.kis.source import KisSource
    return KisSource(settings)


def _alpaca(argument: str, settings: AlpacaSettings) -> LiveSource:
    if argument:
        raise SettingsError(f"the feed alpaca takes no argument, was {argument!r}")
    with needs("alpaca"):
        from server.feeds.alpaca.source import AlpacaSource
    return AlpacaSource(settings)


def _yahoo(argument: str, settings: YahooSettings) -> LiveSource:
    if argument:
        raise SettingsError(f"the feed yahoo takes no argument, was {argument!r}")
    with needs("yahoo"):
        from server.feeds.yahoo.source import YahooSource
    return YahooSource(settings)


def _played(open_: Callable[[str, Any], LiveSource], argument: str, settings: LiveSettings) -> Feed:
    source = open_(argument, settings)
    from server.feeds.live.feed import LiveFeed

    return LiveFeed(source, settings)


# Vendors of live bars, by name.
SOURCES: Final[dict[str, Callable[[str, Any], LiveSource]]] = {
    "ccxt": _ccxt,
    "toss": _toss,
    "kis": _kis,
    "alpaca": _alpaca,
    "yahoo": _yahoo,
}

OURS: Final[dict[str, FeedKind[Any]]] = {
    "simulated": FeedKind(settings=SimulatedSettings, open=_simulated),
    "replay": FeedKind(settings=ReplaySettings, open=_replay),
    "push": FeedKind(settings=PushSettings, open=_push),
    "watch": FeedKind(settings=WatchSettings, open=_watch),
    "ccxt": FeedKind(settings=CcxtSettings, open=partial(_played, _ccxt)),
    "toss": FeedKind(settings=TossSettings, open=partial(_played, _toss)),
    "kis": FeedKind(settings=KisSettings, open=partial(_played, _kis)),
    "alpaca": FeedKind(settings=AlpacaSettings, open=partial(_played, _alpaca)),
    "yahoo": FeedKind(settings=YahooSettings, open=partial(_played, _yahoo)),
}


def names() -> tuple[str, ...]:
    """Return the names of all kinds of feed that there are."""
    return (*OURS, *plugins.names_beside(_GROUP, OURS))


def feed_kind(name: str) -> FeedKind[Any]:
    """Return the kind of feed of a name.

    Raises:
        SettingsError: There is none of that name.
        PluginError: A package offers it that cannot be imported, or offers something else.
    """
    if name in OURS:
        return OURS[name]
    if name not in names():
        more = ", ".join(plugins.names_beside(_GROUP, OURS)) or "none is installed"
        raise SettingsError(
            "feed must be simulated, replay:PATH, watch:PATH, push:ENDPOINT, ccxt:EXCHANGE, "
            f"alpaca, toss, kis, yahoo, or one of a package ({more}), was {name!r}"
        )
    return plugins.load(_GROUP, name, FeedKind)


def open_feed(name: str, argument: str, settings: msgspec.Struct) -> Feed:
    """Return a feed, ready to play.

    Args:
        name: Of the kind.
        argument: What stands behind the name and a colon; empty where there is none.
        settings: A record of the kind's settings.

    Raises:
        TickerlensError: There is no such feed, its source cannot be used, or its listing is none.
    """
    if name in OURS:  # what we do wrong ourselves keeps its traceback
        return OURS[name].open(argument, settings)
    kind = feed_kind(name)
    with plugins.guarded(_GROUP, name):
        feed = kind.open(argument, settings)
        try:
            Roster(feed.listing)
        except ValueError as e:
            raise PluginError(f"the feed {name!r} has a listing that is none: {e}") from e
        interval_seconds(feed.listing.interval)
    return feed


def open_source(name: str, argument: str, settings: msgspec.Struct) -> LiveSource:
    """Return a vendor of live bars that was not asked anything yet.

    Args:
        name: Of the feed.
        argument: What stands behind the name and a colon; empty where there is none.
        settings: A record of the feed's settings.

    Raises:
        TickerlensError: The feed has no vendor, or cannot be used.
    """
    if name not in SOURCES:
        raise SettingsError(f"only {', '.join(SOURCES)} have a vendor to ask, was feed {name}")
    return SOURCES[name](argument, settings)
