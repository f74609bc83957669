import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from client.state.attribution_map import AttributionMap, answered_map
from client.state.explained import Choice, Explained
from client.ui.ticker.trust_panels import ReasonsPanel, TrustPanel
from client.ui.widgets.panel import Panel
from models.data.features.price_volume import PRICE_VOLUME
from shared.contract import Class
from tests.kit.made_market import METHODS, SYMBOL, MadeMarket
from tests.kit.methods import CAM, INTEGRATED


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
    shown = " | ".join(label.text() for label in labels if label.text())
    return shown.replace("\N{NO-BREAK SPACE}", " ")


def test_reasons_are_two_for_and_one_against(reasons: ReasonsPanel, market: MadeMarket) -> None:
    # The made map counts from -24 at the oldest open gap to 23 at the newest volatility.
    reasons.show_attribution(answered_map(market.explanation(INTEGRATED), PRICE_VOLUME.features))
    assert words(reasons) == (
        "Reasons | volatility is high, 2.3% a bar now | close is 2.2% above its 20-bar mean now | "
        "against: open 5 bars ago is 2.4% below the previous close"
    )


def test_a_slope_gives_reasons_of_what_it_adds(reasons: ReasonsPanel, explained: Explained) -> None:
    # Slope and input have the same sign everywhere, so that nothing is against.
    live = explained.attribution()
    assert isinstance(live, AttributionMap)
    reasons.show_attribution(live)
    assert "open 5 bars ago is 2.4% below the previous close" in words(reasons)
    assert "against" not in words(reasons)


def test_a_map_of_time_alone_says_that_it_cannot(reasons: ReasonsPanel, market: MadeMarket) -> None:
    reasons.show_attribution(answered_map(market.explanation(CAM), PRICE_VOLUME.features))
    assert words(reasons) == "Reasons | Grad-CAM knows time only: it cannot name a feature"
    reasons.show_attribution(None)
    assert words(reasons) == "Reasons"


def test_the_live_map_is_trusted_by_its_drop_against_random_cells(
    trust: TrustPanel, explained: Explained
) -> None:
    trust.show_explained(explained)
    assert "0.25 | confidence lost without the top cells (random: 0.05)" in words(trust)
    assert "raw score up 80%, calibrated 70%" in words(trust)
    assert "Saliency was not checked on this model" in words(trust)


def test_an_answer_is_trusted_by_its_own_drop_gap_and_verdict(
    trust: TrustPanel, explained: Explained, market: MadeMarket
) -> None:
    explained.choose(Choice(method="integrated_gradients", target=Class.DOWN))
    answer = market.explanation(INTEGRATED, target=Class.DOWN, drop=-0.004)
    answers = dict.fromkeys(explained.wishes(), answer)
    explained.apply(market.update(explanations={SYMBOL: answers}))
    trust.show_explained(explained)
    assert "0.00 | confidence in down lost without the top cells (random: 0.06)" in words(trust)
    assert "raw score down 10%, calibrated 10%" in words(trust)
    assert "sum misses the logit's change by 0.001" in words(trust)


def test_two_methods_are_trusted_each_by_its_own_cells(
    trust: TrustPanel, explained: Explained, market: MadeMarket
) -> None:
    explained.choose(Choice(beside="grad_cam"))
    answers = {wish: market.explanation(CAM, drop=-0.2) for wish in explained.wishes()}
    trust.show_explained(explained)
    assert "0.25" in words(trust)
    assert "Grad-CAM" not in words(trust)
    explained.apply(market.update(explanations={SYMBOL: answers}))
    trust.show_explained(explained)
    assert "0.25 | Saliency\nlost without its top cells (random: 0.05)" in words(trust)
    assert "−0.20 | Grad-CAM\nlost without its top cells (random: 0.06)" in words(trust)


def test_without_a_map_there_are_no_numbers(trust: TrustPanel) -> None:
    trust.show_explained(Explained(SYMBOL))
    trust.show_set(0, 0.0)
    assert words(trust) == (
        "Can it be trusted? | – | – | no prediction set: it takes known outcomes"
    )


def test_the_prediction_set_is_said_with_its_coverage(trust: TrustPanel) -> None:
    trust.show_set(6, 0.9)
    assert "up or flat, 90% | prediction set, with the coverage it aims at" in words(trust)
