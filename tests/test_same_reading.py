"""`look`, `train`, `evaluate`, `audit` and a replay say the same of the same dirty file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.__main__ import main
from models.bundles.bundle import load_bundle
from models.data.bars import DropReason, Rules
from models.data.features.price_volume import PRICE_VOLUME
from models.data.sources.reading import FileReading
from models.data.windows import Windows
from server.feeds.base import BarBatch
from server.feeds.replay import ReplayFeed
from server.feeds.settings import ReplaySettings

DAYS = 320
RULES = Rules(interval_s=86_400, jump_limit=0.31)


@pytest.fixture
def dirty_file(tmp_path: Path) -> Path:
    """Days of one ticker with most that can be wrong with them."""
    random = np.random.default_rng(5)
    close = 50_000 * np.exp(np.cumsum(random.normal(0, 0.02, DAYS)))
    close[200:] /= 2  # a split
    days = np.arange("2023-01-02", "2025-01-01", dtype="datetime64[D]")
    weekdays = days[np.is_busday(days)][:DAYS]
    price = close.round().astype(int).tolist()
    rows = [f"{d},{p},{p},{p},{p},100" for d, p in zip(weekdays, price, strict=True)]
    rows[60] = f"{weekdays[60]},0,0,0,{price[59]},0"  # a halt
    rows[90] = f"{weekdays[90]},{price[90]},{price[90]},{price[90]},,100"
    rows[120] = f"{weekdays[120]},{price[120]},{price[120] - 5_000},{price[120]},{price[120]},100"
    rows[150] = rows[150].replace(",100", ",-1")
    rows[160] = f"{weekdays[160]},{price[160] + 700},{price[160]},{price[160]},{price[160]},100"
    rows[180] += f"\n{rows[180].replace(str(price[180]), str(price[180] + 900))}"  # corrected
    rows[99] += f"\n{rows[99]}"  # twice
    rows[240], rows[241] = rows[241], rows[240]
    file = tmp_path / "005930.csv"
    file.write_text("\n".join(["Date,Open,High,Low,Close,Volume", *rows]) + "\n")
    return file


def replayed(file: Path) -> tuple[Mapping[str, Sequence[str]], Counter[str], int]:
    """Return the facts that head a replay, how many bars have each reason, and how many count."""
    feed = ReplayFeed(file, ReplaySettings())
    windows = Windows(len(feed.listing.symbols), RULES, PRICE_VOLUME)
    for event in feed.events():
        if isinstance(event, BarBatch):
            for part in event.rounds():
                windows.push(part.rows, part.bar_ms, part.ohlcv)
    counts = Counter({str(r): n for r, n in windows.reasons.items()})
    return feed.listing.facts, counts + Counter(feed.listing.repaired), windows.accepted


@pytest.mark.slow
def test_all_that_read_a_file_say_the_same_of_it(
    dirty_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out, audited = str(dirty_file), tmp_path / "made", tmp_path / "audit.json"
    report = tmp_path / "report.html"
    assert main(["look", file, "--json"]) == 0
    looked = msgspec.json.decode(capsys.readouterr().out, type=FileReading)

    assert main(["train", file, "--out", str(out), "--epochs", "1"]) == 0
    said = "".join(capsys.readouterr().err.split())  # lines are broken where the terminal ends
    assert "".join("".join(looked.lines()).split()) in said
    assert main(["evaluate", str(out), file, "--out", str(report)]) == 0
    # So few bars may leave it blind to what is planted; what it says of them is the same.
    assert main(["audit", str(out), file, "--json", str(audited), "--moments", "1"]) in (0, 70)
    for written in (report.with_suffix(".json"), audited):
        said = msgspec.json.decode(written.read_bytes())["reading"]
        assert msgspec.convert(said, FileReading) == looked
    facts, counts, accepted = replayed(dirty_file)
    assert facts == looked.facts()

    card = load_bundle(str(out)).card
    assert card.data.reasons == counts
    assert card.data.bars - sum(looked.dropped.values()) <= accepted == looked.bars
    of_rows = {str(reason): n for reason, n in (looked.dropped | looked.mended).items()}
    assert of_rows == {r: n for r, n in counts.items() if r not in ("jump", "gap")}
    assert of_rows == {
        DropReason.HALT: 1,
        DropReason.NOT_A_NUMBER: 1,
        DropReason.HIGH_BELOW_LOW: 1,
        DropReason.NEGATIVE_VOLUME: 1,
        DropReason.RANGE_WIDENED: 1,
        DropReason.DUPLICATE: 1,
        DropReason.CORRECTED: 1,
        DropReason.REORDERED: 1,
        DropReason.NO_SESSION: of_rows["no_session"],
    }
    assert counts["jump"] == 1
