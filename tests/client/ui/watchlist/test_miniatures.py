import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QGuiApplication, QImage, QPainter

from client.ui.watchlist.miniatures import coverage, paint_lines


def test_a_line_covers_the_pixels_that_it_passes() -> None:
    flat = np.full((1, 60), 0.5, np.float32)
    rising = np.linspace(0, 1, 60, dtype=np.float32)[None]
    covered = coverage(np.vstack([flat, rising]), (0.0, 1.0), (20, 60), 1.0)
    assert covered.shape == (2, 20, 60)
    per_column = covered.sum(axis=1) / 255
    assert np.allclose(per_column[0], 2, atol=0.02)
    height = (covered * np.arange(20)[:, None]).sum(axis=1) / covered.sum(axis=1)
    assert np.allclose(height[0], 9.5, atol=0.1)
    assert (np.diff(height[1]) < 0).all()


def test_what_is_not_known_is_not_there() -> None:
    half = np.full((1, 60), 0.5, np.float32)
    half[0, :30] = np.nan
    covered = coverage(half, (0.0, 1.0), (20, 60), 1.0)
    assert not covered[:, :, :29].any()
    assert covered.sum(axis=1).max() <= 2.05 * 255  # no stroke where it begins
    assert covered[:, :, 31:].any(axis=1).all()
    assert not coverage(np.full((1, 60), np.nan, np.float32), (1.0, 0.0), (20, 60), 1.0).any()


def test_a_value_is_dotted_behind_the_lines(qapp: QGuiApplication) -> None:
    picture = QImage(60, 32, QImage.Format.Format_ARGB32_Premultiplied)
    grey, green = 0xFF808080, 0xFF00FF00
    flat = np.full((1, 60), 0.9, np.float32)
    for base, wanted in ((0.5, grey), (2.0, 0)):
        picture.fill(0)
        with QPainter(picture) as painter:
            area = QRectF(0, 0, 60, 32)
            paint_lines(painter, flat, (0.0, 1.0), area, 32, [green], 1.0, (base, grey))
        found = {picture.pixel(0, y) for y in range(12, 20)}
        assert (grey in found) == bool(wanted)
