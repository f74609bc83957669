import dataclasses

import msgspec
import numpy as np
import pytest

from client.state import captions
from client.state.attribution_map import AttributionMap, View, answered_map, live_map
from client.state.inbox import Inbox
from client.state.list_cells import list_cell
from client.state.table import Table
from models.data.features.price_volume import PRICE_VOLUME
from shared.contract import Class
from shared.explaining import Finding, Verdict
from tests.kit.maker import Maker
from tests.kit.methods import LIVE, UNSIGNED
from tests.kit.updates import row_changes


@pytest.fixture
def live(make: Maker) -> AttributionMap:
    return live_map(make.heatmap("AAPL"), LIVE, PRICE_VOLUME.features)


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (View.SIGNED, "Why up?  Saliency · features × time"),
        (View.ABSOLUTE, "Why up?  Saliency, absolute · features × time"),
        (View.TIMES_INPUT, "Why up?  Saliency × input · features × time"),
    ],
)
def test_a_title_says_question_method_view_and_axes(
    live: AttributionMap, view: View, said: str
) -> None:
    assert captions.title(live, view) == said


def test_of_a_class_that_did_not_win_it_asks_why_not(live: AttributionMap) -> None:
    other = dataclasses.replace(live, target=Class.FLAT)
    assert captions.title(other, View.SIGNED).startswith("Why not flat?")
    assert captions.drop_caption(other, named=False).startswith("confidence in flat lost without")


def test_a_drop_is_said_beside_that_of_random_cells(live: AttributionMap) -> None:
    space = "\N{NO-BREAK SPACE}"
    alone, beside = (captions.drop_caption(live, named=named) for named in (False, True))
    assert alone == f"confidence lost without the top cells (random:{space}0.05)"
    assert beside == f"Saliency\nlost without its top cells (random:{space}0.05)"


def test_a_method_without_signs_is_not_called_absolute(live: AttributionMap) -> None:
    unsigned = dataclasses.replace(live, method=UNSIGNED)
    assert captions.title(unsigned, View.SIGNED) == "Why up?  |Gradient| · features × time"
    assert captions.without_reasons(unsigned).endswith("but not which way")


def test_a_map_of_zeros_has_no_reason(live: AttributionMap) -> None:
    assert captions.reasons_of(live) == ()
    assert captions.without_reasons(live) == "No cell counts"


def test_a_map_of_time_alone_says_so(make: Maker) -> None:
    cam = answered_map(make.explanation("AAPL", "grad_cam"), PRICE_VOLUME.features)
    assert captions.title(cam, View.SIGNED).endswith("· time only")
    assert captions.reasons_of(cam) == ()
    assert "time only" in captions.without_reasons(cam)


def test_a_gap_is_said_where_a_sum_is_promised(live: AttributionMap, make: Maker) -> None:
    heatmap = make.heatmap("AAPL")
    assert captions.raw_words(live, heatmap) == "raw score up 80%, calibrated 75%"
    promised = dataclasses.replace(live, gap=-0.0123)
    assert captions.raw_words(promised, heatmap).endswith("misses the logit's change by 0.012")


def test_all_scores_stand_in_the_order_of_the_header() -> None:
    scores = np.array([0.25, 0.15, 0.6], np.float32)
    assert captions.all_scores(scores).endswith("up 60% · flat 15% · down 25%")


def test_what_a_check_found_is_said_or_that_there_was_none() -> None:
    assert captions.footnote(LIVE) == "Saliency was not checked on this model"
    checked = msgspec.structs.replace(LIVE, verdict=Verdict(finding=Finding.TRUE))
    assert captions.footnote(checked) == (
        "Saliency: Hiding its cells changes the answer, more than hiding others"
    )


def test_a_row_without_a_set_has_no_tip(make: Maker) -> None:
    inbox, table = Inbox(), Table()
    inbox.put_universe(make.universe())
    inbox.put_rows(make.row_changes({"AAPL": 0.5}))
    table.apply(inbox.drain())
    assert captions.row_tip(table, 0) == ""
    assert captions.row_tip(table, 2) == (
        "Up, flat or down could come next; 9 of 10 such sets hold what came"
    )


def test_change_is_against_the_session_before_and_bar_to_bar_in_the_tip(make: Maker) -> None:
    inbox, table = Inbox(), Table()
    inbox.put_universe(make.universe())
    moved = {"change": np.full(3, 0.01, np.float32), "last": np.full(3, 102.0)}
    moved["previous_close"] = np.array([100.0, 0.0, 104.0])
    inbox.put_rows(row_changes(range(3), np.zeros((3, 3), np.float32), **moved))
    table.apply(inbox.drain())
    # Where nothing is known of the session before, as from an older server, it is bar to bar.
    assert table.day_change(np.arange(3)).tolist() == pytest.approx([0.02, 0.01, 102 / 104 - 1])
    # What no price can be is not known either: a quotient of it may be no number.
    moved["last"][0], moved["previous_close"][0] = 1e12, 5e-324
    inbox.put_rows(row_changes(range(3), np.zeros((3, 3), np.float32), **moved))
    tips = [captions.cell_tip(table, row, list_cell("change")) for row in (0, 1)]
    table.apply(inbox.drain())
    assert table.day_change(np.arange(1)).tolist() == pytest.approx([0.01])
    assert "not known" in captions.cell_tip(table, 0, list_cell("change"))
    assert tips == [
        "Against 100, the close of the session before\n▲ 1.00% since the bar before",
        "▲ 1.00% since the bar before; the close of the session before is not known",
    ]
