"""The live table as a program: renewed until Ctrl-C, or printed once."""

import time
from typing import Final

from rich.console import Console
from rich.live import Live

from client.clock import now_ms
from client.net.link import Link
from client.state.inbox import Inbox
from client.terminal.screen import Screen
from shared.errors import ServerSilentError
from shared.plain_text import plain_text
from shared.settings import DeskSettings

REFRESH_S: Final = 0.25
FIRST_WITHIN_S: Final = 60.0  # without a terminal; a local server loads torch and a history first


def run_terminal(link: Link, inbox: Inbox, settings: DeskSettings) -> int:
    """Show the watch-list until Ctrl-C, and return the exit code 0.

    On a terminal it is renewed four times a second. Where the output goes to a file or a pipe, it
    is written once, with all rows, as soon as the server is done with loading history.

    Raises:
        ServerSilentError: The output is no terminal, and no rows came for a minute.
    """
    console = Console()
    screen = Screen(settings, inbox)
    try:
        if console.is_terminal:
            _show(console, screen, link)
        else:
            _print_once(console, screen, link)
    except KeyboardInterrupt:
        pass
    return 0


def _show(console: Console, screen: Screen, link: Link) -> None:
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            screen.refresh(now_ms())
            shown = screen.render(link.health(), now_ms(), console.height)
            live.update(shown, refresh=True)
            time.sleep(REFRESH_S)


def _print_once(console: Console, screen: Screen, link: Link) -> None:
    give_up = time.monotonic() + FIRST_WITHIN_S
    while not screen.is_filled():
        if time.monotonic() > give_up:
            raise ServerSilentError(
                f"no rows within a minute: {plain_text(link.health().sentence)}"
            )
        time.sleep(REFRESH_S)
        screen.refresh(now_ms())
    console.print(screen.render(link.health(), now_ms(), None))
