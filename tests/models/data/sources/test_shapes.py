import datetime
import importlib.metadata
import re
from pathlib import Path

import pytest
from exchange_calendars import get_calendar_names

from models.data.sources import names, text, typed
from models.data.sources.files import find
from models.data.sources.multilevel import unstacked
from models.data.sources.raw import RawTable
from models.data.sources.shape import GENERIC, Shape
from models.data.sources.shapes import SHAPES, known, shape_named, shape_of, shape_of_row
from shared.errors import SettingsError
from shared.markets import MARKETS
from tests.kit.bar_examples.all import EXAMPLES
from tests.kit.bar_files import Example, made_bars, written
from tests.kit.for_each import for_each
from tests.kit.places import ROOT
from tests.kit.shape_table import table_row

READERS = {
    "text": text.read_text,
    "json": typed.read_json,
    "parquet": typed.read_parquet,
    "feather": typed.read_feather,
}
DOCS = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")


def tables(example: Example, folder: Path) -> list[RawTable]:
    for name, content in written(example, made_bars(example)).items():
        (folder / name).write_bytes(content)
    return [unstacked(READERS[file.kind](file)) for file in find(folder).files]


def recognized(raw: RawTable) -> Shape:
    name = raw.file.path.name
    cells = raw.first_row()
    return shape_of(raw.frame.columns, name, cells) if raw.named else shape_of_row(cells, name)


@for_each("example", EXAMPLES)
def test_what_a_source_writes_is_taken_for_it(
    example: Example, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raws = tables(example, tmp_path_factory.mktemp("example"))
    assert raws
    for raw in raws:
        shape = recognized(raw)
        if "source" in example.said:
            # Nothing in such a file tells whose it is, so nothing may be assumed of it either.
            assert example.said["source"] == example.shape
            # KIS writes days of both venues as it writes those of one.
            assert shape is GENERIC or shape.name == "kis_days"
        else:
            assert shape.name == example.shape


def test_every_shape_that_is_read_has_an_example() -> None:
    assert {s.name for s in SHAPES if not s.refused} == {e.shape for e in EXAMPLES} - {"generic"}


@for_each("example", EXAMPLES)
def test_an_example_says_what_its_shape_cannot_know(example: Example) -> None:
    shape = shape_named(example.shape)
    if not shape.has and not shape.pattern and shape is not GENERIC:
        assert example.said["source"] == shape.name
    if shape.market:
        assert shape.market == example.market
    if shape.stamp != "auto" and example.kind == "intraday":
        assert shape.stamp == example.stamp
    if shape.zone and example.kind == "intraday" and "{t" in example.row:
        assert shape.zone == str(example.timezone)


def test_names_are_unique_and_each_shape_says_where_it_is_written_down() -> None:
    assert len({s.name for s in SHAPES}) == len(SHAPES)
    assert all(s.title and re.match(r"https?://[^/]+", s.source) for s in SHAPES)


@for_each("shape", SHAPES)
def test_a_declaration_is_in_itself_sound(shape: Shape) -> None:
    for pattern in (shape.pattern, shape.file_name, shape.file_date, *shape.cells.values()):
        re.compile(pattern)
    assert shape.columns.keys() <= names.ROLES.keys()
    assert not {names.normal(c) for c in shape.has} & {names.normal(c) for c in shape.lacks}
    assert {names.normal(c) for c in shape.cells} <= {names.normal(c) for c in shape.has}
    if shape.market:
        assert shape.market in MARKETS or shape.market in get_calendar_names()
    assert bool(shape.pattern) <= bool(shape.order)
    if shape.order and not shape.refused:
        roles = names.roles(role for role in shape.order if role != "-")
        assert roles.keys() >= {*names.NEEDED}
        assert roles.keys() >= {"time"} or shape.file_date
    assert not (shape.market and "market" in shape.asks)
    assert not (shape.zone and "timezone" in shape.asks)


def test_what_can_be_no_bars_is_recognized_and_refused() -> None:
    listing = ["Code", "Name", "Close", "ChagesRatio", "Volume", "Open", "High", "Low", "Marcap"]
    assert "no date" in shape_of(listing, "krx.csv").refused
    change = ["티커", "종목명", "시가", "종가", "변동폭", "등락률", "거래량", "거래대금"]
    assert shape_of(change, "20240102.csv").refused
    moex = ["BOARDID", "TRADEDATE", "SECID", "OPEN", "LOW", "HIGH", "LEGALCLOSEPRICE", "CLOSE"]
    assert shape_of(moex, "SBER.csv").refused
    assert shape_of_row(["34200000", *["1871500"] * 10], "20240102_quote.zip").refused


def test_only_integers_are_fixed_point() -> None:
    columns = ["ts_event", "rtype", "publisher_id", "instrument_id"]
    columns += ["open", "high", "low", "close", "volume"]
    lead = ["2024-01-02T09:30:00Z", "33", "2", "15144"]
    fixed = [*lead, "190050000000", "190170000000", "189380000000", "190130000000", "10456"]
    plain = [*lead, "190.05", "190.17", "189.38", "190.13", "10456"]
    assert shape_of(columns, "x.csv", fixed).price_scale == 1e-9
    assert shape_of(columns, "x.csv", plain).price_scale == 1
    assert shape_of_row(
        ["20240102 00:00", "70000", "70500", "69500", "70200", "9"], "005930.csv"
    ) is (GENERIC)


def test_the_usual_columns_are_of_no_source() -> None:
    for columns in (
        ["date", "open", "high", "low", "close", "volume"],
        ["timestamp", "open", "high", "low", "close", "volume"],
        ["symbol", "date", "open", "high", "low", "close", "volume"],
        ["날짜", "시가", "고가", "저가", "종가", "거래량"],
        ["", "Open", "High", "Low", "Close", "Volume"],
    ):
        for file in ("AAPL.csv", "005930.csv", "BTC-USDT.csv", "BTC_USDT-5m.csv", "600519.SS.csv"):
            first = ["2024-01-02", "1", "2", "1", "2", "9"]
            assert shape_of(columns, file, first) is GENERIC
    assert shape_of_row(["1717319700", "1", "2", "1", "2", "9"], "BTC-USD.csv") is GENERIC
    assert shape_of_row(["20240102", "093000", "1", "2", "1", "2", "9"], "SBER.csv") is GENERIC


def test_the_date_in_the_name_of_a_file() -> None:
    assert shape_named("pykrx_day").date_in("20240102.csv") == datetime.date(2024, 1, 2)
    assert shape_named("bse").date_in("EQ020124.CSV") == datetime.date(2024, 1, 2)
    assert shape_named("lean_minutes").date_in("20240102_trade.zip") == datetime.date(2024, 1, 2)
    assert shape_named("pykrx_day").date_in("20241302.csv") is None
    assert shape_named("pykrx_day").date_in("all.csv") is None
    assert shape_named("kibot").date_in("20240102.csv") is None


@for_each(
    ("name", "file", "symbol"),
    [
        ("tradingview_us", "NASDAQ_DLY_AAPL, 1D.csv", "AAPL"),
        ("tradingview_forex", "FX_IDC_USDKRW, 60_1a2b3.csv", "USDKRW"),
        ("mt4", "EURUSD240.csv", "EURUSD"),
        ("mt4", "XAUUSD.csv", "XAUUSD"),
        ("ninjatrader", "AAPL.Last.txt", "AAPL"),
        ("ninjatrader", "ES 03-24.Last.txt", ""),  # the next contract is another ticker
        ("kaggle_us", "brk-b.us.txt", "BRK-B"),
        ("kibot", "AAPL.txt", ""),
    ],
)
def test_the_ticker_in_the_name_of_a_file(name: str, file: str, symbol: str) -> None:
    assert shape_named(name).symbol_in(file) == symbol


@for_each("shape", SHAPES)
def test_the_documentation_has_each_shape_as_it_is(shape: Shape) -> None:
    assert table_row(shape) in DOCS


def test_the_documentation_has_no_other_shape() -> None:
    assert DOCS.partition("## The shapes")[2].count("\n| `") == len(SHAPES)


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="kraken"):
        shape_named("krakn")


MINE = Shape(name="mine", title="My own", has=("when", "open", "high", "low", "close"))
TAKEN = Shape(name="kraken", title="Another Kraken", has=("when",))


def test_packages_add_shapes_and_a_broken_one_is_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    points = [
        importlib.metadata.EntryPoint(name=name, value=value, group="tickerlens.sources")
        for name, value in {
            "mine": f"{__name__}:MINE",
            "taken": f"{__name__}:TAKEN",
            "broken": "no_such_module:SHAPE",
        }.items()
    ]

    def those_of(group: str) -> tuple[importlib.metadata.EntryPoint, ...]:
        return tuple(p for p in points if p.group == group)

    monkeypatch.setattr("shared.plugins._points", those_of)
    known.cache_clear()
    try:
        assert shape_named("mine") == MINE
        assert shape_of(["when", "open", "high", "low", "close"], "x.csv") == MINE
        assert shape_named("kraken") != TAKEN
        assert "'broken'" in caplog.text
        assert "taken" in caplog.text
    finally:
        known.cache_clear()
