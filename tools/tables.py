"""Write the tables of docs/ anew from what the code declares: `python -m tools.tables`.

A table stands between two marks in a page, and is not edited there:

    <!-- table: server settings -->
    <!-- end of table -->

`tests/tools/test_tables.py` fails when a page and the code differ.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from client.state.filter_language import FIELDS
from server.alerts.file import FileAlertSettings
from server.feeds.alpaca.settings import AlpacaSettings
from server.feeds.ccxt.settings import CcxtSettings
from server.feeds.kis.settings import KisSettings
from server.feeds.live.faults import ADVICE
from server.feeds.push.settings import PushSettings
from server.feeds.settings import ReplaySettings, SimulatedSettings
from server.feeds.toss.settings import TossSettings
from server.feeds.watch.settings import WatchSettings
from server.feeds.yahoo.settings import YahooSettings
from shared import errors
from shared.columns import COLUMNS
from shared.command_line import INTERRUPTED
from shared.errors import TickerlensError
from shared.protocol.envelope import PROTOCOL
from shared.settings import DeskSettings, ServerSettings, Setting, described
from tools.limits_table import limits

DOCS: Final = Path(__file__).parents[1] / "docs"
_MARKED: Final = re.compile(
    r"(?<=<!-- table: )(?P<name>[^\n]+) -->\n(?P<table>.*?)(?=<!-- end of table -->)", re.DOTALL
)

Row = tuple[str, ...]


def settings_table(kind: type[msgspec.Struct]) -> Iterator[Row]:
    """Yield a row for each setting of a type, below the headings."""
    yield ("setting", "default", "")
    for setting in described(kind):
        default = setting.default_text
        shown = default if setting.switch else f"`{default}`" if default else ""
        yield (f"`{setting.name}`", shown, setting.words + _choices(setting))


def exit_codes() -> Iterator[Row]:
    """Yield a row for each exit code, below the headings, by the errors that leave with it."""
    yield ("code", "meaning")
    yield ("0", "All went as asked.")
    yield ("1", "A defect of ours: the traceback says where.")
    yield ("2", "There is no such flag or command.")
    by_code: dict[int, list[str]] = {}
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, TickerlensError) and error.exit_code > 1:
            by_code.setdefault(error.exit_code, []).append(_summary(error))
    for code, summaries in sorted(by_code.items()):
        yield (str(code), " ".join(summaries))
    yield (f"{INTERRUPTED}, 143", "SIGINT, SIGTERM: interrupted while starting, or at work.")


def row_columns() -> Iterator[Row]:
    """Yield a row for each column of `confidence` and `snapshot`, below the headings."""
    yield ("array", "type", "shape", "")
    for column in COLUMNS:
        since = f" (since {PROTOCOL}.{column.since})" if column.since else ""
        shape = ", ".join(["symbols", *map(str, column.shape)])
        yield (f"`{column.name}`", column.dtype[1:], f"({shape})", column.meaning + since)


def source_faults() -> Iterator[Row]:
    """Yield a row for each kind of fault of a source of live bars, below the headings."""
    yield ("`source_…`", "the source", "what to do", "asked again after, at first and at most")
    for kind, advice in sorted(ADVICE.items()):
        yield (
            f"`{kind}`",
            advice.means,
            advice.do,
            f"{advice.first_s:g} s, {advice.most_s:g} s",
        )


def filter_fields() -> Iterator[Row]:
    """Yield a row for each field of the filter of the desk, below the headings."""
    yield ("field", "")
    for name, meaning in FIELDS.items():
        yield (f"`{name}`", meaning)


TABLES: Final[Mapping[str, Callable[[], Iterable[Row]]]] = {
    "server settings": lambda: settings_table(ServerSettings),
    "simulated settings": lambda: settings_table(SimulatedSettings),
    "replay settings": lambda: settings_table(ReplaySettings),
    "alpaca settings": lambda: settings_table(AlpacaSettings),
    "ccxt settings": lambda: settings_table(CcxtSettings),
    "toss settings": lambda: settings_table(TossSettings),
    "kis settings": lambda: settings_table(KisSettings),
    "watch settings": lambda: settings_table(WatchSettings),
    "push settings": lambda: settings_table(PushSettings),
    "yahoo settings": lambda: settings_table(YahooSettings),
    "source faults": source_faults,
    "file alert settings": lambda: settings_table(FileAlertSettings),
    "filter fields": filter_fields,
    "desk settings": lambda: settings_table(DeskSettings),
    "exit codes": exit_codes,
    "row columns": row_columns,
    "limits": limits,
}


def renewed(page: str) -> str:
    """Return the text of a page with every marked table as the code has it now.

    Raises:
        KeyError: A mark names a table that there is not.
    """
    return _MARKED.sub(lambda m: f"{m['name']} -->\n{markdown(TABLES[m['name']]())}", page)


def markdown(rows: Iterable[Row]) -> str:
    """Return rows as a table; the first one holds the headings."""
    lines = ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |\n" for row in rows]
    lines.insert(1, "|" + "---|" * (lines[0].count(" | ") + 1) + "\n")
    return "".join(lines)


def main() -> int:
    """Renew all pages, and name those that changed."""
    for path in sorted(DOCS.rglob("*.md")):
        old = path.read_text(encoding="utf-8")
        new = renewed(old)
        if new != old:
            path.write_text(new, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(DOCS.parent)}\n")
    return 0


def _choices(setting: Setting) -> str:
    return f"; one of {', '.join(f'`{c}`' for c in setting.choices)}" if setting.choices else ""


def _summary(error: type[TickerlensError]) -> str:
    # What happened stands before the colon, and after it what the program does about it.
    return (error.__doc__ or "").partition("\n")[0].partition(":")[0].rstrip(".") + "."


if __name__ == "__main__":
    sys.exit(main())
