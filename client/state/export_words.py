"""What stands below an exported page; pure functions."""

import datetime

from client.state.explained import Explained


def page_foot(title: str, explained: Explained, now_ms: int) -> str:
    """Return whose decision a page shows, and when it was made.

    Args:
        title: Of the window.
        explained: What it shows.
        now_ms: The time now, ms since 1970 UTC.
    """
    when = datetime.datetime.fromtimestamp(now_ms / 1000, datetime.UTC)
    past, decision = explained.past, explained.decision
    model = "" if decision is None else decision.stamp.model_id
    by = f"model {past.decided_by if past is not None else model}" if model else ""
    return " · ".join(filter(None, (title, by, f"written {when:%Y-%m-%d %H:%M} UTC")))
