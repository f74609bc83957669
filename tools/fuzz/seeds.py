"""What a fuzzer begins with: requests of every kind, and a model that anybody can predict."""

from typing import Final

from models.bundles.bundle import Bundle
from models.data.features.price_volume import PRICE_VOLUME
from shared.protocol.requests import (
    AnyRequest,
    Cancel,
    GetBars,
    GetBuys,
    GetExplanation,
    GetHeatmap,
    GetMethods,
    GetModel,
    GetPastBuys,
    GetPastWindow,
    GetSnapshot,
    GetUniverse,
    Ping,
)
from tests.kit.cards import a_card
from tests.kit.house import SYMBOLS, Follower

REQUESTS: Final[tuple[AnyRequest, ...]] = (
    GetUniverse(request_id=1),
    GetSnapshot(request_id=-1),
    GetModel(request_id=2**63),
    GetBuys(request_id=4, after=1),
    GetBars(request_id=5, symbol=SYMBOLS[0], count=10),
    GetHeatmap(request_id=6, symbol=SYMBOLS[2]),
    GetMethods(request_id=7),
    GetExplanation(request_id=8, symbol=SYMBOLS[1], method="occlusion", target=1),
    GetPastBuys(request_id=11, symbol=SYMBOLS[0], count=3),
    GetPastWindow(request_id=12, symbol=SYMBOLS[0], bar_ms=5),
    Ping(request_id=9),
    Cancel(request_id=10, cancels=8),
)


def follower() -> Bundle:
    """Return a model that says: what went up will go up."""
    return Bundle(
        card=a_card("ab" * 32),
        card_json='{"name": "made"}',
        feature_set=PRICE_VOLUME,
        network=Follower(),
    )
