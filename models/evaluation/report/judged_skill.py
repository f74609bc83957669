"""What a card keeps of a report: the skill of class 2, beside the baseline that did best."""

import msgspec

from models.bundles.card import Card, SkillCard
from models.evaluation.metrics.forecasts import ADAPTIVE
from models.evaluation.report.records import Report


def skill_card(report: Report, card: Card) -> SkillCard | None:
    """Return the skill on the test span of a card; None of a report on other windows."""
    line = report.line(ADAPTIVE)
    if line is None or report.rows != card.spans.test.samples:
        return None
    ours, best = line.figures["up_brier_skill"], report.best("up_brier_skill", ADAPTIVE)
    own = SkillCard(value=ours.value, low=ours.low, high=ours.high)
    beside = None if best is None else report.line(best.theirs)
    if best is None or beside is None:
        return own
    gain = best.difference
    return msgspec.structs.replace(
        own,
        baseline=best.theirs,
        of_baseline=beside.figures["up_brier_skill"].value,
        gain=gain.value,
        gain_low=gain.low,
        gain_high=gain.high,
    )
