"""What a feature is called, and how a value of it reads; how it is computed, its set knows.

Models declare it, and the answer `model_card` carries it, so that whoever shows a window names what
stands in it without knowing the set.
"""

from typing import Annotated, Final

import msgspec

from shared.contract import WINDOW_SHAPE
from shared.limits import Value

FORMS: Final = ("number", "share", "log_share", "log_times", "level")

_FeatureText = Annotated[str, msgspec.Meta(max_length=200)]
_ReadingForm = Annotated[str, msgspec.Meta(max_length=32)]
_FeatureLabel = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How a value of a feature is said as a reason.

    Attributes:
        form: What the value v is. A reader that does not know a form says `number`.
            `number`: v itself, with its unit.
            `share`: `reference` is exceeded by the share v.
            `log_share`: By the share exp(v) - 1.
            `log_times`: exp(v) times `reference`.
            `level`: High or low against the training mean, as a share of 1.
        subject: What it is said of, such as close; the label of the feature if empty.
        reference: What it is compared with, such as the previous close; with `level`, what one
            value is of, such as a bar.
        least: With `log_times`, the v at which the feature is cut off; None if it is not.
    """

    form: _ReadingForm = "number"
    subject: _FeatureText = ""
    reference: _FeatureText = ""
    least: Value | None = None


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """One of the eight numbers that describe a bar.

    Attributes:
        name: The identifier that cards and messages carry.
        label: What people read beside the heatmap.
        unit: What one unit of the raw value means.
        formula: How it is computed from bars up to and including the bar itself.
        reading: How a value is said as a reason.
    """

    name: _FeatureLabel
    label: _FeatureLabel
    unit: _FeatureText = ""
    formula: _FeatureText = ""
    reading: Reading = Reading()


Features = Annotated[
    tuple[Feature, ...], msgspec.Meta(min_length=WINDOW_SHAPE[1], max_length=WINDOW_SHAPE[1])
]

# Stands in until the server has said what its windows hold.
UNNAMED: Final = tuple(
    Feature(name=f"feature_{i}", label=f"feature {i}") for i in range(1, WINDOW_SHAPE[1] + 1)
)
