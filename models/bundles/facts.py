"""What a bundle says of itself, without its network; read without torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from models.bundles.card import CARD_VERSION, OLDEST_CARD, Card, Span
from models.bundles.files import CARD_FILE, BundleFiles, parse
from models.data.features import registry
from models.data.features.feature_set import FeatureSet
from models.data.times import to_ms
from shared.contract import CLASS_NAMES, WINDOW_SHAPE, interval_seconds
from shared.errors import BundleError, DataError, PluginError, SettingsError
from shared.limits import MAX_NAME
from shared.markets import MARKETS
from shared.provenance import Provenance, SampleSpan

Sizes = TypeVar("Sizes", bound=msgspec.Struct)


@dataclass(frozen=True, kw_only=True, eq=False)
class BundleFacts:
    """A model, but for what computes it.

    Attributes:
        card: What the model is.
        card_json: The card's file, word for word.
        feature_set: What its windows hold.
    """

    card: Card
    card_json: str
    feature_set: FeatureSet

    @property
    def model_id(self) -> str:
        """Return the name and the first 8 digits of the weights' hash."""
        return f"{self.card.name}@{self.card.weights_sha256[:8]}"

    @property
    def provenance(self) -> Provenance:
        """Return what the model was made of, as it is told on the wire."""
        card, spans = self.card, self.card.spans
        return Provenance(
            created_ms=to_ms(card.created),
            label=card.label.sentence()[:MAX_NAME],
            train=_told(spans.train),
            validation=_told(spans.validation),
            test=_told(spans.test),
            skill=card.skill,
        )


def read_facts(files: BundleFiles, origin: str) -> BundleFacts:
    """Return what a bundle says of itself.

    Args:
        files: Its files.
        origin: Where they are from, for sentences.

    Raises:
        BundleError: The card does not fit the contract.
        PluginError: It needs a feature set that no installed package offers, or that fails.
    """
    path = Path(origin, CARD_FILE)
    card = _parse_card(path, files.card)
    feature_set = _feature_set(card, path)
    return BundleFacts(card=card, card_json=files.card.decode(), feature_set=feature_set)


def read_sizes(card: Card, origin: str, kind: type[Sizes]) -> Sizes:
    """Return the hyper-parameters of a card's network.

    Args:
        card: It.
        origin: Where it is from, for sentences.
        kind: The record of that kind of network.

    Raises:
        BundleError: They are no such record.
    """
    try:
        return msgspec.convert(card.network.sizes, kind)
    except msgspec.ValidationError as e:
        raise BundleError(f"{Path(origin, CARD_FILE)}: network.sizes: {e}") from e


def _told(span: Span) -> SampleSpan:
    return SampleSpan(first_ms=to_ms(span.first), last_ms=to_ms(span.last), samples=span.samples)


def _feature_set(card: Card, path: Path) -> FeatureSet:
    try:
        found = registry.feature_set(card.feature_set)
    except PluginError as e:
        raise PluginError(f"{path} cannot be loaded: {e}") from e
    if card.features != found.names:
        raise BundleError(f"{path}: features must be {found.names}, was {card.features}")
    return found


def _parse_card(path: Path, content: bytes) -> Card:
    card = parse(path, content, Card, CARD_VERSION, oldest=OLDEST_CARD)
    contract = {"window": WINDOW_SHAPE, "classes": CLASS_NAMES}
    for field, expected in contract.items():
        if getattr(card, field) != expected:
            raise BundleError(f"{path}: {field} must be {expected}, was {getattr(card, field)}")
    try:
        interval_seconds(card.interval)
        _check_market(card.market)
    except (DataError, SettingsError) as e:
        raise BundleError(f"{path}: {e}") from e
    return card


def _check_market(name: str) -> None:
    if name not in MARKETS:
        # exchange_calendars takes a second to import, and most cards name one of ours.
        from models.data.calendars.markets import market_named

        market_named(name)
