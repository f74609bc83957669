"""Small pictures in rows: the heatmap of a decision, and how the confidence moved."""

import functools
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter

from client.state.glances import Glance
from client.state.greys import grey_tokens
from client.state.ramp import signed_ramp
from client.ui.theme.theme import Theme
from shared.contract import WINDOW_SHAPE, Float32, UInt8, UInt32

MAP_SIZE: Final = (8 * WINDOW_SHAPE[0], 3 * WINDOW_SHAPE[1])  # pixels across and down
LINE_PX: Final = 20  # height of a line
_HALF_PX: Final = 0.65  # of how thick it is
_DOTS_PX: Final = 5  # from one dot to the next
_KEPT: Final = 1_024  # pictures of maps


class Miniatures:
    """Heatmaps of 6 × 8 cells, painted once for each decision."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        # Of each map the sheet that it was painted on with others, and where.
        self._pictures: dict[tuple[Glance, bool], tuple[QImage, QRect]] = {}
        self._grey = signed_ramp(grey_tokens(theme.tokens))
        theme.changed.connect(self._forget)

    def prepare(self, glances: Sequence[Glance], *, grey: bool) -> None:
        """Make the pictures that are not there yet, all at once: arrays cost by the call."""
        new = [glance for glance in glances if (glance, grey) not in self._pictures]
        if not new:
            return
        if len(self._pictures) + len(new) > _KEPT:
            self._pictures.clear()
        ramp = self._grey if grey else self._theme.signed
        added = np.stack([glance.added for glance in new])
        # Features down, bars across, one pixel a cell.
        cells = ramp.pixels(added, np.abs(added).max(axis=(1, 2), keepdims=True))
        across, down = WINDOW_SHAPE
        pixels = cells.transpose(0, 2, 1).reshape(-1, across)
        sheet = _image(pixels, QImage.Format.Format_RGB32)
        for nth, glance in enumerate(new):
            self._pictures[glance, grey] = (sheet, QRect(0, nth * down, across, down))

    def paint(self, painter: QPainter, glance: Glance, x: float, y: float, *, grey: bool) -> None:
        """Paint a map from `x` on, centered on `y`."""
        self.prepare((glance,), grey=grey)
        width, height = MAP_SIZE
        sheet, part = self._pictures[glance, grey]
        painter.drawImage(QRect(round(x), round(y - height / 2), width, height), sheet, part)

    def _forget(self) -> None:
        self._pictures.clear()
        self._grey = signed_ramp(grey_tokens(self._theme.tokens))


def _image(pixels: UInt32, form: QImage.Format) -> QImage:
    height, width = pixels.shape
    return QImage(pixels.tobytes(), width, height, 4 * width, form).copy()


def paint_lines(
    painter: QPainter,
    trends: Float32,
    limits: tuple[float, float],
    area: QRectF,
    row_px: int,
    colors: Sequence[int],
    ratio: float,
    dots: tuple[float, int] | None = None,
) -> None:
    """Paint a line for each of the rows that stand below each other in `area`.

    Args:
        painter: Open.
        trends: (k, 60) float32, oldest first; NaN where nothing is known.
        limits: The values at the foot and at the head of each row.
        area: Where the first row begins, and how wide the lines are.
        row_px: How high a row is.
        colors: (k,) 0xAARRGGBB, one for each row.
        ratio: Pixels of the screen for one of ours.
        dots: A value that dots behind the lines mark, and their color; None for no dots.
    """
    width, height = max(round(area.width() * ratio), 2), round(row_px * ratio)
    line = round(LINE_PX * ratio)
    # One picture of all rows: a picture each would cost more than what is in it.
    pixels = np.zeros((len(trends), height, width), np.uint32)
    covered = coverage(trends, limits, (line, width), _HALF_PX * ratio)
    above = (height - line) // 2
    for rgb in set(colors):  # one, but where single rows are grey
        which = [place for place, color in enumerate(colors) if color == rgb]
        rows = slice(None) if len(which) == len(colors) else which
        pixels[rows, above : above + line] = np.take(_shades(rgb), covered[rows])
    if dots is not None and limits[0] <= dots[0] <= limits[1]:
        value, rgb = dots
        at = above + int(_height(np.array([value]), limits, line, _HALF_PX * ratio)[0])
        dotted = pixels[:, at, :: round(_DOTS_PX * ratio)]
        dotted[dotted == 0] = rgb
    # On the array itself, which outlives it: to copy half a megabyte takes longer than to paint it.
    form = QImage.Format.Format_ARGB32_Premultiplied
    picture = QImage(pixels.data.cast("B"), width, len(trends) * height, 4 * width, form)
    picture.setDevicePixelRatio(ratio)
    painter.drawImage(area.topLeft(), picture)


@functools.lru_cache(maxsize=16)
def _shades(rgb: int) -> UInt32:
    # (256,) a color as it stands in a pixel that it covers so far: each part times the opacity.
    alpha = np.arange(256, dtype=np.uint32)
    red, green, blue = ((rgb >> shift & 0xFF) * alpha // 255 for shift in (16, 8, 0))
    return (alpha << 24 | red << 16 | green << 8 | blue).astype(np.uint32)


def coverage(
    trends: Float32, limits: tuple[float, float], size: tuple[int, int], half: float
) -> UInt8:
    """Return (k, height, width) uint8, how far a line covers each pixel, 0 to 255.

    Of each column of pixels the span is covered that the line passes there, and half a thickness
    above and below: a few sums over one array for all rows, where a path for each has its strokes
    worked out one by one.

    Args:
        trends: (k, n) float32, oldest first; NaN where nothing is known.
        limits: The values at the foot and at the head.
        size: Height and width in pixels.
        half: Half of how thick the line is, in pixels.
    """
    height, width = size
    y = _height(trends, limits, height, half).astype(np.float32)
    at = np.linspace(0, trends.shape[1] - 1, width + 1)
    before = np.minimum(at.astype(np.int64), trends.shape[1] - 2)
    edges = y[:, before] + (at - before).astype(np.float32) * (y[:, before + 1] - y[:, before])
    top = np.minimum(edges[:, :-1], edges[:, 1:])[:, None] - np.float32(half)
    foot = np.maximum(edges[:, :-1], edges[:, 1:])[:, None] + np.float32(half)
    np.nan_to_num(foot, copy=False, nan=-1)  # above everything: not there at all
    np.nan_to_num(top, copy=False)
    rows = np.arange(height, dtype=np.float32)[None, :, None]
    covered = np.minimum(rows + 1, foot)
    covered -= np.maximum(rows, top)
    covered *= 255
    np.clip(covered, 0, 255, out=covered)
    shares: UInt8 = covered.astype(np.uint8)
    return shares


def _height(
    values: npt.NDArray[np.floating], limits: tuple[float, float], height: int, half: float
) -> npt.NDArray[np.floating]:
    # How far from the head values lie that stand between two limits, in pixels.
    low, high = limits
    share = np.clip((values - low) / max(high - low, 1e-9), 0, 1)
    y: npt.NDArray[np.floating] = (height - 1 - 2 * half) * (1 - share) + (half + 0.5)
    return y
