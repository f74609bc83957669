import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from client.state import captions, text
from client.state.attribution_map import AttributionMap, answered_map
from client.state.explained import Choice, Explained
from client.ui.ticker.trust_panels import CaptionedNumber, ReasonsPanel, TrustPanel
from client.ui.widgets.panel import ElidedLabel, Panel
from models.data.features.price_volume import PRICE_VOLUME
from shared.contract import Class
from tests.kit.made_market import METHODS, SYMBOL, MadeMarket
from tests.kit.methods import CAM, INTEGRATED, LIVE


@pytest.fixture
def explained(market: MadeMarket) -> Explained:
    explained = Explained(SYMBOL, METHODS, PRICE_VOLUME.features)
    explained.apply(market.update(heatmaps={SYMBOL: market.heatmap(SYMBOL)}))
    return explained


@pytest.fixture
def reasons(qtbot: QtBot) -> ReasonsPanel:
    panel = ReasonsPanel()
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def trust(qtbot: QtBot) -> TrustPanel:
    panel = TrustPanel()
    qtbot.addWidget(panel)
    return panel


def words(panel: Panel) -> str:
    labels = [label for label in panel.findChildren(QLabel) if label.isVisibleTo(panel)]
    return " | ".join(label.text() for label in labels if label.text())


def lines(panel: ReasonsPanel) -> list[ElidedLabel]:
    return [w for w in panel.findChildren(ElidedLabel) if w.text() and w is not panel.title]


def numbers(panel: TrustPanel) -> list[tuple[str, str]]:
    shown = [n for n in panel.findChildren(CaptionedNumber) if n.isVisibleTo(panel)]
    return [(n.number, n.caption) for n in shown]


def test_reasons_are_two_for_and_one_against(reasons: ReasonsPanel, market: MadeMarket) -> None:
    # The made map counts from -24 at the oldest open gap to 23 at the newest volatility.
    shown = answered_map(market.explanation(INTEGRATED), PRICE_VOLUME.features)
    reasons.show_attribution(shown)
    found = captions.reasons_of(shown)
    assert [(r.step, r.feature, r.supports) for r in found] == [
        *((5, 7, True), (5, 6, True), (0, 0, False))
    ]
    for line, reason in zip(lines(reasons), found, strict=True):
        assert line.text().endswith(reason.sentence)
        assert line.property("role") == ("" if reason.supports else "muted")


def test_of_a_class_that_lost_what_speaks_against_it_comes_first(
    reasons: ReasonsPanel, market: MadeMarket
) -> None:
    answer = market.explanation(INTEGRATED, target=Class.DOWN)
    shown = answered_map(answer, PRICE_VOLUME.features)
    assert shown.target != shown.winner
    reasons.show_attribution(shown)
    found = captions.reasons_of(shown)
    assert [(r.step, r.feature, r.supports) for r in found] == [
        *((0, 0, False), (0, 1, False), (5, 7, True))
    ]
    *against, other = lines(reasons)
    assert [line.text() for line in against] == [r.sentence for r in found[:2]]
    assert {line.property("role") for line in against} == {""}
    assert (other.text(), other.property("role")) == (f"for: {found[2].sentence}", "muted")


def test_a_slope_gives_reasons_of_what_it_adds(reasons: ReasonsPanel, explained: Explained) -> None:
    # Slope and input have the same sign everywhere, so that nothing is against.
    live = explained.attribution()
    assert isinstance(live, AttributionMap)
    reasons.show_attribution(live)
    found = captions.reasons_of(live)
    assert (0, 0, True) in [(r.step, r.feature, r.supports) for r in found]
    assert [line.text() for line in lines(reasons)] == [r.sentence for r in found]


def test_a_map_of_time_alone_says_that_it_cannot(reasons: ReasonsPanel, market: MadeMarket) -> None:
    shown = answered_map(market.explanation(CAM), PRICE_VOLUME.features)
    reasons.show_attribution(shown)
    assert [line.text() for line in lines(reasons)] == [captions.without_reasons(shown)]
    reasons.show_attribution(None)
    assert lines(reasons) == []


def test_the_live_map_is_trusted_by_its_drop_against_random_cells(
    trust: TrustPanel, explained: Explained
) -> None:
    trust.show_explained(explained)
    shown, heatmap = explained.attribution(), explained.heatmap
    assert isinstance(shown, AttributionMap)
    assert heatmap is not None
    assert numbers(trust)[0] == ("0.25", captions.drop_caption(shown, named=False))
    assert captions.raw_words(shown, heatmap) in words(trust)
    assert captions.footnote(LIVE) in words(trust)


def test_an_answer_is_trusted_by_its_own_drop_gap_and_verdict(
    trust: TrustPanel, explained: Explained, market: MadeMarket
) -> None:
    explained.choose(Choice(method="integrated_gradients", target=Class.DOWN))
    answer = market.explanation(INTEGRATED, target=Class.DOWN, drop=-0.004)
    answers = dict.fromkeys(explained.wishes(), answer)
    explained.apply(market.update(explanations={SYMBOL: answers}))
    trust.show_explained(explained)
    shown, heatmap = answered_map(answer, PRICE_VOLUME.features), explained.heatmap
    assert heatmap is not None
    assert shown.target == Class.DOWN
    assert shown.gap is not None
    assert numbers(trust)[0] == ("0.00", captions.drop_caption(shown, named=False))
    assert captions.raw_words(shown, heatmap) in words(trust)


def test_two_methods_are_trusted_each_by_its_own_cells(
    trust: TrustPanel, explained: Explained, market: MadeMarket
) -> None:
    explained.choose(Choice(beside="grad_cam"))
    answers = {wish: market.explanation(CAM, drop=-0.2) for wish in explained.wishes()}
    trust.show_explained(explained)
    assert [number for number, _ in numbers(trust)[:2]] == ["0.25", text.NOTHING]
    explained.apply(market.update(explanations={SYMBOL: answers}))
    trust.show_explained(explained)
    first, second = explained.attribution(), explained.attribution_beside()
    assert isinstance(first, AttributionMap)
    assert isinstance(second, AttributionMap)
    assert numbers(trust)[:2] == [
        ("0.25", captions.drop_caption(first, named=True)),
        ("−0.20", captions.drop_caption(second, named=True)),
    ]


def test_without_a_map_there_are_no_numbers(trust: TrustPanel) -> None:
    trust.show_explained(Explained(SYMBOL))
    trust.show_set(0, 0.0)
    assert numbers(trust) == [(text.NOTHING, ""), (text.NOTHING, captions.SET_UNKNOWN)]


def test_the_prediction_set_is_said_with_its_coverage(trust: TrustPanel) -> None:
    trust.show_set(6, 0.9)
    assert numbers(trust)[-1] == ("up or flat", "could come next; 9 of 10 such sets hold what came")
