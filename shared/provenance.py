"""Where a model comes from and what it was found to be worth, as `model_card` tells it."""

import msgspec

from shared.limits import Count, EpochMs, Name, Value


class SampleSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time and its labelled windows.

    Attributes:
        first_ms: Close of the oldest bar that a label was taken from, ms since 1970 UTC.
        last_ms: Close of the newest one.
        samples: Windows with a label.
    """

    first_ms: EpochMs
    last_ms: EpochMs
    samples: Count


class JudgedSkill(msgspec.Struct, frozen=True, kw_only=True):
    """The Brier skill of class 2 on the test span, beside the best of the baselines.

    1 less the Brier score over that of always forecasting the span's own share of class 2 (Murphy,
    "Skill scores based on the mean square error", 1988). Intervals hold 95% of resamples of whole
    days; they are null where there were too few.

    Attributes:
        value: Of the model, as a stream that learns from outcomes.
        low: Lower end of its interval.
        high: Upper end.
        baseline: Name of the baseline that did best on the same windows; empty where none was
            fitted.
        of_baseline: Its skill; 0 without one.
        gain: The model's skill less that, paired by day.
        gain_low: Lower end of its interval.
        gain_high: Upper end.
    """

    value: Value
    low: Value | None = None
    high: Value | None = None
    baseline: Name = ""
    of_baseline: Value = 0.0
    gain: Value = 0.0
    gain_low: Value | None = None
    gain_high: Value | None = None


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """What a model was made of.

    Attributes:
        created_ms: When the weights were written, ms since 1970 UTC.
        label: How what follows a window becomes a class, in words.
        train: What the weights were fitted on.
        validation: What epochs, seeds and calibration were chosen on.
        test: What it was scored on, once.
        skill: How good it was there; null where nobody has said it with its interval.
    """

    created_ms: EpochMs
    label: Name
    train: SampleSpan
    validation: SampleSpan
    test: SampleSpan
    skill: JudgedSkill | None = None
