"""Lists of tickers as CSV files: read from whatever spreadsheets write, and written for them."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from shared.contract import check_symbol
from shared.errors import DataError, UnavailableError
from shared.limits import MAX_TICKERS

HEADINGS: Final = ("symbol", "name", "market", "note")
_SYMBOL_HEADINGS: Final = ("symbol", "ticker", "code", "종목코드", "코드", "단축코드")
_ENCODINGS: Final = ("utf-8-sig", "cp949")  # the second is what Korean spreadsheets write
_MOST_BYTES: Final = 20_000_000


def read_list(path: Path) -> tuple[str, ...]:
    """Return the tickers of a file, in its order, each once.

    They stand in the column that is called symbol, ticker, code or 종목코드, or in the first one
    of a file without such a heading.

    Raises:
        UnavailableError: The file cannot be read.
        DataError: It holds no tickers; the sentence names file and row.
    """
    rows = list(csv.reader(io.StringIO(_text(path), newline="")))
    headings = [cell.strip().casefold() for cell in rows[0]] if rows else []
    column = next((headings.index(h) for h in _SYMBOL_HEADINGS if h in headings), None)
    first = 0 if column is None else 1
    found: dict[str, None] = {}
    for number, row in enumerate(rows[first:], start=first + 1):
        cells = [cell.strip() for cell in row]
        symbol = cells[column or 0] if len(cells) > (column or 0) else ""
        if symbol:
            found[_checked(symbol, path, number)] = None
    if not found:
        raise DataError(f"{path.name} holds no tickers: a column symbol, or one ticker a line")
    if len(found) > MAX_TICKERS:
        raise DataError(f"{path.name} holds more than {MAX_TICKERS:,} tickers")
    return tuple(found)


def write_list(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write rows of `HEADINGS`; a spreadsheet reads Korean names in it.

    Raises:
        UnavailableError: The file cannot be written.
    """
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADINGS, *rows])
    try:
        path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    except OSError as e:
        raise UnavailableError(f"{path} cannot be written: {e.strerror or e}") from e


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(f"{path.name} is too long for a list of tickers")
        data = path.read_bytes()
    except OSError as e:
        raise UnavailableError(f"{path} cannot be read: {e.strerror or e}") from e
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError(f"{path.name} is no text in UTF-8 or CP949")


def _checked(symbol: str, path: Path, row: int) -> str:
    try:
        return check_symbol(symbol)
    except DataError as e:
        raise DataError(f"{path.name}, row {row}: {e}") from e
