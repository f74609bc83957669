"""The heading of the watch-list: titles, and which columns stand where."""

import functools
from collections.abc import Container
from typing import Final

import msgspec
from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QInputDialog, QMenu, QWidget

from client.state.column_layout import GIVEN_SETS, NARROWEST_PX, ColumnLayout, placed
from client.state.list_cells import LIST_CELLS, section
from client.ui.theme.theme import Theme, font
from client.ui.watchlist.row_painter import PAD_PX
from client.ui.widgets.choices import literal
from shared.limits import MAX_NAME
from shared.plain_text import plain_text

_TICKER: Final = section("ticker")
_RISING: Final = Qt.SortOrder.AscendingOrder
_FALLING: Final = Qt.SortOrder.DescendingOrder
_UP: Final = section("up")


class WatchlistHeader(QHeaderView):
    """Quiet column titles; the sorted one is bright and carries an arrow.

    Signals:
        arranged: The user chose, moved or sized a column; carries the new `ColumnLayout`.

    Attributes:
        sets: The layouts that were kept under a name.
    """

    arranged = Signal(object)

    sets: dict[str, ColumnLayout]

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self._columns = ColumnLayout()
        self.sets = {}
        self._moved: int | None = None
        self._up_means = ""
        self._placing = False
        self._sized: tuple[int, int] | None = None
        self.setFont(font(11))
        self._metrics = QFontMetrics(self.font())
        self._fitting = functools.lru_cache(maxsize=256)(self._fit)  # it is painted with each cycle
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setFirstSectionMovable(True)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setMinimumSectionSize(NARROWEST_PX)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._offer)
        self.sectionMoved.connect(self._note_order)
        self.sectionResized.connect(self._note_width)
        self.sectionHandleDoubleClicked.connect(self._forget_width)

    @property
    def columns(self) -> ColumnLayout:
        """What the user chose."""
        return self._columns

    def arrange(self, columns: ColumnLayout) -> None:
        """Have these columns; `place` shows them."""
        self._columns = columns

    def place(self, room: int, empty: Container[str]) -> None:
        """Show the columns that there is room for, each where it belongs.

        Args:
            room: Pixels from left to right.
            empty: Columns in which no row says anything.
        """
        widths = placed(self._columns, room, empty)
        self._placing = True
        for visual, listed in enumerate(self._columns.ordered()):
            logical = section(listed.cell.name)
            if self.visualIndex(logical) != visual:
                self.moveSection(self.visualIndex(logical), visual)
            width = widths.get(listed.cell.name)
            self.setSectionHidden(logical, width is None)
            if width is not None and self.sectionSize(logical) != width:
                self.resizeSection(logical, width)
        self._placing = False

    def show_held(self, moved: int | None) -> None:
        """Say over the sorted column that its order is held, and how many rows would move.

        Args:
            moved: How many; None where nothing is held.
        """
        if moved != self._moved:
            self._moved = moved
            self.viewport().update()

    def show_meaning(self, up_means: str) -> None:
        """Say over the confidence what it is of, where there is room; empty is not known."""
        if up_means != self._up_means:
            self._up_means = up_means
            self.viewport().update()

    def step_sort(self, columns: int) -> None:
        """Sort by the column so many to the right of those that can be sorted by, in sight."""
        order = [self.logicalIndex(visual) for visual in range(self.count())]
        sorting = [i for i in order if LIST_CELLS[i].cell.sorts and not self.isSectionHidden(i)]
        here = self.sortIndicatorSection()
        if sorting:
            place = sorting.index(here) + columns if here in sorting else 0
            column = sorting[min(max(place, 0), len(sorting) - 1)]
            falling = LIST_CELLS[column].cell.falling
            self.setSortIndicator(column, _FALLING if falling else _RISING)

    def turn_sort(self, order: Qt.SortOrder) -> None:
        """Sort by the same column from high to low, or from low to high."""
        self.setSortIndicator(self.sortIndicatorSection(), order)

    def menu(self) -> QMenu:
        """Return what can be chosen of columns."""
        menu = QMenu(self)
        for listed in self._columns.ordered():
            action = menu.addAction(listed.cell.heading)
            action.setCheckable(True)
            action.setChecked(self._columns.shows(listed.cell))
            action.setEnabled(bool(listed.cell.gives_way))
            action.setData(listed.cell.name)
            action.toggled.connect(
                lambda shown, name=listed.cell.name: self._choose(
                    self._columns.with_shown(name, shown=shown)
                )
            )
        menu.addSeparator()
        for name, columns in (GIVEN_SETS | self.sets).items():
            menu.addAction(literal(name), functools.partial(self._choose, columns))
        menu.addSeparator()
        menu.addAction("Keep these columns as…", self._keep)
        forget = menu.addMenu("Forget")
        forget.setEnabled(bool(self.sets))
        for name in self.sets:
            forget.addAction(literal(name), functools.partial(self._forget, name))
        return menu

    def _keep(self) -> None:
        name, given = QInputDialog.getText(self, "Columns", "Keep these columns as")
        if given and name.strip():
            self.sets[plain_text(name.strip())[:MAX_NAME]] = self._columns
            self._choose(self._columns)

    def _forget(self, name: str) -> None:
        del self.sets[name]
        self._choose(self._columns)

    def _offer(self, at: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(at))

    def _choose(self, columns: ColumnLayout) -> None:
        self._columns = columns
        self.arranged.emit(columns)

    def _note_order(self) -> None:
        if not self._placing:
            logical = (self.logicalIndex(visual) for visual in range(self.count()))
            order = tuple(LIST_CELLS[i].cell.name for i in logical)
            self._choose(msgspec.structs.replace(self._columns, order=order))

    def _note_width(self, logical: int, _before: int, width: int) -> None:
        if not self._placing:
            self._sized = (logical, width)

    def _forget_width(self, logical: int) -> None:
        widths = dict(self._columns.widths)
        widths.pop(LIST_CELLS[logical].cell.name, None)
        self._sized = None
        self._choose(msgspec.structs.replace(self._columns, widths=widths))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take over the width that a column was dragged to, once the button is let go."""
        super().mouseReleaseEvent(event)
        if self._sized is not None:
            (logical, width), self._sized = self._sized, None
            self._choose(self._columns.with_width(LIST_CELLS[logical].cell.name, width))

    def sizeHint(self) -> QSize:
        """Return a fixed height."""
        return QSize(super().sizeHint().width(), 28)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Paint one title."""
        tokens, model = self._theme.tokens, self.model()
        painter.fillRect(rect, QColor(*tokens.panel))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(*tokens.hairline))
        align = model.headerData(section, self.orientation(), Qt.ItemDataRole.TextAlignmentRole)
        sorted_by = section == self.sortIndicatorSection()
        left = PAD_PX * 2 if section == _TICKER else PAD_PX
        pad = 2 if rect.width() < 4 * PAD_PX + 4 else PAD_PX
        room = rect.adjusted(min(left, pad) if pad == 2 else left, 0, -pad, 0)
        painter.setPen(QColor(*(tokens.text if sorted_by else tokens.muted)))
        title = self._title(section, room.width(), sorted_by=sorted_by)
        if sorted_by and self._moved:
            # Where it is too long for its column it stands over the one beside it.
            title = f"{title[-1]} held · {self._moved} moved"
            more = self._metrics.horizontalAdvance(title) - room.width()
            if more > 0 and align & Qt.AlignmentFlag.AlignRight:
                room.adjust(-more, 0, 0, 0)
                painter.fillRect(room.adjusted(-4, 0, 0, -2), QColor(*tokens.panel))
        painter.drawText(room, align, title)

    def _title(self, section: int, room: int, *, sorted_by: bool) -> str:
        falling = self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
        arrow = (" ▾" if falling else " ▴") if sorted_by else ""
        cell = LIST_CELLS[section].cell
        meaning = (self._up_means,) if section == _UP and self._up_means else ()
        titles = (*meaning, cell.heading, cell.short or cell.heading)
        return self._fitting(tuple(title + arrow for title in titles), room)

    def _fit(self, titles: tuple[str, ...], room: int) -> str:
        for title in titles:
            if self._metrics.horizontalAdvance(title) <= room:
                return title
        return self._metrics.elidedText(titles[-1], Qt.TextElideMode.ElideRight, room)
