"""The labelled windows that a bundle is judged on, by the dates that people write."""

from models.bundles.bundle import Bundle
from models.bundles.card import Card
from models.data.table import BarTable
from models.data.times import instant, to_ms, to_utc
from models.training.dataset import Samples, collect
from shared.contract import Bool
from shared.errors import DataError, SettingsError


def samples_for(bundle: Bundle, table: BarTable) -> Samples:
    """Return the windows of bars with the features and the labels of a bundle.

    Raises:
        DataError: The bars are of another interval.
    """
    card = bundle.card
    if table.interval != card.interval:
        raise DataError(
            f"{card.name} was trained on bars of {card.interval}, these are of {table.interval}"
        )
    samples, _ = collect(table, table.rules(card.jump_limit), card.label, bundle.feature_set)
    return samples


def bounds(card: Card, table: BarTable, since: str, until: str) -> tuple[int, int]:
    """Return the first and the last time of a span, ms since 1970 UTC.

    Args:
        card: Whose test span begins it unless `since` does.
        table: Whose newest bar ends it unless `until` does.
        since: A date or time, or nothing.
        until: A date or time, or nothing; a date counts whole.

    Raises:
        SettingsError: One is not a date or time, or the first is after the last.
    """
    since_ms = instant(since, table.market) if since else to_ms(card.spans.test.first)
    newest_ms = int(table.bar_ms.max())
    until_ms = instant(until, table.market, last=True) if until else newest_ms
    if since and until and since_ms > until_ms:
        raise SettingsError(f"--from {since} is after --to {until}")
    return since_ms, until_ms


def within(samples: Samples, since_ms: int, until_ms: int) -> Bool:
    """Return (n,) bool, whether the label of each of n samples falls in the span, ends included.

    Raises:
        DataError: None does.
    """
    inside: Bool = (samples.target_ms >= since_ms) & (samples.target_ms <= until_ms)
    if not inside.any():
        first, last = (f"{to_utc(ms):%Y-%m-%d %H:%M}" for ms in (since_ms, until_ms))
        raise DataError(f"no labelled window lies between {first} and {last} UTC, choose others")
    return inside
