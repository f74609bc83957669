"""The reports on explanations, as one HTML file each and as a table for a terminal."""

from collections.abc import Iterator
from typing import Any

import jinja2

from models.evaluation.page import environment
from models.explain.plots import cascade_plot, deletion_plot
from models.explain.record import Check, MethodCheck
from models.explain.robustness import NOISE


def check_html(check: Check) -> str:
    """Return the page of a check."""
    has_bars = any(m.columns == 1 for m in check.methods)
    images = {
        "cells": deletion_plot(check, 8),
        "bars": deletion_plot(check, 1) if has_bars else "",
        "cascade": cascade_plot(check.methods),
    }
    return render(
        "check.html", check=check, images=images, noise=NOISE, meaning=list(meaning(check))
    )


def render(template: str, **values: Any) -> str:
    """Return a template of this package, filled; it may extend those of the evaluation."""
    shelves = environment()
    own = jinja2.PackageLoader("models.explain")
    shelves.loader = jinja2.ChoiceLoader([own, jinja2.PackageLoader("models.evaluation")])
    return shelves.get_template(template).render(**values)


def check_text(check: Check) -> str:
    """Return methods and verdicts as lines of text."""
    width = max(len(m.title) for m in check.methods)
    head = f"{'':<{width}} {'deletion':>9} {'interval':>18} {'planted':>8} {'µs':>6}  verdict"
    title = f"{check.model_id}: {check.windows:,} windows on {check.days:,} days"
    return "\n".join(
        [title, "", head, *(_row(m, width) for m in check.methods), "", *meaning(check)]
    )


def meaning(check: Check) -> Iterator[str]:
    """Yield what the measures mean, in sentences."""
    best, live = check.best, check.method("saliency")
    cheap = check.method("gradient_x_input")
    yield (
        f"{best.title} finds the cells that made the answer best: deleting in its order takes the "
        f"winner's probability {best.deletion.value:.4f} lower than a random order does."
    )
    yield (
        f"Gradient × input, which the live saliency gives for one product, reaches "
        f"{cheap.deletion.value / best.deletion.value:.0%} of that; saliency by itself, ranked by "
        f"size, {live.deletion.value / best.deletion.value:.0%}."
    )
    beats = "beats" if live.deletion.above_zero else "is not shown to beat"
    yield f"The live saliency {beats} a random order: {_interval(live)}."
    pointing, mass = (live.planted_mean("one_cell", m) for m in ("pointing", "mass"))
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


def _row(method: MethodCheck, width: int) -> str:
    planted = method.planted_mean("one_cell", "pointing")
    return (
        f"{method.title:<{width}} {method.deletion.value:>+9.4f} {_range(method):>18} "
        f"{planted:>8.0%} {method.microseconds:>6,.0f}  {method.verdict}"
    )


def _interval(method: MethodCheck) -> str:
    return f"{method.deletion.value:+.4f} [{_range(method)}]"


def _range(method: MethodCheck) -> str:
    low, high = method.deletion.low, method.deletion.high
    return "too few days" if low is None or high is None else f"{low:+.4f} to {high:+.4f}"
