from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.__main__ import main
from models.bundles.bundle import Bundle
from models.data.bars import Rules
from models.data.features.price_volume import PRICE_VOLUME
from models.data.table import BarTable
from models.evaluation.explanations import error_report
from models.evaluation.explanations.error_analysis import answer, examples, excess, group
from models.evaluation.explanations.error_record import Mistakes
from models.evaluation.explanations.error_report import find_mistakes, reason_of
from models.evaluation.metrics.bootstrap import Days
from models.inference.engine import Engine
from models.inference.served import served_of
from models.training.dataset import Samples, collect
from shared.errors import DataError

Table = Callable[..., BarTable]


@pytest.fixture
def bars(table: Table) -> BarTable:
    return table(tickers=8, bars=120)


@pytest.fixture
def samples(bars: BarTable, bundle: Bundle) -> Samples:
    made, _ = collect(
        bars, Rules(interval_s=86_400, jump_limit=0.31), bundle.card.label, PRICE_VOLUME
    )
    return made


def test_an_answer_carries_its_map(bundle: Bundle, samples: Samples, bars: BarTable) -> None:
    answered = answer(bundle, samples, bars)
    said = Engine(served_of(bundle)).explain(samples.windows)
    np.testing.assert_array_equal(answered.winner, said.winner)
    np.testing.assert_allclose(answered.maps, said.saliency * said.scaled)
    np.testing.assert_array_equal(answered.wrong, said.winner != samples.label)
    np.testing.assert_allclose(answered.confidence, said.probabilities.max(axis=1))


def test_groups_are_found_early_and_told_late(
    bundle: Bundle, samples: Samples, bars: BarTable
) -> None:
    answered = answer(bundle, samples, bars)
    # Two shapes of map, and every answer is wrong.
    maps = np.zeros_like(answered.maps)
    first = np.arange(len(maps)) % 2 == 0
    maps[first, 5, 3], maps[~first, 0, 0] = 2.0, -0.1
    made = replace(answered, maps=maps, wrong=np.full(len(maps), True))
    grouped = group(made, 2)
    assert grouped.later.block.min() > np.median(made.block) - 1
    shape = grouped.later.maps[:, 5, 3] > 0
    assert len(set(grouped.group[shape])) == len(set(grouped.group[~shape])) == 1
    assert set(grouped.group) == {0, 1}
    np.testing.assert_allclose(grouped.nearness, 1)
    number = int(grouped.group[shape][0])
    assert grouped.centers[number, 5, 3] == pytest.approx(1)
    chosen = examples(grouped, number, 3)
    assert len(set(grouped.later.samples.ticker[chosen])) == 3
    assert shape[list(chosen)].all()


def test_too_few_mistakes_are_not_grouped(bundle: Bundle, samples: Samples, bars: BarTable) -> None:
    answered = answer(bundle, samples, bars)
    with pytest.raises(DataError, match="at least 50 confident mistakes"):
        group(replace(answered, wrong=np.full(len(answered.wrong), False)), 2)


def test_an_excess_over_the_rest() -> None:
    values = np.tile([1.0, 0.0, 0.0, 0.0], 10)
    chosen = np.tile([True, True, False, False], 10)
    days = Days.draw(np.repeat(np.arange(10), 4), 10, np.ones((40, 1)))
    measured = excess(values, chosen, days)
    assert (measured.value, measured.low, measured.high) == (0.5, 0.5, 0.5)
    assert excess(values, np.full(40, True), days).value == 0


def test_the_cells_that_count_in_words() -> None:
    map_ = np.zeros((6, 8))
    map_[5, 4], map_[4, 3], map_[0, 6] = 3.0, -2.0, 1.0
    assert (
        reason_of(map_, PRICE_VOLUME.labels)
        == "volume now for it, return 1 bar ago against it, vs MA20 5 bars ago for it"
    )


def test_parts_cover_every_row(bundle: Bundle, samples: Samples, bars: BarTable) -> None:
    found = find_mistakes(bundle, samples, bars, ("made",))
    report = found.report
    for kind in {part.kind for part in report.parts}:
        parts = [part for part in report.parts if part.kind == kind]
        assert sum(part.rows for part in parts) == report.rows == len(samples.label)
        wrong = sum(part.rows * part.wrong for part in parts) / report.rows
        assert wrong == pytest.approx(report.wrong)
    assert {p.kind for p in report.parts} == {
        "class that won",
        "year",
        "volatility of the ticker",
        "turnover of the ticker",
    }
    rates = [g.part.wrong for g in report.groups]
    assert rates == sorted(rates, reverse=True)


def test_the_candles_of_an_example_end_with_its_decision(
    bundle: Bundle, samples: Samples, bars: BarTable
) -> None:
    found = find_mistakes(bundle, samples, bars, ("made",))
    pairs = zip(found.report.groups, found.pictures, strict=True)
    seen = 0
    for told, pictures in pairs:
        for example, picture in zip(told.examples, pictures, strict=True):
            seen += 1
            own = bars.row == bars.symbols.index(example.symbol)
            at = own & (bars.bar_ms == round(example.decided.timestamp() * 1000))
            np.testing.assert_array_equal(picture.bars[-1], bars.ohlcv[at][0])
            assert len(picture.bars) <= 30
            assert example.said != example.came
    assert seen > 0


@pytest.mark.slow
def test_the_command_writes_a_page_and_its_record(
    folder: Path,
    bars: BarTable,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # To draw takes longest by far, and the third group is drawn as the second is.
    monkeypatch.setattr(error_report, "GROUPS", 2)
    days = bars.bar_ms.astype("datetime64[ms]").astype("datetime64[D]").astype(str)
    rows = [
        ",".join([bars.symbols[bars.row[i]], days[i], *(f"{v:.6f}" for v in bars.ohlcv[i])])
        for i in range(len(days))
    ]
    data = tmp_path / "bars.csv"
    head = "symbol,date,open,high,low,close,volume"
    data.write_text("\n".join([head, *rows]), encoding="utf-8")
    page = tmp_path / "errors.html"
    arguments = ["errors", str(folder), str(data), "--from", "2020-09-01"]
    assert main([*arguments, "--report", str(page)]) == 0
    said = capsys.readouterr().out
    report = msgspec.json.decode(page.with_suffix(".json").read_bytes(), type=Mistakes)
    assert report.data == ("bars.csv",)
    written = page.read_text(encoding="utf-8")
    assert len(report.groups) == 2
    for told in report.groups:
        assert told.reason in said
        assert told.reason in written
    assert written.count("<img") == 1 + sum(1 + len(g.examples) for g in report.groups)
    assert main(arguments) == 0
    assert capsys.readouterr().out.strip() in said
