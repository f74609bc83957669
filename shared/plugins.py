"""Plug-in points: what other packages add through entry points, and what happens when they fail.

A plug-in is other people's code: whatever it raises becomes one `PluginError` that names it, so
that the program that asked can say a sentence and go on.
"""

import contextlib
import functools
import importlib.metadata
import logging
import sys
from collections.abc import Container, Iterator
from typing import Final, Literal, TypeVar, get_args

from shared.errors import PluginError, TickerlensError

Group = Literal[
    "tickerlens.alerts",
    "tickerlens.explanations",
    "tickerlens.features",
    "tickerlens.feeds",
    "tickerlens.networks",
    "tickerlens.sources",
]
GROUPS: Final[tuple[Group, ...]] = get_args(Group)

T = TypeVar("T")

log = logging.getLogger(__name__)


def names_of(group: Group) -> tuple[str, ...]:
    """Return the names under which installed packages offer something, in order of the alphabet."""
    return tuple(sorted({point.name for point in _points(group)}))


def names_beside(group: Group, ours: Container[str]) -> tuple[str, ...]:
    """Return `names_of(group)` but for names of ours, whose plug-ins are refused with a warning."""
    names = names_of(group)
    for name in names:
        if name in ours:
            log.warning("the plug-in %r (%s) has the name of one of ours: left out", name, group)
    return tuple(name for name in names if name not in ours)


def load(group: Group, name: str, kind: type[T]) -> T:
    """Return what a package offers under a name.

    Args:
        group: The plug-in point.
        name: One of `names_of(group)`.
        kind: What it must be an instance of.

    Raises:
        PluginError: Nobody offers it, two packages do, it cannot be imported, or it is of another
            kind.
    """
    points = [point for point in _points(group) if point.name == name]
    if len(points) != 1:
        offered = ", ".join(names_of(group)) or "none"
        how_many = "no package offers" if not points else "several packages offer"
        raise PluginError(f"{how_many} {name!r} as {group} (installed: {offered})")
    with guarded(group, name):
        offer: object = points[0].load()
    if not isinstance(offer, kind):
        found = type(offer).__name__
        raise PluginError(f"the plug-in {name!r} ({group}) must be a {kind.__name__}, was {found}")
    return offer


def _points(group: Group) -> tuple[importlib.metadata.EntryPoint, ...]:
    return _points_in(group, tuple(sys.path))


@functools.lru_cache(maxsize=2 * len(GROUPS))
def _points_in(group: Group, _places: tuple[str, ...]) -> tuple[importlib.metadata.EntryPoint, ...]:
    # To ask takes as long as to look through all that is installed, and a program asks often.
    return tuple(importlib.metadata.entry_points(group=group))


@contextlib.contextmanager
def guarded(group: Group, name: str) -> Iterator[None]:
    """Turn whatever a plug-in raises into a `PluginError` that names it.

    Errors of ours pass: a plug-in may raise them with a sentence of its own.

    Raises:
        PluginError: The plug-in raised something.
    """
    try:
        yield
    except TickerlensError:
        raise
    except Exception as e:
        what = f"{type(e).__name__}: {e}" if str(e) else type(e).__name__
        raise PluginError(f"the plug-in {name!r} ({group}) failed: {what}") from e
