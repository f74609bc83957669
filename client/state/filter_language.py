"""The language in which rows are looked for: `conf > 0.4 market:KOSDAQ class:up -etf ㅅㅅ`.

Terms stand side by side, and all must hold; `-` before one turns it around, commas in one mean any
of. docs/desk.md has the table of fields.
"""

import math
import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from client.state.filter_terms import (
    CLASSES,
    NUMBERS,
    SHARES,
    STATES,
    TEXTS,
    ClassIs,
    FilterTerm,
    Not,
    NumberIs,
    StateIs,
    TextHas,
)
from client.state.table import Table
from shared.contract import CLASS_NAMES, Bool

FIELDS: Final = {
    "conf": "confidence that it goes up: `conf > 0.4`, `conf>40%`; also `up`",
    "flat": "confidence that it stays",
    "down": "confidence that it falls",
    "last": "the price; also `price`",
    "change": "of the price: `change < -2%`",
    "trend": "the confidence now, less its mean over the last 60 bars: `trend > 5%`",
    "class": "which wins: `class:up`, `class:flat,down`",
    "market": "the segment: `market:KOSDAQ`; also `segment`",
    "sector": "the industry, where the server knows it: `sector:chips`",
    "ticker": "the symbol holds it; also `symbol`",
    "name": "the name holds it, in Korean or English",
    "english": "the name in English holds it",
    "is": "`is:buy`, `is:star`, `is:pin`, `is:muted`, `is:decided`",
}
OTHER_NAMES: Final = {
    "up": "conf",
    "confidence": "conf",
    "price": "last",
    "symbol": "ticker",
    "segment": "market",
}
# A term is up to the next blank, but what stands in quotes is one, and blanks may stand around an
# operator; nothing else is needed to take a line apart.
_TERM: Final = re.compile(
    r"""(?P<minus>-?)(?:(?P<field>[^\W\d_]+)\s*(?P<op>>=|<=|[><=:])\s*)?"""
    r"""(?P<value>(?:"[^"]*"?|[^\s"])*)"""
)
_MOST: Final = 500  # characters
_OFFERED: Final = 12  # completions


@dataclass(frozen=True, eq=False)
class RowFilter:
    """What rows must be.

    Attributes:
        terms: All must hold.
    """

    terms: tuple[FilterTerm, ...] = ()

    def fits(self, table: Table) -> Bool:
        """Return (n,) bool, which rows of the table fit."""
        fits: Bool = np.ones(len(table), np.bool_)
        for term in self.terms:
            fits &= term.fits(table)
        return fits


class FilterError(ValueError):
    """A filter that cannot be understood, in a sentence.

    Attributes:
        start: Where in the line what is wrong begins.
        rest: The filter without it.
    """

    def __init__(self, sentence: str, start: int, rest: RowFilter) -> None:
        super().__init__(sentence)
        self.start, self.rest = start, rest


class _TermError(ValueError):
    # What is wrong with one term.
    pass


def parse(line: str) -> RowFilter:
    """Return the filter of a line; an empty one lets all pass.

    Raises:
        FilterError: A part of the line cannot be understood; the sentence says which, and why.
    """
    if len(line) > _MOST:
        raise FilterError(f"a filter has at most {_MOST} characters", _MOST, RowFilter())
    terms: list[FilterTerm] = []
    wrong: tuple[str, int] | None = None
    for match in _TERM.finditer(line):
        if not match[0].strip():
            continue
        try:
            terms.append(_term(match))
        except _TermError as e:
            wrong = wrong or (str(e), match.start())
    rest = RowFilter(tuple(terms))
    if wrong is not None:
        raise FilterError(*wrong, rest)
    return rest


def _term(match: re.Match[str]) -> FilterTerm:
    field, values = match["field"], _values(match["value"])
    if field is None:
        if not values:
            raise _TermError("a word is missing after -")
        term: FilterTerm = TextHas("", values)
    else:
        name = OTHER_NAMES.get(field.casefold(), field.casefold())
        if name not in FIELDS:
            raise _TermError(f"there is no {field}: try {', '.join(FIELDS)}")
        if not values:
            raise _TermError(f"what {field}{match['op']} is held against is missing")
        term = _of_field(name, match["op"], values)
    return Not(term) if match["minus"] else term


def _of_field(name: str, operator: str, values: tuple[str, ...]) -> FilterTerm:
    if name in NUMBERS:
        return _comparison(name, operator, values)
    if operator not in (":", "="):
        raise _TermError(f"{name} is no number: write {name}:{values[0]}")
    if name == "class":
        numbers = {"up": 2, "flat": 1, "down": 0}
        return ClassIs(frozenset(numbers[v] for v in _known(name, values, CLASS_NAMES)))
    if name == "is":
        return StateIs(_known(name, values, tuple(STATES)))
    return TextHas(name, values)


def _comparison(name: str, operator: str, values: tuple[str, ...]) -> FilterTerm:
    if len(values) > 1:
        raise _TermError(f"{name} is held against one number, not {len(values)}")
    words = values[0].removesuffix("%")
    try:
        limit = float(words.replace("−", "-"))
    except ValueError:
        limit = math.nan
    if not math.isfinite(limit):
        example = "0.4 or 40%" if name in SHARES else "1000"
        raise _TermError(f"{name} is a number, such as {example}, was {words}")
    if values[0].endswith("%"):
        limit /= 100
    elif name in SHARES and abs(limit) >= 1:
        raise _TermError(f"{name} is a share: write {words}% or {limit / 100:g}")
    return NumberIs(name, "=" if operator == ":" else operator, limit)


def _known(name: str, values: tuple[str, ...], choices: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    for value in values:
        fitting = [choice for choice in choices if choice.startswith(value.casefold())]
        if not fitting:
            raise _TermError(f"{name} is {', '.join(choices)}, not {value}")
        found.append(fitting[0])
    return tuple(found)


def _values(words: str) -> tuple[str, ...]:
    parts = re.findall(r'"[^"]*"?|[^",]+', words)
    return tuple(part.strip('"') for part in parts if part.strip('"'))


def completions(line: str, table: Table) -> tuple[str, ...]:
    """Return whole lines that the line may become: fields, classes, markets, tickers.

    Args:
        line: What was typed so far, up to the cursor.
        table: Whose markets and names are offered.
    """
    begun = re.split(r"\s", line)[-1]
    before = line[: len(line) - len(begun)]
    minus = "-" if begun.startswith("-") else ""
    field, colon, value = begun.removeprefix("-").partition(":")
    if not colon:
        wanted = field.casefold()
        offered = [_with_operator(name) for name in FIELDS if wanted and name.startswith(wanted)]
        return tuple(f"{before}{minus}{words}" for words in offered)
    last = value.split(",")[-1]
    kept = begun[: len(begun) - len(last)]
    values = _values_of(OTHER_NAMES.get(field, field), table)
    fitting = [v for v in values if v.casefold().startswith(last.casefold()) and v != last]
    return tuple(f"{before}{kept}{_quoted(v)}" for v in fitting[:_OFFERED])


def _with_operator(name: str) -> str:
    return f"{name} > " if name in NUMBERS else f"{name}:"


def _values_of(field: str, table: Table) -> tuple[str, ...]:
    match field:
        case "class":
            return CLASSES
        case "is":
            return tuple(STATES)
        case _ if field in TEXTS:
            return tuple(sorted({text for text in TEXTS[field](table) if text}))
        case _:
            return ()


def _quoted(words: str) -> str:
    return f'"{words}"' if re.search(r"[\s,]", words) else words
