"""How plots look, and how they stand inside a page."""

import base64
import io
from typing import Any, Final

from matplotlib.figure import Figure

LOOK: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "tickerlens",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "legend.frameon": False,
}


def data_uri(figure: Figure) -> str:
    """Return a plot as an SVG inside an address: a page stays one file, and no ids clash."""
    content = io.BytesIO()
    figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(content.getvalue()).decode()
