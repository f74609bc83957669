import datetime as dt
from typing import Any

from models.bundles.card import (
    CalibrationCard,
    Card,
    DataCard,
    NetworkCard,
    Scores,
    Span,
    Spans,
    TrainingCard,
    TrainingRun,
)
from models.bundles.metrics import Metrics
from models.bundles.recipe import Recipe
from models.calibration.adaptive import AdaptiveState
from models.calibration.static import Calibration
from models.data.features.price_volume import PRICE_VOLUME
from models.data.labels import FixedReturn
from models.data.scaler import Scaler
from shared.contract import CLASS_NAMES, WINDOW_SHAPE


def a_card(weights_sha256: str, **changes: Any) -> Card:
    """A valid card of daily Korean bars; a test names only the fields it is about."""
    moment = dt.datetime(2024, 1, 2, tzinfo=dt.UTC)
    span = Span(first=moment, last=moment, samples=1)
    metrics = Metrics(**dict.fromkeys(Metrics.__struct_fields__, 0.0))
    run = TrainingRun(
        seed=0,
        epochs=1,
        best_epoch=1,
        train_loss=1.0,
        validation_loss=1.0,
        ended_by="epochs",
        kept=True,
    )
    fields: dict[str, Any] = {
        "name": "made",
        "created": moment,
        "network": NetworkCard(kind="cnn1d", sizes={"channels": [4]}, members=1, parameters=175),
        "interval": "1d",
        "market": "krx",
        "jump_limit": 0.31,
        "feature_set": PRICE_VOLUME.name,
        "features": PRICE_VOLUME.names,
        "window": WINDOW_SHAPE,
        "classes": CLASS_NAMES,
        "scaler": Scaler(mean=(0.0,) * 8, sd=(1.0,) * 8),
        "calibration": CalibrationCard(kind="none", static=Calibration(), adaptive=AdaptiveState()),
        "label": FixedReturn(),
        "data": DataCard(
            about="made", sources=(), fingerprint="0" * 64, tickers=1, bars=1, reasons={}
        ),
        "spans": Spans(gap_bars=7, train=span, validation=span, test=span),
        "training": TrainingCard(recipe=Recipe(), runs=(run,), validation_loss=1.0),
        "trials": 1,
        "test": Scores(model=metrics, adaptive=metrics, majority=metrics),
        "weights_sha256": weights_sha256,
    }
    return Card(**(fields | changes))
