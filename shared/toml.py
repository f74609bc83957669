"""TOML as people write it: no deeper than anybody writes, so that no reader of it runs out."""

import tomllib
from typing import Any, Final

MAX_NESTING: Final = 32  # tables and lists within each other; Python's own limit is about 300


def parse_toml(content: bytes) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises:
        ValueError: It is no TOML, no UTF-8, or nested too deeply.
    """
    try:
        tables = tomllib.loads(content.decode())
    except RecursionError as e:
        raise ValueError("nested too deeply") from e
    if _deeper_than(tables, MAX_NESTING):
        raise ValueError("nested too deeply")
    return tables


def _deeper_than(tables: dict[str, Any], most: int) -> bool:
    # Level by level, since it may be as deep as a dotted name is long.
    level: list[Any] = [tables]
    for _ in range(most):
        inside = [list(v.values()) if isinstance(v, dict) else v for v in level]
        level = [v for values in inside for v in values if isinstance(v, dict | list)]
        if not level:
            return False
    return True
