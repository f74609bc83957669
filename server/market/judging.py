"""What follows from a listing: which model fits, how bars are judged, and how late it is there.

Apart, because the last two ask calendars where they must, and these take a second to load.
"""

from typing import Final

from models.bundles.facts import BundleFacts
from models.data.bars import Rules
from server.feeds.base import Listing
from server.market.clock import Hours, MarketClock
from shared.contract import interval_seconds
from shared.errors import BundleError, DataError
from shared.settings import ServerSettings

_DAY_S: Final = 86_400


def check_interval(listing: Listing, bundle: BundleFacts, settings: ServerSettings) -> None:
    """Refuse bars of another length than the model was trained on, unless that is asked for.

    Raises:
        BundleError: The lengths differ.
    """
    trained = bundle.card.interval
    if listing.interval != trained and not settings.allow_interval:
        raise BundleError(
            f"{bundle.card.name} was trained on bars of {trained}, the feed has bars of "
            f"{listing.interval}: its answers would mean little; --allow-interval plays them anyway"
        )


def rules_of(listing: Listing, jump_limit: float) -> Rules:
    """Return the rules for the bars of a listing.

    Args:
        listing: What is played.
        jump_limit: A move beyond this share between two closes is a split.

    Raises:
        DataError: The bars are so short that no session could fill a window.
    """
    interval_s = interval_seconds(listing.interval)
    if interval_s >= _DAY_S:
        return Rules(interval_s=interval_s, jump_limit=jump_limit)
    # Bars of days need no calendar.
    from models.data.rules import rules_for

    rules = rules_for(listing.market, interval_s, jump_limit)
    if rules.too_short():
        raise DataError(rules.too_short())
    return rules


def clock_of(listing: Listing) -> MarketClock:
    """Return the clock of the market of a listing."""
    interval_s = interval_seconds(listing.interval)
    if listing.played:
        return MarketClock(interval_s, played=True)
    # What is played needs no calendar.
    from models.data.calendars.sessions import sessions_of

    sessions = sessions_of(listing.market)
    if sessions is None:
        return MarketClock(interval_s, played=False, delay_s=listing.delay_s)
    opens, ends = sessions.parts(extended=False)
    hours = Hours(open_ms=opens, end_ms=ends, close_ms=sessions.close_ms)
    return MarketClock(interval_s, played=False, hours=hours, delay_s=listing.delay_s)
