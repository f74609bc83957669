"""From the `feed` setting to a feed."""

from pathlib import Path

from server.feeds.base import Feed
from server.feeds.pacing import PacedFeed, batch_seconds
from server.feeds.simulated import QUARTERS, SimulatedFeed
from shared.errors import SettingsError
from shared.settings import ServerSettings


def open_feed(settings: ServerSettings) -> Feed:
    """Return the feed that the settings name, ready to play.

    Raises:
        TickerlensError: There is no such feed, or its source cannot be used.
    """
    kind, _, path = settings.feed.partition(":")
    if settings.feed == "simulated":
        feed = SimulatedFeed(settings.tickers, settings.seed)
        return PacedFeed(feed, batch_seconds(settings.speed, QUARTERS))
    if kind == "replay" and path:
        # pandas takes half a second to import; only this feed needs it.
        from server.feeds.replay import ReplayFeed

        return PacedFeed(ReplayFeed(Path(path), settings), batch_seconds(settings.speed))
    raise SettingsError(f"feed must be simulated or replay:PATH, was {settings.feed!r}")
