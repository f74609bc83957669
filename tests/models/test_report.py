from models.card import Card
from models.report import describe
from shared.contract import FEATURE_NAMES


def test_the_page_says_what_the_card_says(card: Card) -> None:
    page = describe(card)
    assert page.startswith(f"tiny@{card.weights_sha256[:8]}, 2024-01-02 00:00 UTC\n")
    assert "6 bars of 1d x 8 features" in page
    assert "up from +0.55%, down to -0.50%" in page
    assert card.data.fingerprint in page
    assert all(name in page for name in FEATURE_NAMES)
    assert "  mcc                   0.1000      0.1000" in page
    assert max(map(len, page.splitlines())) <= 100
