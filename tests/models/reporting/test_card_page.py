import msgspec

from models.bundles.card import Card
from models.data.features.price_volume import PRICE_VOLUME
from models.reporting.card_page import describe


def test_an_ensemble_that_nobody_scored_says_both(card: Card) -> None:
    run = card.training.runs[0]
    several = msgspec.structs.replace(
        card,
        test=None,
        network=msgspec.structs.replace(card.network, members=2),
        training=msgspec.structs.replace(
            card.training,
            runs=(run, msgspec.structs.replace(run, seed=1, kept=False)),
        ),
    )
    page = describe(several)
    assert "2 x cnn1d" in page
    assert page.endswith("test: not scored")
    assert "  seed 0          kept, epoch 1 of 1" in page
    assert "  seed 1          epoch 1 of 1" in page


def test_a_stream_that_was_not_scored_has_no_column(card: Card) -> None:
    assert "as a stream" in describe(card)
    assert card.test is not None
    test = msgspec.structs.replace(card.test, adaptive=None)
    page = describe(msgspec.structs.replace(card, test=test))
    assert "as a stream" not in page
    assert "  mcc                   0.1000      0.1000\n" in page


def test_a_long_text_goes_on_below_itself(card: Card) -> None:
    data = msgspec.structs.replace(card.data, about="word " * 40)
    page = describe(msgspec.structs.replace(card, data=data))
    assert max(map(len, page.splitlines())) <= 100
    assert f"\n{'':<18}word" in page


def test_the_page_says_what_the_card_says(card: Card) -> None:
    page = describe(card)
    assert page.startswith(f"tiny@{card.weights_sha256[:8]}, 2024-01-02 00:00 UTC\n")
    assert "6 bars of 1d x 8 features of price_volume" in page
    assert "up from +0.55%, down to -0.50%" in page
    assert card.data.fingerprint in page
    assert all(name in page for name in PRICE_VOLUME.names)
    assert "  mcc                   0.1000      0.1000      0.1000" in page
    assert "none: scale 1.000 1.000 1.000, bias 0.000 0.000 0.000" in page
    assert "coverage 0.9" in page
    assert max(map(len, page.splitlines())) <= 100


def test_what_warns_stands_above_all_else(card: Card) -> None:
    doubtful = msgspec.structs.replace(card.calibration, warnings=("Too few.", "Not held."))
    lines = describe(msgspec.structs.replace(card, calibration=doubtful)).splitlines()
    assert [line.split(maxsplit=1) for line in lines if line.startswith("  warning")] == [
        ["warning", "Too few."],
        ["warning", "Not held."],
    ]
    assert lines.index("model") > [line.strip()[:7] for line in lines].index("warning")
