"""One valid message of every kind; what a test does not name has a value that the wire takes."""

from typing import Any, TypeVar

import msgspec
import numpy as np

from models.data.features.price_volume import PRICE_VOLUME
from shared.columns import COLUMNS, DECIDED, UP_WINS
from shared.contract import STEPS, WINDOW_SHAPE, Float32
from shared.protocol.answers import (
    Bars,
    BuyLog,
    Canceled,
    ModelCard,
    Pong,
    Refusal,
    Snapshot,
    Universe,
)
from shared.protocol.envelope import Message, Stamp
from shared.protocol.explanations import Explanation, Methods
from shared.protocol.messages import Bar, Buy, Confidence, Heatmap, Status, TrackRecord
from shared.protocol.past import OPEN, PastBuys, PastWindow
from tests.kit.methods import CAM, FAULT, LIVE

M = TypeVar("M", bound=Message)

STAMP = Stamp(run_id="run", sequence=4, model_id="krx-daily@01234567", newest_bar_ms=7, made_ms=9)
SLOPE = msgspec.structs.replace(LIVE, note="The slope of the logit.")


def a_message(kind: type[M], **changes: Any) -> M:
    """Make a valid message of a kind; a test names only the fields it is about."""
    values = _defaults()[kind] | changes
    arrays = {name: values.pop(name) for name in kind.ARRAYS}
    return kind.of_parts(values, arrays)


def a_track(**changes: Any) -> TrackRecord:
    """Make a record of buys that did about as well as was said."""
    fields: dict[str, Any] = {
        "judged": 840,
        "newest": 500,
        "hit_rate": 0.4,
        "hit_low": 0.35,
        "hit_high": 0.45,
        "claimed": 0.41,
        "brier_skill": 0.01,
        "skill_low": -0.01,
        "skill_high": 0.03,
        "net_return": 0.0005,
        "net_low": -0.001,
        "net_high": 0.002,
        "evidence": 1.4,
        "parted": False,
    }
    return TrackRecord(**(fields | changes))


def row_columns(probabilities: Float32) -> dict[str, Any]:
    """Make every column of (n, 3) float32 probabilities; all zero is a row without a window yet.

    A column that is not named here is all zero.
    """
    n, winner = len(probabilities), probabilities.argmax(axis=1)
    decided = probabilities.any(axis=1)
    return {c.name: np.zeros((n, *c.shape), c.dtype) for c in COLUMNS} | {
        "probabilities": probabilities,
        "last": np.full(n, 100.0),
        "change": np.full(n, -0.01, np.float32),
        "bar_ms": np.full(n, 5, np.int64),
        "flags": (decided * DECIDED | (decided & (winner == 2)) * UP_WINS).astype(np.uint8),
        "sets": np.where(decided, 1 << winner | 2, 0).astype(np.uint8),  # the winner, and flat
        "coverage": 0.9,
    }


def _defaults() -> dict[type[Message], dict[str, Any]]:
    symbols = ("005930", "BTC/USDT")
    two_rows = {
        "stamp": STAMP,
        "symbols": symbols,
        **row_columns(np.array([(0.25, 0.25, 0.5), (0, 0, 0)], np.float32)),
    }
    grid = np.linspace(-1, 1, 48, dtype=np.float32).reshape(WINDOW_SHAPE)
    bars = np.array([[10, 12, 9, 11, 500], [11, 11, 11, 11, 0]], np.float64)
    heatmap = {
        "stamp": STAMP,
        "symbol": "005930",
        "method": LIVE.name,
        "title": LIVE.title,
        "kind": LIVE.kind,
        "winner": 2,
        "top_drop": 0.2,
        "random_drop": -0.01,
        "scores": np.array([0.125, 0.125, 0.75], np.float32),
        "probabilities": np.array([0.25, 0.25, 0.5], np.float32),
        "saliency": grid,
        "raw": grid / 10,
        "scaled": grid * 2,
        "bar_ms": np.arange(STEPS, dtype=np.int64),
    }
    return {
        PastWindow: heatmap
        | {
            "decided_by": "krx-daily@01234567",
            "decided_ms": 9,
            "kept": True,
            "sets": 5,
            "features": PRICE_VOLUME.features,
        },
        Confidence: two_rows,
        Snapshot: two_rows | {"confidence_sequence": 4, "buy_sequence": 1},
        Buy: {
            "stamp": STAMP,
            "symbols": symbols,
            "confidence": np.array([0.5, 0.7], np.float32),
            "last": np.array([71_000.0, 0.5]),
            "bar_ms": np.array([7, 7], np.int64),
        },
        BuyLog: {
            "stamp": STAMP,
            "symbols": ("005930", "005930"),
            "complete": True,
            "buy_sequence": 2,
            "sequence": np.array([1, 2], np.int64),
            "made_ms": np.array([8, 9], np.int64),
            "confidence": np.array([0.5, 0.7], np.float32),
            "last": np.array([71_000.0, 72_000.0]),
            "bar_ms": np.array([6, 7], np.int64),
        },
        Heatmap: heatmap,
        Methods: {
            "stamp": STAMP,
            "methods": (SLOPE, msgspec.structs.replace(CAM, verdict=FAULT)),
        },
        Explanation: {
            "stamp": STAMP,
            "symbol": "BTC/USDT",
            "method": SLOPE,
            "winner": 2,
            "target": 0,
            "gap": None,
            "top_drop": 0.2,
            "random_drop": -0.01,
            "map": grid,
            "probabilities": np.array([0.25, 0.25, 0.5], np.float32),
            "raw": grid / 10,
            "scaled": grid * 2,
            "bar_ms": np.arange(STEPS, dtype=np.int64),
        },
        PastBuys: {
            "stamp": STAMP,
            "symbol": "005930",
            "count": 3,
            "bar_ms": np.array([5, 6, 7], np.int64),
            "confidence": np.array([0.5, 0.6, 0.7], np.float32),
            "outcome": np.array([2, 0, OPEN], np.int64),
            "result": np.array([0.01, -0.02, 0], np.float32),
        },
        Bar: {"stamp": STAMP, "symbol": "BTC/USDT", "closed": False, "ohlcv": bars[0]},
        Bars: {
            "stamp": STAMP,
            "symbol": "005930",
            "count": 2,
            "decisions": 1,
            "forming": True,
            "bar_ms": np.array([6, 7], np.int64),
            "ohlcv": bars,
            "decision_ms": np.array([6], np.int64),
            "probabilities": np.array([[0.2, 0.3, 0.5]], np.float32),
        },
        Status: {
            "stamp": STAMP,
            "state": "live",
            "feed": "simulated",
            "simulated": True,
            "tickers": 2,
            "decided": 1,
            "confidence_sequence": 4,
            "buy_sequence": 1,
            "cycle_ms": 1.5,
            "accepted": 100,
            "dropped": {"zero_price": 3},
            "history": 1.0,
            "played": False,
            "market_ms": 9,
            "closed_until_ms": 0,
            "stale_since_ms": 0,
        },
        Universe: {
            "stamp": STAMP,
            "symbols": symbols,
            "names": ("삼성전자", "Bitcoin"),
            "markets": ("KOSPI", ""),
            "timezone": "Asia/Seoul",
            "decimals": 0,
            "interval": "1d",
            "feed": "simulated",
            "simulated": True,
        },
        ModelCard: {
            "stamp": STAMP,
            "card_json": "{}",
            "feature_set": PRICE_VOLUME.name,
            "features": PRICE_VOLUME.features,
        },
        Pong: {"stamp": STAMP},
        Canceled: {"stamp": STAMP, "was_open": True},
        Refusal: {"stamp": STAMP, "code": "no_window", "sentence": "Not enough bars yet."},
    }
