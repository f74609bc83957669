"""What the terminal shows: the watch-list and the buys as a table."""

import datetime
import functools
import locale
from collections.abc import Iterator
from itertools import islice
from typing import Final

from rich.console import Group
from rich.style import Style
from rich.table import Table as Grid
from rich.text import Text

from client.state import colors, text
from client.state.buys import Buys, NamedBuy, gap_words
from client.state.health import Health
from client.state.inbox import Inbox
from client.state.table import NO_CLASS, SortColumn, Table
from client.state.update import BuyGap
from shared.contract import Class
from shared.protocol.messages import Status
from shared.settings import DeskSettings

BUYS_SHOWN: Final = 6
_HEADINGS: Final = ("Ticker", "Name", "Last", "Change", "", "Up", "Flat", "Down", "Changed", "Age")
_LEFT: Final = ("Ticker", "Name", "")
_DOTS: Final = {"connecting": "muted", "live": "live", "late": "late", "lost": "lost"}


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
        self._buys = Buys()
        self._status: Status | None = None
        self._winner = self._table.winner

    def refresh(self) -> None:
        """Take over what is new."""
        update = self._inbox.drain()
        self._table.apply(update)
        self._winner = self._table.winner
        self._buys.apply(update)
        if update.status is not None:
            self._status = update.status

    def is_filled(self) -> bool:
        """Return whether there are rows, and the server is done with loading history."""
        loaded = self._status is not None and self._status.state != "starting"
        return loaded and bool(self._table.changed_ms.any())

    def render(self, health: Health, now_ms: int, height: int | None) -> Group:
        """Return everything that is shown.

        Args:
            health: The state of the link.
            now_ms: The time, ms since 1970 UTC.
            height: Lines that there is room for; None for all rows.
        """
        most = BUYS_SHOWN if height is None else min(BUYS_SHOWN, height // 4)
        buys = list(islice(self._buys.rows, most))
        taken = 4 + len(buys)  # title, headings, heading of the buys, status
        rows = None if height is None else max(height - taken, 1)
        return Group(
            self._title(),
            self._grid(now_ms, rows),
            Text("Buys", style="bold") if buys else Text("No buys yet", style="dim"),
            *(self._buy(buy, now_ms) for buy in buys),
            self._status_line(health),
        )

    def _title(self) -> Text:
        title = Text("tickerlens ", style="bold", no_wrap=True, overflow="ellipsis")
        universe = self._table.universe
        if universe is not None:
            if universe.simulated:
                badge = Style(color=self._rich("badge_text"), bgcolor=self._rich("badge"))
                title.append(" SIMULATED ", badge)
            title.append(f" {len(self._table)} tickers · {universe.feed}", "not bold")
        return title

    def _grid(self, now_ms: int, rows: int | None) -> Grid:
        grid = Grid(box=None, expand=True, padding=(0, 1), header_style="dim")
        for heading in _HEADINGS:
            left = heading in _LEFT
            grid.add_column(
                heading,
                justify="left" if left else "right",
                ratio=1 if heading == "Name" else None,
                no_wrap=True,
                overflow="ellipsis",
            )
        for row in self._table.order(SortColumn.UP, descending=True)[:rows].tolist():
            colored = self._row_colors(row)
            style = Style(color=colors.code(colored.text), bgcolor=colors.code(colored.tint))
            grid.add_row(*self._cells(row, now_ms, colored), style=style)
        return grid

    def _row_colors(self, row: int) -> colors.RowColors:
        if self._winner[row] == NO_CLASS:
            return colors.stale_colors(self._tokens)
        hundredths = round(100 * float(self._table.probabilities[row, Class.UP]))
        return _row_colors(hundredths, self._tokens, self._palette)

    def _cells(self, row: int, now_ms: int, colored: colors.RowColors) -> Iterator[str | Text]:
        table = self._table
        decimals, zone = self._place()
        change, winner = float(table.change[row]), int(self._winner[row])
        changed_ms = int(table.changed_ms[row])
        moved = {"up": colored.up, "down": colored.down, "flat": colored.text}
        # As Text: rich would read markup into a name with brackets.
        yield Text(table.symbols[row])
        yield Text(table.names[row])
        yield text.price(float(table.last[row]), decimals)
        yield Text(
            f"{text.arrow(change)} {text.change(change)}",
            Style(color=colors.code(moved[colors.direction(change)])),
        )
        yield text.ARROWS[Class(winner)] if winner != NO_CLASS else text.NOTHING
        for column in (Class.UP, Class.FLAT, Class.DOWN):
            share = float(table.probabilities[row, column])
            yield text.percent(share) if winner != NO_CLASS else text.NOTHING
        yield text.moment(changed_ms, now_ms, zone)
        yield text.age(now_ms - changed_ms) if changed_ms else text.NOTHING

    def _buy(self, buy: NamedBuy | BuyGap, now_ms: int) -> Text:
        decimals, zone = self._place()
        if isinstance(buy, BuyGap):
            words = f" {gap_words(buy, now_ms, zone)}"
            return Text(words, "dim", no_wrap=True, overflow="ellipsis")
        entry = buy.entry
        return Text(
            f" {text.moment(entry.made_ms, now_ms, zone)}  {entry.symbol}  {buy.name}  "
            f"{text.percent(entry.confidence)}  {text.price(entry.last, decimals)}",
            no_wrap=True,
            overflow="ellipsis",
        )

    def _status_line(self, health: Health) -> Text:
        line = Text("● ", self._rich(_DOTS[health.state]), no_wrap=True, overflow="ellipsis")
        parts: list[str] = [health.state]
        if health.age_ms is not None:
            parts.append(text.age(health.age_ms))
        if health.sentence != health.state:
            parts.append(health.sentence)
        if self._status is not None:
            parts.append(self._status.feed_error)
            parts.append(f"cycle {self._status.cycle_ms:.0f} ms")
            parts.append(f"model {self._status.stamp.model_id}")
        return line.append(" · ".join(filter(None, [*parts, health.endpoint])), "default")

    def _place(self) -> tuple[int, datetime.tzinfo]:
        # Digits of a price, and the zone of times.
        universe = self._table.universe
        if universe is None:
            return 0, datetime.UTC
        return universe.decimals, text.zone_of(universe.timezone)

    def _rich(self, token: str) -> str:
        return colors.code(getattr(self._tokens, token))


@functools.cache
def _row_colors(
    hundredths: int, tokens: colors.Tokens, palette: colors.Palette
) -> colors.RowColors:
    # One for each whole percent: finding readable colors is slow, and no eye sees less.
    return colors.row_colors(colors.row_tint(hundredths / 100, tokens), tokens, palette)
