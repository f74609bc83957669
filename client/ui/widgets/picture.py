"""Pictures of a widget: PNG, SVG and a page of PDF, as bytes; painted on the main thread."""

from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageWriter, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from client.ui.theme.theme import font

_SCALE: Final = 2  # of a PNG, so that words are sharp in a document
_DPI: Final = 300
_MARGIN_MM: Final = 12
_FOOT_PX: Final = 26


def image_of(widget: QWidget, scale: float = _SCALE) -> QImage:
    """Return a widget as an image, `scale` pixels a pixel."""
    image = QImage(widget.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    widget.render(image)
    return image


def png_of(image: QImage) -> bytes:
    """Return an image as PNG; any thread."""
    buffer = _opened()
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return _bytes(buffer)


def svg_of(widget: QWidget, title: str) -> bytes:
    """Return a widget as SVG 1.1: what Qt writes by default, SVG Tiny 1.2, has no clipping."""
    buffer = _opened()
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setSize(widget.size())
    generator.setViewBox(QRectF(0, 0, widget.width(), widget.height()))
    generator.setTitle(title)
    with QPainter(generator) as painter:
        widget.render(painter, QPoint())
    return _bytes(buffer)


def pdf_of(widget: QWidget, title: str, foot: str) -> bytes:
    """Return a page of A4, across, with a widget on it and a line below."""
    buffer = _opened()
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setCreator("tickerlens")
    writer.setResolution(_DPI)
    size, across = QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Landscape
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageLayout(QPageLayout(size, across, margins, QPageLayout.Unit.Millimeter))
    with QPainter(writer) as painter:
        scale = _fitting(widget.size(), QSize(writer.width(), writer.height()))
        painter.scale(scale, scale)
        widget.render(painter, QPoint())
        painter.setFont(font(12))
        below = QRectF(0, widget.height() + 4, widget.width(), _FOOT_PX)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, foot)
    return _bytes(buffer)


def _fitting(size: QSize, page: QSize) -> float:
    return min(page.width() / size.width(), page.height() / (size.height() + _FOOT_PX + 4))


def _opened() -> QBuffer:
    buffer = QBuffer()  # with an array of its own: it would not keep one of ours alive
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


def _bytes(buffer: QBuffer) -> bytes:
    buffer.close()
    return bytes(buffer.data().data())
