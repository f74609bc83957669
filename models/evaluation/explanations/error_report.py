"""The report on where a model is wrong: groups, parts, and examples that people can look at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.bundles.bundle import Bundle
from models.data.bars import Rules
from models.data.sources.reading import FileReading
from models.data.table import BarTable
from models.data.times import now, to_utc
from models.evaluation.explanations.error_analysis import (
    ExplainedAnswers,
    Grouped,
    answer,
    examples,
    excess,
    group,
    too_sure,
)
from models.evaluation.explanations.error_record import ErrorGroup, ErrorPart, Example, Mistakes
from models.evaluation.metrics.days import dates, years
from models.training.dataset import Samples, by_ticker, clean
from shared.contract import CLASS_NAMES, STEPS, WINDOW_SHAPE, Bool, Class, Float64

GROUPS: Final = 6
EXAMPLES: Final = 3
BARS_SHOWN: Final = 30
_TOP_CELLS: Final = 3
_THIRDS: Final = ("least", "middle", "most")


@dataclass(frozen=True, kw_only=True, eq=False)
class Pictured:
    """An example with what is drawn of it.

    Attributes:
        title: What stands above.
        bars: (m, 5) float64, open, high, low, close in currency, volume, up to the decision.
        map: (6, 8) float64.
    """

    title: str
    bars: Float64
    map: Float64


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """The report, the pictures of each of its groups, and the labels of the eight features."""

    report: Mistakes
    pictures: tuple[tuple[Pictured, ...], ...]
    labels: tuple[str, ...]


def find_mistakes(
    bundle: Bundle,
    samples: Samples,
    table: BarTable,
    data: tuple[str, ...],
    reading: FileReading | None = None,
) -> Found:
    """Return where a bundle is wrong on the samples of a span.

    Args:
        bundle: The model.
        samples: Labelled windows of the table.
        table: The bars, for examples.
        data: Names of the files, for the record.
        reading: What was understood of them, for the record.

    Raises:
        DataError: There are too few mistakes to group.
    """
    answered = answer(bundle, samples, table)
    grouped = group(answered, GROUPS)
    rules = table.rules(bundle.card.jump_limit)
    labels = bundle.feature_set.labels
    groups, pictures = [], []
    for number in _worst_first(grouped):
        chosen = examples(grouped, number, EXAMPLES)
        groups.append(_group(grouped, number, chosen, table, labels))
        pictures.append(tuple(_picture(grouped.later, i, table, rules) for i in chosen))
    first, last = (to_utc(ms) for ms in (samples.target_ms.min(), samples.target_ms.max()))
    report = Mistakes(
        model_id=bundle.model_id,
        created=now(),
        data=data,
        reading=reading,
        first=first,
        last=last,
        rows=len(samples.label),
        wrong=float(answered.wrong.mean()),
        groups=tuple(groups),
        parts=tuple(_parts(answered, table)),
        class_maps={
            CLASS_NAMES[c]: _rows(answered.maps[answered.winner == c].mean(axis=0))
            for c in Class
            if (answered.winner == c).any()
        },
    )
    return Found(report=report, pictures=tuple(pictures), labels=labels)


def reason_of(map_: Float64, labels: Sequence[str]) -> str:
    """Return the cells of greatest size in a (6, 8) map, with what they speak for."""
    flat = map_.reshape(-1)
    top = np.argsort(-np.abs(flat), kind="stable")[:_TOP_CELLS]
    return ", ".join(
        f"{_cell(int(i), labels)} {'for' if flat[i] > 0 else 'against'} it" for i in top
    )


def _cell(place: int, labels: Sequence[str]) -> str:
    step, feature = divmod(place, WINDOW_SHAPE[1])
    ago = STEPS - 1 - step
    when = "now" if ago == 0 else f"{ago} bar{'s' if ago > 1 else ''} ago"
    return f"{labels[feature]} {when}"


def _worst_first(grouped: Grouped) -> list[int]:
    rates = [
        (grouped.later.wrong[grouped.group == g].mean(), g)
        for g in range(len(grouped.centers))
        if (grouped.group == g).any()
    ]
    return [g for _, g in sorted(rates, key=lambda rate: (-rate[0], rate[1]))]


def _group(
    grouped: Grouped, number: int, chosen: Sequence[int], table: BarTable, labels: Sequence[str]
) -> ErrorGroup:
    inside = grouped.group == number
    later = grouped.later
    map_ = later.maps[inside].mean(axis=0).astype(np.float64)
    down, flat, up = (float((later.winner[inside] == c).mean()) for c in Class)
    reason = reason_of(map_, labels)
    return ErrorGroup(
        reason=reason,
        part=_part("map", reason, later, inside),
        said=(down, flat, up),
        map=_rows(map_),
        examples=tuple(_example(later, i, table) for i in chosen),
    )


def _parts(answered: ExplainedAnswers, table: BarTable) -> Iterator[ErrorPart]:
    said = np.array(CLASS_NAMES)[answered.winner]
    yield from _by("class that won", said, CLASS_NAMES, answered)
    when = np.array(years(dates(answered.samples.target_ms, table.market)))
    yield from _by("year", when, sorted(set(when)), answered)
    volatility = answered.samples.volatility
    for kind, value in (
        ("volatility of the ticker", _by_ticker(volatility.astype(np.float64), answered)),
        ("turnover of the ticker", _turnover(table)[answered.samples.ticker]),
    ):
        yield from _by(kind, _thirds(value), _THIRDS, answered)


def _by(
    kind: str, names: np.typing.NDArray[np.str_], order: Sequence[str], answered: ExplainedAnswers
) -> Iterator[ErrorPart]:
    for name in order:
        if (names == name).any():
            yield _part(kind, str(name), answered, names == name)


def _part(kind: str, name: str, answered: ExplainedAnswers, chosen: Bool) -> ErrorPart:
    inside = answered.take(chosen)
    return ErrorPart(
        kind=kind,
        name=name,
        rows=len(inside.wrong),
        wrong=float(inside.wrong.mean()),
        against_rest=excess(answered.wrong.astype(np.float64), chosen, answered.days),
        too_sure=too_sure(inside),
        said_up=float((inside.winner == Class.UP).mean()),
        went_up=float((inside.samples.label == Class.UP).mean()),
    )


def _by_ticker(values: Float64, answered: ExplainedAnswers) -> Float64:
    # (n,) the median of each row's ticker.
    ticker = answered.samples.ticker
    medians = np.zeros(int(ticker.max()) + 1)
    for t in np.unique(ticker):
        medians[t] = np.median(values[ticker == t])
    return medians[ticker]


def _turnover(table: BarTable) -> Float64:
    # (tickers,) median of close times volume.
    money = table.ohlcv[:, 3] * table.ohlcv[:, 4]
    return np.array(
        [np.nanmedian(money[rows]) if len(rows) else 0.0 for _, rows in by_ticker(table)]
    )


def _thirds(values: Float64) -> np.typing.NDArray[np.str_]:
    return np.array(_THIRDS)[np.searchsorted(np.quantile(values, [1 / 3, 2 / 3]), values)]


def _example(answered: ExplainedAnswers, i: int, table: BarTable) -> Example:
    samples = answered.samples
    return Example(
        symbol=table.symbols[int(samples.ticker[i])],
        decided=to_utc(int(samples.decided_ms[i])),
        said=CLASS_NAMES[int(answered.winner[i])],
        confidence=float(answered.confidence[i]),
        came=CLASS_NAMES[int(samples.label[i])],
        change=float(samples.returns[i]),
    )


def _picture(answered: ExplainedAnswers, i: int, table: BarTable, rules: Rules) -> Pictured:
    rows = np.flatnonzero(table.row == answered.samples.ticker[i])
    series, _ = clean(table.bar_ms[rows], table.ohlcv[rows], rules)
    end = int(np.searchsorted(series.bar_ms, answered.samples.decided_ms[i], side="right"))
    return Pictured(
        title=_example(answered, i, table).title(),
        bars=series.ohlcv[max(end - BARS_SHOWN, 0) : end],
        map=answered.maps[i].astype(np.float64),
    )


def _rows(map_: Float64) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(float(v), 6) for v in row) for row in map_)
