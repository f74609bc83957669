"""The readable half of a bundle: what a model is, what it was made from, and how good it is."""

import datetime
import re
from typing import Annotated, Any, Final, Literal

import msgspec

from models.bundles.metrics import Metrics
from models.bundles.recipe import EndedBy, Recipe
from models.calibration.adaptive import AdaptiveState
from models.calibration.static import Calibration, CalibrationKind
from models.data.labels import LabelRule
from models.data.ranges import AboveZero, AtLeastOne, AtLeastZero, Measure
from models.data.scaler import Scaler
from shared.confidences import ConfidenceSpread
from shared.provenance import JudgedSkill

CARD_VERSION: Final = 3
OLDEST_CARD: Final = 2  # had all but `confidence` and `skill`

Members = Annotated[int, msgspec.Meta(ge=1, le=64)]
NAME_LETTERS: Final = (
    "1 to 64 of a-z, 0-9, point, underscore and hyphen, a letter or digit the first"
)
Moment = Annotated[datetime.datetime, msgspec.Meta(tz=True)]

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def check_name(name: str) -> None:
    """Check that a bundle can be called so.

    Raises:
        ValueError: It cannot.
    """
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"name must be {NAME_LETTERS}, was {name!r}")


def _check_sha256(field: str, digest: str) -> None:
    if _SHA256.fullmatch(digest) is None:
        raise ValueError(f"{field} must be 64 digits of 0-9 and a-f, was {digest!r}")


class NetworkCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which network, and how large.

    Attributes:
        kind: The name of a network, of ours or of another package.
        sizes: Its hyper-parameters.
        members: How many such networks answer as one, by the mean of their logits.
        parameters: Learned numbers in all of them.
    """

    kind: str
    sizes: dict[str, Any]
    members: Members
    parameters: AtLeastZero


class ReadingCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the files were understood, in short.

    Attributes:
        source: The shapes that were recognized.
        timezone: IANA zone of the market.
        stamp: Whether the times in the files are those of opens or closes.
        adjusted: Whether prices are adjusted for splits; None where nobody says.
        evening: Whether daily bars run to the end of the evening's trading.
    """

    source: str
    timezone: str
    stamp: str
    adjusted: bool | None
    evening: bool


class DataCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the model was made from; the bars themselves are not in the bundle.

    Attributes:
        about: Where they came from, in the words of who trained.
        sources: The names of the files, without folders.
        fingerprint: SHA-256 over the canonical bars, as `BarTable.fingerprint` says.
        tickers: Tickers in them.
        bars: Rows in them.
        reasons: Rows dropped, mended or cut at, by `models.data.bars.DropReason`.
        reading: How the files were understood; None where the bars are of none, or nobody noted it.

    Raises:
        ValueError: The fingerprint is none.
    """

    about: str
    sources: tuple[str, ...]
    fingerprint: str
    tickers: AtLeastZero
    bars: AtLeastZero
    reasons: dict[str, AtLeastZero]
    reading: ReadingCard | None = None

    def __post_init__(self) -> None:
        _check_sha256("fingerprint", self.fingerprint)


class TrainingRun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the training from one seed went.

    Attributes:
        seed: Start of its random numbers.
        epochs: Passes over the train span that were finished.
        best_epoch: The pass whose weights were kept, from 1.
        train_loss: Mean loss of the steps of that pass, with dropout, nats.
        validation_loss: Loss on the validation span after it, nats; the least of all passes.
        ended_by: Why there were no more passes.
        kept: Whether it is a member of the network.
    """

    seed: AtLeastZero
    epochs: AtLeastZero
    best_epoch: AtLeastZero
    train_loss: Measure
    validation_loss: Measure
    ended_by: EndedBy
    kept: bool


class TrainingCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the weights came about.

    Attributes:
        recipe: The seeds and the settings of the optimizer.
        runs: One for each seed.
        validation_loss: Loss of the whole network on the validation span, nats.
    """

    recipe: Recipe
    runs: tuple[TrainingRun, ...]
    validation_loss: Measure


class CalibrationCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What makes a probability of the network's logits.

    Attributes:
        kind: Which static calibration was fitted on the validation span; `none` also where that
            was too short for the one that was wanted.
        static: Applied to every logit before anything is published.
        adaptive: How a recalibrator learns from outcomes, and all that it knows after the
            validation span went by as a stream.
        warnings: Why not to trust the confidences, in sentences; usually none.
    """

    kind: CalibrationKind
    static: Calibration
    adaptive: AdaptiveState
    warnings: tuple[str, ...] = ()


class Span(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stretch of time and its samples.

    Attributes:
        first: Close of the oldest bar that a label was taken from, UTC.
        last: Close of the newest one, UTC.
        samples: Windows with a label.
    """

    first: Moment
    last: Moment
    samples: AtLeastZero


class Spans(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The three spans in time order; each ticker skips `gap_bars` of its bars between two.

    Attributes:
        gap_bars: Bars of a ticker between the last label of a span and the first of the next.
        train: The weights and the scaler were fitted on it.
        validation: Epochs and seeds were chosen and the calibration was fitted on it.
        test: Scored once, at the end, or not at all.
    """

    gap_bars: AtLeastZero
    train: Span
    validation: Span
    test: Span


class Scores(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The metrics on the test span.

    Attributes:
        model: Of the bundle, statically calibrated.
        adaptive: The same as a stream, recalibrated by each outcome that was known by then; null
            where that was not scored.
        majority: Of always answering with the shares of the classes in the train span.
    """

    model: Metrics
    adaptive: Metrics | None
    majority: Metrics


class ConfidenceCard(ConfidenceSpread, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the confidences of the model are spread, as the card keeps it."""


class SkillCard(JudgedSkill, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The skill on the test span with its interval, as the card keeps it."""


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that `card.json` says.

    Attributes:
        version: Of this format.
        name: What people call the model.
        created: When the weights were written, UTC.
        network: Which network, and how large.
        interval: Length of a bar, such as 1d.
        market: Name of the market in `shared.markets`.
        jump_limit: A move beyond this share between two closes cuts a series.
        feature_set: Name of the set in `models.data.features.registry`.
        features: Its names, in the order of the window's columns.
        window: Bars and features.
        classes: Names, in the order of the probabilities.
        scaler: From raw features to the network's input.
        calibration: From the network's logits to probabilities.
        label: How what follows becomes a class.
        data: What the model was made from.
        spans: What was used for what.
        training: How the weights came about.
        trials: Configurations that were tried before this one was chosen, itself included.
        test: How good it is; null where nobody has looked.
        confidence: How its confidences in class 2 are spread; null where nobody has looked, and in
            cards of version 2.
        skill: How good it is beside the best baseline, with intervals; null where nobody has
            looked, and in cards of version 2.
        weights_sha256: Of model.safetensors.

    Raises:
        ValueError: The name cannot be one, or the digest is none.
    """

    version: Literal[2, 3] = 3
    name: str
    created: Moment
    network: NetworkCard
    interval: str
    market: str
    jump_limit: AboveZero
    feature_set: str
    features: tuple[str, ...]
    window: tuple[int, int]
    classes: tuple[str, ...]
    scaler: Scaler
    calibration: CalibrationCard
    label: LabelRule
    data: DataCard
    spans: Spans
    training: TrainingCard
    trials: AtLeastOne
    test: Scores | None
    confidence: ConfidenceCard | None = None
    skill: SkillCard | None = None
    weights_sha256: str

    def __post_init__(self) -> None:
        check_name(self.name)
        _check_sha256("weights_sha256", self.weights_sha256)
