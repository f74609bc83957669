import msgspec
import numpy as np
import pytest

from client.state.marks import Marks, OwnList
from client.state.table import Table
from client.state.workspace import Workspace
from tests.kit.made_market import MadeMarket
from tests.kit.maker import Maker


def test_marks_are_turned_and_notes_written() -> None:
    marks = Marks(stars=("A",)).turned("stars", ("A", "B"))
    assert marks.stars == ("A", "B")
    assert marks.turned("stars", ("B", "A")).stars == ()
    noted = marks.noted("A", "earnings on Friday")
    assert noted.notes == {"A": "earnings on Friday"}
    assert noted.noted("A", "") == marks


LISTS = {"Chips": OwnList(tickers=("005930", "GONE")), "Strong": OwnList(filter="conf > 0.5")}


@pytest.mark.parametrize(
    ("shown", "rows"),
    [
        ("all", [0, 1, 2]),
        ("buys", [0]),
        ("stars", [2]),
        ("own:Chips", [1]),
        ("own:Strong", [0]),
        ("own:Nobody", [0, 1, 2]),
        ("segment:KOSPI", [0, 1, 2]),
        ("segment:KOSDAQ", []),
        ("sector:Chips", []),
    ],
)
def test_a_list_has_its_rows(make: Maker, shown: str, rows: list[int]) -> None:
    table = Table()
    table.apply(MadeMarket(make).start((0.1, 0.1, 0.8), (0.2, 0.5, 0.3), (0.7, 0.2, 0.1)))
    table.mark(Marks(stars=("AAPL",)))
    workspace = Workspace(lists=LISTS, shown=shown)
    assert np.flatnonzero(workspace.row_filter().fits(table)).tolist() == rows
    table.mark(Marks(muted=("000020",)))
    assert 0 not in np.flatnonzero(Workspace(shown="buys").row_filter().fits(table))


def test_a_filter_of_another_version_lets_pass_what_it_can() -> None:
    workspace = Workspace(lists={"Old": OwnList(filter="nonsense:5")}, shown="own:Old")
    assert workspace.row_filter().terms == ()


def test_what_is_taken_out_depends_on_the_list() -> None:
    workspace = Workspace(lists=LISTS, marks=Marks(stars=("A", "B")), shown="own:Chips")
    assert workspace.without_tickers(("GONE",)).lists["Chips"].tickers == ("005930",)
    stars = msgspec.structs.replace(workspace, shown="stars")
    assert stars.without_tickers(("A", "C")).marks == Marks(stars=("B",))
    everyone = msgspec.structs.replace(workspace, shown="all")
    muted = everyone.without_tickers(("A",))
    assert muted.marks.muted == ("A",)
    assert muted.without_tickers(("A",)) == muted
    assert workspace.with_list("Chips", None).shown == "all"
