"""All shapes that are known, one module for each family of sources; a new one is an entry there.

Installed packages add shapes of their own under the entry point `tickerlens.sources`.
"""

import functools
import logging
from collections.abc import Sequence
from typing import Final

from models.data.sources.shape import GENERIC, Shape
from models.data.sources.shapes import (
    asia,
    brokers,
    charting,
    china,
    coins,
    crypto,
    europe,
    korea,
    portals,
    research,
    vendors,
    yahoo,
)
from shared import plugins
from shared.errors import PluginError, SettingsError

SHAPES: Final[tuple[Shape, ...]] = (
    *yahoo.SHAPES,
    *korea.SHAPES,
    *brokers.SHAPES,
    *crypto.SHAPES,
    *coins.SHAPES,
    *vendors.SHAPES,
    *charting.SHAPES,
    *portals.SHAPES,
    *china.SHAPES,
    *asia.SHAPES,
    *europe.SHAPES,
    *research.SHAPES,
)

log = logging.getLogger(__name__)


@functools.cache
def known() -> tuple[Shape, ...]:
    """Return our shapes and those of installed packages; one that fails is left out and told."""
    shapes = {shape.name: shape for shape in (GENERIC, *SHAPES)}
    for name in plugins.names_of("tickerlens.sources"):
        try:
            shape = plugins.load("tickerlens.sources", name, Shape)
        except PluginError as e:
            log.warning("%s", e)
            continue
        if shape.name in shapes:
            log.warning("the shape %s of the plug-in %s is there already", shape.name, name)
            continue
        shapes[shape.name] = shape
    return tuple(shapes.values())


def shape_named(name: str) -> Shape:
    """Return the shape that `--source` names.

    Raises:
        SettingsError: There is none of that name.
    """
    shapes = {shape.name: shape for shape in known()}
    if name not in shapes:
        raise SettingsError(
            f"source must be auto or one of {', '.join(sorted(shapes))}, was {name!r}"
        )
    return shapes[name]


def shape_of(columns: Sequence[str], file: str, first: Sequence[str] = ()) -> Shape:
    """Return the shape of a file with names of columns; the generic one where none fits.

    Args:
        columns: What they are called.
        file: The file's name.
        first: The cells of the first row, one a column; none where there is no row.
    """
    fitting = [s for s in known() if s.fits_names(columns, file, first)]
    return max(fitting, key=lambda s: s.telling, default=GENERIC)


def shape_of_row(cells: Sequence[str], file: str) -> Shape:
    """Return the shape of a file without names; the generic one where none fits.

    Args:
        cells: Those of the first row.
        file: The file's name.
    """
    fitting = [s for s in known() if s.fits_row(cells, file)]
    return max(fitting, key=lambda s: s.telling, default=GENERIC)
