"""What the terminal shows: the watch-list and the buys as a table."""

import functools
import locale
from collections.abc import Sequence
from itertools import islice
from typing import Final

from rich.console import Group
from rich.style import Style
from rich.table import Table as Grid
from rich.text import Text

from client.state import cell_text, colors, text
from client.state.buys import Buys, NamedBuy, gap_words
from client.state.cell_text import Circumstances
from client.state.freshness import Freshness, Place, Word, freshness
from client.state.health import Health
from client.state.inbox import Inbox
from client.state.list_cells import LIST_CELLS, MOST_CONFIDENT, ListCell
from client.state.table import NO_CLASS, Table
from client.state.update import BuyGap
from shared.cells import CellFormat
from shared.contract import Class, Int64
from shared.plain_text import plain_text
from shared.settings import DeskSettings

BUYS_SHOWN: Final = 6
_CELLS: Final = tuple(listed for listed in LIST_CELLS if listed.cell.short is not None)
_DOTS: Final = {
    "live": "live",
    "played": "played",
    "late": "late",
    "lost": "lost",
    "off": "muted",
}


class Screen:
    """What the terminal shows, as rich renders it; it knows neither the link nor the clock.

    Args:
        settings: Theme and palette; the theme `auto` is dark.
        inbox: Where news come from.
    """

    def __init__(self, settings: DeskSettings, inbox: Inbox) -> None:
        self._tokens = colors.LIGHT if settings.theme == "light" else colors.DARK
        language = (locale.getlocale()[0] or "")[:2]
        self._palette = colors.palette_of(settings.palette, language)
        self._inbox = inbox
        self._table = Table()
        self._table.absolute = settings.tint == "absolute"
        self._buys = Buys()
        self._word = Word()
        self._winner = self._table.winner

    def refresh(self, now_ms: int) -> None:
        """Take over what is new at a time, ms since 1970 UTC."""
        update = self._inbox.drain()
        self._table.apply(update)
        self._winner = self._table.winner
        self._buys.apply(update)
        self._word.take(update.status, now_ms, restarted=update.restarted)
        self._word.saw(int(self._table.bar_ms.max(initial=0)))

    def is_filled(self) -> bool:
        """Return whether there are rows, and the server is done with loading history."""
        status = self._word.status
        loaded = status is not None and status.state != "starting"
        return loaded and bool(self._table.last.any())

    def render(self, health: Health, now_ms: int, height: int | None) -> Group:
        """Return everything that is shown.

        Args:
            health: The state of the link.
            now_ms: The time, ms since 1970 UTC.
            height: Lines that there is room for; None for all rows.
        """
        fresh = freshness(health, self._word, now_ms, Place.of(self._table.universe))
        most = BUYS_SHOWN if height is None else min(BUYS_SHOWN, height // 4)
        buys = list(islice(self._buys.rows, most))
        taken = 4 + len(buys)  # title, headings, heading of the buys, status
        rows = None if height is None else max(height - taken, 1)
        return Group(
            self._title(fresh),
            self._grid(fresh, rows),
            Text("Buys", style="bold") if buys else Text("No buys yet", style="dim"),
            *(self._buy(buy, fresh, now_ms) for buy in buys),
            self._status_line(fresh),
        )

    def _title(self, fresh: Freshness) -> Text:
        title = Text("tickerlens ", style="bold", no_wrap=True, overflow="ellipsis")
        universe = self._table.universe
        if universe is not None:
            if universe.simulated or fresh.played:
                badge = Style(color=self._rich("badge_text"), bgcolor=self._rich("badge"))
                title.append(" SIMULATED " if universe.simulated else " REPLAY ", badge)
            feed = plain_text(universe.feed)
            means = f" · {plain_text(self._table.up_means)}" if self._table.up_means else ""
            title.append(f" {len(self._table)} tickers · {feed}{means}", "not bold")
        return title

    def _grid(self, fresh: Freshness, limit: int | None) -> Grid:
        grid = Grid(box=None, expand=True, padding=(0, 1), header_style="dim")
        for listed in _CELLS:
            cell = listed.cell
            grid.add_column(
                cell.short or "",
                justify="right" if cell.align == "right" else "left",
                ratio=1 if cell.reads is CellFormat.TEXT and cell.stretch else None,
                no_wrap=True,
                overflow="ellipsis",
            )
        universe = self._table.universe
        if universe is None:
            return grid
        rows = self._table.order(MOST_CONFIDENT, descending=True)[:limit]
        among = Circumstances.of(universe, fresh.market_ms)
        old = self._table.are_behind(rows, among.interval_s, fresh.market_ms)
        old = old | (not fresh.current)
        colored = list(map(self._row_colors, rows.tolist(), old.tolist()))
        columns = [self._column(listed, rows, among, colored) for listed in _CELLS]
        for cells, own in zip(zip(*columns, strict=True), colored, strict=True):
            style = Style(color=colors.code(own.text), bgcolor=colors.code(own.tint))
            grid.add_row(*cells, style=style)
        return grid

    def _row_colors(self, row: int, old: bool) -> colors.RowColors:
        if old or self._winner[row] == NO_CLASS:
            return colors.stale_colors(self._tokens)
        hundredths = self._table.scale.percent(float(self._table.probabilities[row, Class.UP]))
        return _row_colors(hundredths, self._tokens, self._palette)

    def _column(
        self,
        listed: ListCell,
        rows: Int64,
        among: Circumstances,
        colored: Sequence[colors.RowColors],
    ) -> Sequence[str | Text]:
        table = self._table
        if listed.cell.reads is CellFormat.TEXT:
            # As Text: rich would read markup into a name with brackets.
            texts = table.symbols if listed.source == "symbols" else table.names
            return [Text(plain_text(texts[row])) for row in rows.tolist()]
        words = cell_text.words(table, listed, rows, among)
        if listed.cell.reads is not CellFormat.CHANGE:
            return words
        moved = table.values(listed, rows).tolist()
        return [
            Text(said, Style(color=colors.code(_moving(own, change))))
            for said, own, change in zip(words, colored, moved, strict=True)
        ]

    def _buy(self, buy: NamedBuy | BuyGap, fresh: Freshness, now_ms: int) -> Text:
        place = Place.of(self._table.universe)
        if isinstance(buy, BuyGap):
            words = f" {gap_words(buy, now_ms, place.zone)}"
            return Text(words, "dim", no_wrap=True, overflow="ellipsis")
        entry = buy.entry
        return Text(
            f" {text.bar_stamp(entry.bar_ms, fresh.market_ms, place.interval_s, place.zone)}  "
            f"{plain_text(f'{entry.symbol}  {buy.name}')}  "
            f"{text.percent(entry.confidence)}  {text.price(entry.last, self._decimals())}"
            f"{'  late' if entry.late else ''}",
            "default" if fresh.current else "dim",
            no_wrap=True,
            overflow="ellipsis",
        )

    def _status_line(self, fresh: Freshness) -> Text:
        dot = self._rich(_DOTS[fresh.dot])
        line = Text("● ", dot, no_wrap=True, overflow="ellipsis")
        health, status = fresh.health, self._word.status
        parts = [fresh.words if health.age_ms is not None else health.state]
        if health.age_ms is None and health.sentence != health.state:
            parts.append(health.sentence)
        if status is not None:
            parts += [status.feed_error, status.feed_note, status.model_note]
            parts.append(f"cycle {status.cycle_ms:.0f} ms")
            parts.append(f"model {status.stamp.model_id}")
        words = " · ".join(filter(None, [*parts, health.endpoint]))
        return line.append(plain_text(words), "default")

    def _decimals(self) -> int:
        universe = self._table.universe
        return 0 if universe is None else universe.decimals

    def _rich(self, token: str) -> str:
        return colors.code(getattr(self._tokens, token))


@functools.cache
def _row_colors(
    hundredths: int, tokens: colors.Tokens, palette: colors.Palette
) -> colors.RowColors:
    # One for each whole percent: finding readable colors is slow, and no eye sees less.
    return colors.row_colors(colors.row_tint(hundredths / 100, tokens), tokens, palette)


def _moving(own: colors.RowColors, change: float) -> colors.Rgb:
    return {"up": own.up, "down": own.down, "flat": own.text}[colors.direction(change)]
