"""Reports as HTML files that need nothing but a browser, from the templates of the packages."""

import functools
from pathlib import Path
from typing import Any, Final

import jinja2
import msgspec

from models.reporting.json import write_json
from shared.errors import InputMissingError

_SHELVES: Final = ("models.reporting", "models.evaluation.report", "models.evaluation.explanations")


def render(template: str, **values: Any) -> str:
    """Return a template, filled; `write` and `count` in it say how figures are written."""
    return _templates().get_template(template).render(**values)


@functools.cache  # it holds the templates that were compiled, which takes longer than to fill them
def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(package) for package in _SHELVES]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"write": figure, "count": lambda value: f"{value:,}"}
    return templates


def figure(value: float | None, form: str = ".4f") -> str:
    """Return a number as people write it, with a true minus; a dash where there is none."""
    return "–" if value is None else format(value, form).replace("-", "−")


def write(page: str, record: msgspec.Struct, path: Path) -> Path:
    """Write a page, and its record as JSON beside it; return where the JSON is.

    Raises:
        InputMissingError: A file cannot be written.
    """
    beside = path.with_suffix(".json")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as e:
        raise InputMissingError(f"the report {path} cannot be written: {e.strerror}") from e
    write_json(record, beside)
    return beside
