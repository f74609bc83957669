"""What stands beside a map in words; pure functions."""

from collections.abc import Sequence
from typing import Final

from client.state import text
from client.state.attribution_map import AttributionMap, View, relevance, view_for
from client.state.list_cells import MOST_CONFIDENT, ListCell
from client.state.table import Table
from shared.cells import CellFormat
from shared.contract import CLASS_NAMES, Class, Float32, interval_seconds
from shared.explaining import OfferedMethod
from shared.limits import MIN_PRICE
from shared.phrases import in_plain_words, say
from shared.plain_text import plain_text
from shared.protocol.messages import WindowMap
from shared.reasons import Reason, reasons

SET_UNKNOWN: Final = "not known what could come: it takes known outcomes"


def title(attribution: AttributionMap, view: View) -> str:
    """Return the question that a map answers, and by what, if its method has that view."""
    question = "Why" if attribution.target == attribution.winner else "Why not"
    shown = view_for(attribution.method, view)
    name = attribution.method.title
    if shown == View.TIMES_INPUT:
        name += " × input"
    elif shown == View.ABSOLUTE and attribution.method.signed:
        name += ", absolute"
    axes = "time only" if attribution.time_only else "features × time"
    return f"{question} {CLASS_NAMES[attribution.target]}?  {name} · {axes}"


def window_title(parts: tuple[str, ...]) -> str:
    """Return the title of a window, of the parts that are not empty."""
    # [*] in a title is Qt's own.
    return plain_text(" · ".join(part for part in parts if part)).replace("[*]", "[*][*]")


def waiting_title(shown: AttributionMap, view: View, wanted: OfferedMethod) -> str:
    """Return the title of a map that stands in until `wanted` has answered."""
    return f"{wanted.title} is on its way · until then: {title(shown, view)}"


def reasons_of(attribution: AttributionMap) -> tuple[Reason, ...]:
    """Return what speaks for the class and what against it; empty where a map cannot tell.

    Of a class that did not win what speaks against it comes first: the question is why not.
    """
    added = relevance(attribution)
    if added is None:
        return ()
    lost = attribution.target != attribution.winner
    return reasons(
        attribution.features, attribution.raw, attribution.scaled, added, against_first=lost
    )


def reason_lines(attribution: AttributionMap) -> tuple[tuple[str, bool], ...]:
    """Return the reasons of a map as lines, and of each whether it answers the question."""
    lost = attribution.target != attribution.winner
    other = say("reasons.for" if lost else "reasons.against")
    return tuple(
        (r.sentence, True) if r.supports != lost else (f"{other}: {r.sentence}", False)
        for r in reasons_of(attribution)
    )


def without_reasons(attribution: AttributionMap) -> str:
    """Return why a map gives no reasons."""
    if attribution.time_only:
        return f"{attribution.method.title} knows time only: it cannot name a feature"
    if not attribution.method.signed:
        return f"{attribution.method.title} says how much a cell counts, but not which way"
    return "No cell counts"


def drop_caption(attribution: AttributionMap, *, named: bool) -> str:
    """Return what the drop of a map is, beside its number.

    Args:
        attribution: The map.
        named: Whether to say whose top cells these are, because there is another map.
    """
    random = f"(random:\N{NO-BREAK SPACE}{text.plain(attribution.random_drop)})"
    if named:
        return f"{attribution.method.title}\nlost without its top cells {random}"
    whose = (
        "" if attribution.target == attribution.winner else f" in {CLASS_NAMES[attribution.target]}"
    )
    return f"confidence{whose} lost without the top cells {random}"


def set_words(bits: int) -> str:
    """Return what could come next, such as up or flat; a dash where that is not known."""
    return text.prediction_set(bits) or text.NOTHING


def set_caption(bits: int, coverage: float) -> str:
    """Return how far the words of a prediction set can be relied on."""
    if not bits:
        return SET_UNKNOWN
    return f"could come next; {text.share_of_ten(coverage)} such sets hold what came"


def row_tip(table: Table, row: int) -> str:
    """Return what the tool-tip of a row of the watch-list says; empty without a set."""
    bits = int(table.sets[row]) if table.decided[row] else 0
    return f"{set_words(bits).capitalize()} {set_caption(bits, table.coverage)}" if bits else ""


def cell_tip(table: Table, row: int, listed: ListCell) -> str:
    """Return what the tool-tip of a cell of the watch-list says, a line each; may be empty."""
    match listed.cell.reads:
        case CellFormat.TEXT:
            note = table.marks.notes.get(table.symbols[row], "")
            return f"{note}\n{row_tip(table, row)}".strip()
        case CellFormat.SHARES if table.decided[row]:
            return f"{_every_share(table, row)}\n{row_tip(table, row)}".strip()
        case CellFormat.MAP | CellFormat.REASON:
            return _glance_tip(table, row)
        case CellFormat.BAR_TIME | CellFormat.AGE if table.universe is not None:
            seconds = interval_seconds(table.universe.interval)
            zone = text.zone_of(table.universe.timezone)
            return text.bar_tip(int(table.bar_ms[row]), seconds, zone)
        case CellFormat.CHANGE if table.last[row] > 0:
            return change_tip(table, row)
        case CellFormat.SHARE if table.decided[row]:
            return f"{strength_words(table, row)}\n{row_tip(table, row)}".strip()
        case _:
            return row_tip(table, row)


def change_tip(table: Table, row: int) -> str:
    """Return what the change of a row is against, and what it is from bar to bar, a line each."""
    before, moved = float(table.previous_close[row]), float(table.change[row])
    bar_to_bar = f"{text.arrow(moved)} {text.change(moved)} since the bar before".lstrip()
    if before < MIN_PRICE or table.universe is None:
        return f"{bar_to_bar}; the close of the session before is not known"
    price = text.price(before, table.universe.decimals)
    return f"Against {price}, the close of the session before\n{bar_to_bar}"


def _glance_tip(table: Table, row: int) -> str:
    glance = table.last_glance(row)
    if glance is None or table.universe is None:
        return ""
    said = reasons_tip(glance.reasons)
    if table.explains(glance.heatmap, row):
        return said
    seconds = interval_seconds(table.universe.interval)
    zone = text.zone_of(table.universe.timezone)
    then = text.bar_time(int(glance.heatmap.bar_ms[-1]), seconds, zone)
    return f"{said}\nof the bar of {then}: the map of the newest is on its way"


def reasons_tip(found: Sequence[Reason]) -> str:
    """Return reasons in full, a line each."""
    return "\n".join(
        reason.sentence if reason.supports else f"against: {reason.sentence}" for reason in found
    )


def heading_tip(table: Table, listed: ListCell) -> str:
    """Return what the tool-tip of a heading says; empty where the heading says it all."""
    if listed == MOST_CONFIDENT and table.up_means:
        return f"Confidence that it goes {table.up_means}"
    return ""


def strength_words(table: Table, row: int) -> str:
    """Return what a confidence in class 2 is of, and how strong it is for this model."""
    said = []
    if table.up_means:
        said.append(f"Confidence that it goes {table.up_means}")
    if table.spread is not None:
        strength = float(table.spread.strength(float(table.probabilities[row, Class.UP])))
        base = text.percent(table.spread.base_rate)
        said.append(f"{text.strength(strength)} of this model, whose base rate is {base}")
    return "\n".join(said)


def _every_share(table: Table, row: int) -> str:
    shares = table.probabilities[row].tolist()
    return " · ".join(f"{CLASS_NAMES[c]} {text.percent(shares[c])}" for c in reversed(Class))


def raw_words(attribution: AttributionMap, heatmap: WindowMap) -> str:
    """Return the score of a class before calibration, and how well a map adds up where it should.

    Args:
        attribution: The map; its target is the class.
        heatmap: What was published of the same window.
    """
    target = attribution.target
    rows = (heatmap.scores, heatmap.probabilities)
    before, after = (text.percent(float(row[target])) for row in rows)
    words = f"raw score {CLASS_NAMES[target]} {before}, calibrated {after}"
    if attribution.gap is None:
        return words
    return f"{words} · sum misses the logit's change by {text.plain(abs(attribution.gap), 3)}"


def all_scores(scores: Float32) -> str:
    """Return the (3,) float32 scores before calibration, of all classes."""
    parts = (f"{CLASS_NAMES[c]} {text.percent(float(scores[c]))}" for c in reversed(Class))
    return "Raw score, before calibration: " + " · ".join(parts)


def footnote(method: OfferedMethod) -> str:
    """Return what was found of a method."""
    if method.verdict is None:
        return say("verdict.none", method=method.title)
    return say("verdict.of", method=method.title, verdict=in_plain_words(method.verdict))
