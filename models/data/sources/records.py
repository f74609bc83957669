"""Texts that are no tables: records of fixed width, lists as Python writes them, and one XML."""

import re
from typing import Final

import numpy as np
import polars as pl

from models.data.sources.encoding import as_utf8
from models.data.sources.files import BarFile
from models.data.sources.raw import RawTable
from models.data.sources.typed import read_json
from shared.errors import DataError

RECORD_HEAD: Final = 512  # bytes that tell

_COTAHIST: Final = re.compile(rb"00COTAHIST\.\d{4}")
_FCHART: Final = re.compile(rb"<chartdata\s[^>]*symbol=")
_ITEM: Final = re.compile(r"<item\s+data=[\"']([^\"']*)[\"']")
_ITEM_NAMES: Final = ("item_date", "open", "high", "low", "close", "volume")
# Of B3's public layout: where each field begins, from 0, and how long it is.
_FIELDS: Final = {
    "datpreg": (2, 8),
    "codbdi": (10, 2),
    "codneg": (12, 12),
    "tpmerc": (24, 3),
    "preabe": (56, 13),
    "premax": (69, 13),
    "premin": (82, 13),
    "preult": (108, 13),
    "quatot": (152, 18),
    "fatcot": (210, 7),
}


def is_record(head: bytes) -> bool:
    """Return whether a text is one of these, told from its first `RECORD_HEAD` bytes."""
    return bool(_COTAHIST.match(head) or _FCHART.search(head)) or _is_list(head)


def _is_list(head: bytes) -> bool:
    return head.lstrip()[:2] in (b"[[", b"[{", b'{"')


def read_record(file: BarFile) -> RawTable:
    """Return the cells of a text of which `is_record` is true.

    Raises:
        InputMissingError: It cannot be opened.
        DataError: It holds no bars.
    """
    head = file.head(RECORD_HEAD)
    if _is_list(head):
        return read_json(file)
    return _cotahist(file) if _COTAHIST.match(head) else _fchart(file)


def _cotahist(file: BarFile) -> RawTable:
    # Names of companies are in Latin-1; what is read stands in places that they do not move.
    lines = pl.Series(file.content().decode("latin-1").splitlines())
    there = lines.str.starts_with("01")
    kept = lines.filter(there)
    if kept.is_empty():
        raise DataError(f"{file.label} holds no record of a day")
    columns = {name: kept.str.slice(*place).str.strip_chars() for name, place in _FIELDS.items()}
    rows = np.flatnonzero(there.to_numpy()) - 1
    return RawTable(file=file, frame=pl.DataFrame(columns), rows=rows)


def _fchart(file: BarFile) -> RawTable:
    # By its pattern: a parser of XML would open what a foreign file may name.
    text = as_utf8(file.content(), file.label).decode()
    symbol = re.search(r"<chartdata\s[^>]*symbol=[\"']([^\"']*)[\"']", text)
    items = [item.split("|") for item in _ITEM.findall(text)]
    whole = [item for item in items if len(item) == len(_ITEM_NAMES)]
    if symbol is None or not whole:
        raise DataError(f"{file.label} holds no item of a chart")
    frame = pl.DataFrame(whole, schema=dict.fromkeys(_ITEM_NAMES, pl.String), orient="row")
    return RawTable(file=file, frame=frame.with_columns(symbol=pl.lit(symbol[1])))
