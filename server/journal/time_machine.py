"""What a model made of a ticker at any moment of the past, and why, from the journal alone."""

import sqlite3
from dataclasses import dataclass

import numpy as np

from models.bundles.files import BundleFiles
from models.data.windows import Windows
from models.inference.engine import Engine
from models.inference.faithfulness import Faithfulness
from models.inference.served import Served, read_served
from server.journal.reading import KeptBar, bars_before, bought_on
from shared.contract import WINDOW_SHAPE, Class, Float32, Int64, interval_seconds
from shared.errors import DataError
from shared.features import Feature


@dataclass(frozen=True, kw_only=True, eq=False)
class PastDecision:
    """A decision as it was said, and its map.

    Attributes:
        symbol: The ticker.
        model_id: Of the model that decided.
        made_ms: When it decided, ms since 1970 UTC.
        bar: The bar that it decided on, with probabilities and set.
        features: What the eight columns of the window are.
        window_ms: (6,) int64, close of each bar of the window, ms since 1970 UTC.
        raw: (6, 8) float32, features in their own units.
        scaled: (6, 8) float32, features as the network sees them, in standard deviations.
        scores: (3,) float32, of down, flat, up, as the network says before any calibration.
        saliency: (6, 8) float32, gradient of the winner's logit with respect to the scaled window.
        drops: How far the winner's probability, as the model is calibrated by its card, falls
            without the cells that count most, and without as many at random.
        kept: Whether window and map stood in the journal, as those of each buy do; else they were
            made again, of the bars and the model of then.
    """

    symbol: str
    model_id: str
    made_ms: int
    bar: KeptBar
    features: tuple[Feature, ...]
    window_ms: Int64
    raw: Float32
    scaled: Float32
    scores: Float32
    saliency: Float32
    drops: tuple[float, float]
    kept: bool

    @property
    def winner(self) -> Class:
        """Return the class with the greatest probability."""
        return Class(int(self.bar.probabilities.argmax()))


def decision_at(database: sqlite3.Connection, symbol: str, at_ms: int) -> PastDecision:
    """Return the newest decision on a ticker up to a moment.

    Args:
        database: The journal.
        symbol: The ticker.
        at_ms: The moment, ms since 1970 UTC.

    Raises:
        DataError: The journal holds none, or not enough to explain it.
        TickerlensError: The model of then cannot be loaded here.
    """
    bars = list(bars_before(database, symbol, at_ms, 1))
    if not bars:
        raise DataError(f"the journal has no bar of {symbol} up to then")
    (newest,) = bars
    if not newest.probabilities.any():
        raise DataError(f"{symbol} was not decided on with its newest bar up to then")
    model = _model(database, newest.model_id)
    return _of_buy(database, symbol, newest, model) or _made_again(database, symbol, newest, model)


def decision_on(database: sqlite3.Connection, symbol: str, bar_ms: int) -> PastDecision:
    """Return the newest decision on one bar of a ticker: that of a buy also where bars are gone.

    Args:
        database: The journal.
        symbol: The ticker.
        bar_ms: Close of the bar, ms since 1970 UTC.

    Raises:
        DataError: The journal holds none, or not enough to explain it.
        TickerlensError: The model of then cannot be loaded here.
    """
    bought = bought_on(database, symbol, bar_ms)
    if bought is None:
        found = decision_at(database, symbol, bar_ms)
        if found.bar.bar_ms != bar_ms:
            raise DataError(f"the journal has no decision on {symbol} with that bar")
        return found
    made = _of_buy(database, symbol, bought, _model(database, bought.model_id))
    if made is None:
        raise DataError(f"the journal lost the buy of {symbol} with that bar")
    return made


def _model(database: sqlite3.Connection, model_id: str) -> Served:
    card, weights = database.execute(
        "SELECT card, weights FROM model WHERE model_id = ?", (model_id,)
    ).fetchone()
    return read_served(BundleFiles(card=card, weights=weights), f"the journal's {model_id}")


def _of_buy(
    database: sqlite3.Connection, symbol: str, bar: KeptBar, model: Served
) -> PastDecision | None:
    row = database.execute(
        "SELECT made_ms, window_ms, raw, saliency, scores FROM buys "
        "WHERE symbol = ? AND bar_ms = ? AND model_id = ?",
        (symbol, bar.bar_ms, bar.model_id),
    ).fetchone()
    if row is None:
        return None
    made_ms, window_ms, kept_raw, saliency, scores = row
    raw = np.frombuffer(kept_raw, np.float32).reshape(WINDOW_SHAPE)
    slopes = np.frombuffer(saliency, np.float32).reshape(WINDOW_SHAPE)
    scaled = Engine(model).decide(raw[None]).scaled[0]
    return PastDecision(
        symbol=symbol,
        model_id=bar.model_id,
        made_ms=made_ms,
        bar=bar,
        features=model.feature_set.features,
        window_ms=np.frombuffer(window_ms, np.int64),
        raw=raw,
        scaled=scaled,
        scores=np.frombuffer(scores, np.float32),
        saliency=slopes,
        drops=_drops(model, bar, scaled, slopes),
        kept=True,
    )


def _made_again(
    database: sqlite3.Connection, symbol: str, bar: KeptBar, model: Served
) -> PastDecision:
    # The calendars load pandas, which a server that is asked for kept buys alone does without.
    from models.data.calendars.markets import market_named
    from models.data.rules import rules_for

    card = model.card
    rules = rules_for(market_named(card.market), interval_seconds(card.interval), card.jump_limit)
    windows, row = Windows(1, rules, model.feature_set), np.zeros(1, np.int64)
    # Twice what a window needs: some bars may have been dropped or come again corrected.
    count = 2 * model.feature_set.window_bars
    before = list(bars_before(database, symbol, bar.bar_ms, count, bar.number))
    for one in reversed(before):
        windows.push(row, np.array([one.bar_ms]), one.ohlcv[None])
    if not windows.full[0] or windows.bar_ms[0, -1] != bar.bar_ms:
        raise DataError(
            f"the journal has not enough bars of {symbol} before that to make its window again: "
            "journal_bar_days says how long they stay"
        )
    raw = windows.features(row)
    engine = Engine(model)
    said = engine.decide(raw)
    saliency = engine.saliency(said.scaled, np.array([bar.probabilities.argmax()]))[0]
    return PastDecision(
        symbol=symbol,
        model_id=bar.model_id,
        made_ms=bar.made_ms,
        bar=bar,
        features=model.feature_set.features,
        window_ms=windows.bar_ms[0],
        raw=raw[0],
        scaled=said.scaled[0],
        scores=said.scores[0],
        saliency=saliency,
        drops=_drops(model, bar, said.scaled[0], saliency),
        kept=False,
    )


def _drops(model: Served, bar: KeptBar, scaled: Float32, saliency: Float32) -> tuple[float, float]:
    winner = np.array([bar.probabilities.argmax()])
    top, at_random = Faithfulness(model).drops(scaled[None], (saliency * scaled)[None], winner)
    return float(top[0]), float(at_random[0])
