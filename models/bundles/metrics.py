"""How good a model was on a span: the record that a card and every report keep."""

import msgspec

from models.data.ranges import Measure


class Metrics(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How true the answers were on one span.

    Attributes:
        accuracy: Share of right answers.
        macro_f1: Mean F1 score of the three classes.
        mcc: Matthews correlation of the three classes; 0 is chance, 1 is perfect.
        direction_mcc: Matthews correlation where neither the truth nor the answer is flat.
        up_auc: Chance that a true 2 has a higher confidence in class 2 than another sample.
        up_brier: Mean squared error of the confidence in class 2.
        up_brier_skill: 1 - `up_brier` over that of always forecasting the span's own share of 2.
        up_ece: Mean distance of the confidence in class 2 from what came true, over 15 bins.
    """

    accuracy: Measure
    macro_f1: Measure
    mcc: Measure
    direction_mcc: Measure
    up_auc: Measure
    up_brier: Measure
    up_brier_skill: Measure
    up_ece: Measure
