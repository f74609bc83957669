"""The reports on explanations, as one HTML page each and as a table for a terminal."""

from collections.abc import Iterator

import numpy as np

from models.data.sources.reading import FileReading
from models.evaluation.explanations.error_record import ErrorPart, Mistakes
from models.evaluation.explanations.error_report import Found
from models.evaluation.explanations.plots import cascade_plot, deletion_plot, example_plot, heatmaps
from models.evaluation.explanations.record import ExplanationCheck, MethodCheck
from models.evaluation.explanations.robustness import NOISE
from models.evaluation.metrics.bootstrap import Measured
from models.explain.methods import LIVE, LIVE_PRODUCT
from models.reporting.html import figure, render
from shared.phrases import in_full


def check_html(check: ExplanationCheck) -> str:
    """Return the page of a check."""
    has_bars = any(m.columns == 1 for m in check.methods)
    images = {
        "cells": deletion_plot(check, 8),
        "bars": deletion_plot(check, 1) if has_bars else "",
        "cascade": cascade_plot(check.methods),
    }
    return render(
        "check.html",
        check=check,
        images=images,
        noise=NOISE,
        meaning=list(meaning(check)),
        in_full=in_full,
    )


def mistakes_html(found: Found) -> str:
    """Return the page on where a model is wrong."""
    groups = [
        {
            "found": group,
            "map": heatmaps({"mean map": np.array(group.map)}, found.labels),
            "examples": [example_plot(p.title, p.bars, p.map, found.labels) for p in pictures],
        }
        for group, pictures in zip(found.report.groups, found.pictures, strict=True)
    ]
    maps = found.report.class_maps
    by_class = heatmaps(
        {f"where {name} won": np.array(map_) for name, map_ in maps.items()}, found.labels
    )
    return render("mistakes.html", report=found.report, groups=groups, by_class=by_class)


def mistakes_text(report: Mistakes) -> str:
    """Return groups and parts as lines of text."""
    head = f"{'rows':>7} {'wrong':>6} {'against rest':>26} {'too sure':>26}"
    title = (
        f"{report.model_id}: {report.wrong:.1%} of {report.rows:,} answers are wrong, "
        f"{report.first:%Y-%m-%d} to {report.last:%Y-%m-%d}"
    )
    groups = [f"{_part(g.part)}  {g.reason}" for g in report.groups]
    parts = [f"{_part(p)}  {p.kind}: {p.name}" for p in report.parts]
    return "\n".join([*_bars(report.reading), title, "", head, *groups, "", *parts])


def _bars(reading: FileReading | None) -> list[str]:
    return [] if reading is None else [*reading.lines(), ""]


def _part(part: ErrorPart) -> str:
    ends = (f"{_with_range(m):>26}" for m in (part.against_rest, part.too_sure))
    return f"{part.rows:>7,} {part.wrong:>6.1%} {' '.join(ends)}"


def _with_range(measured: Measured) -> str:
    if measured.low is None or measured.high is None:
        return f"{measured.value:+.3f}"
    return f"{measured.value:+.3f} [{measured.low:+.3f} {measured.high:+.3f}]"


def check_text(check: ExplanationCheck) -> str:
    """Return methods and verdicts as lines of text."""
    width = max(len(m.title) for m in check.methods)
    head = f"{'':<{width}} {'deletion':>9} {'interval':>18} {'planted':>8} {'µs':>6}  verdict"
    title = f"{check.model_id}: {check.windows:,} windows on {check.days:,} days"
    rows = [_row(m, width) for m in check.methods]
    return "\n".join([*_bars(check.reading), title, "", head, *rows, "", *meaning(check)])


def meaning(check: ExplanationCheck) -> Iterator[str]:
    """Yield what the measures mean, in sentences."""
    live = check.method(LIVE.name)
    yield from _best(check, live)
    beats = "beats" if live.deletion.above_zero else "is not shown to beat"
    yield f"The live saliency {beats} a random order: {_interval(live)}."
    pointing, mass = (live.planted_mean("one_cell", m) for m in ("pointing", "mass"))
    if pointing is not None and mass is not None:
        yield (
            f"Where one planted cell decides, the live saliency points at it in {pointing:.1%} of "
            f"windows and has {mass:.1%} of its size there."
        )
    widest = check.flips[-1]
    yield (
        f"Within {widest.radius} standard deviations of each cell an attack turns {widest.pgd:.0%} "
        f"of the answers, noise {widest.noise:.0%}: a map explains an answer, it does not make it "
        "firm."
    )


def _best(check: ExplanationCheck, live: MethodCheck) -> Iterator[str]:
    # Where no order is shown to matter, a share of what it does would be a share of chance.
    best = check.best
    if not best.deletion.above_zero:
        yield (
            "No method is shown to find the cells that made the answer: deleting in the order of "
            f"{best.title}, the best of them, lowers the winner's probability by "
            f"{_interval(best)} more than a random order does."
        )
        return
    cheap = check.method(LIVE_PRODUCT.name)
    yield (
        f"{best.title} finds the cells that made the answer best: deleting in its order takes the "
        f"winner's probability {best.deletion.value:.4f} lower than a random order does."
    )
    yield (
        f"{cheap.title}, which the live saliency gives for one product, reaches "
        f"{cheap.deletion.value / best.deletion.value:.0%} of that; saliency by itself, ranked by "
        f"size, {live.deletion.value / best.deletion.value:.0%}."
    )


def _row(method: MethodCheck, width: int) -> str:
    planted = figure(method.planted_mean("one_cell", "pointing"), ".0%")
    return (
        f"{method.title:<{width}} {method.deletion.value:>+9.4f} {_range(method):>18} "
        f"{planted:>8} {method.microseconds:>6,.0f}  {in_full(method.verdict)}"
    )


def _interval(method: MethodCheck) -> str:
    return f"{method.deletion.value:+.4f} [{_range(method)}]"


def _range(method: MethodCheck) -> str:
    low, high = method.deletion.low, method.deletion.high
    return "too few days" if low is None or high is None else f"{low:+.4f} to {high:+.4f}"
