from pathlib import Path

import pytest

from server.feeds.examination import SourceFinding, examine
from server.feeds.live.clock import LiveClock
from server.feeds.live.settings import LiveSettings
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.made_vendors import made_kis, made_toss, play
from tests.kit.toss_answers import NOT_REGISTERED
from tests.kit.traded_days import DAY, MadeTrades, seoul_ms

pytestmark = pytest.mark.usefixtures("vendor_keys")

NOON = seoul_ms(DAY, "11:08")


def found_by(findings: list[SourceFinding]) -> dict[str, tuple[bool, str]]:
    return {finding.what: (finding.ok, finding.detail) for finding in findings}


@pytest.mark.parametrize("make", [made_toss, made_kis])
def test_a_source_that_is_well_shows_a_bar_end_to_end(
    trades: MadeTrades, tmp_path: Path, make: type
) -> None:
    universe = tmp_path / "mine.csv"
    universe.write_text("symbol\n000660\n005930\n")

    async def work(loop: LeapingLoop) -> list[SourceFinding]:
        async with make(loop, trades) as (_, source):
            clock = LiveClock(now_ms=loop.now_ms)
            return await examine(source, LiveSettings(universe=str(universe)), clock)

    found = found_by(play(NOON, work))
    assert list(found) == ["reached", "clock", "calendar", "a bar", "limits"]
    assert all(ok for ok, _ in found.values())
    assert "000660 of 2 tickers closed 2026-11-25 02:07 UTC" in found["a bar"][1]
    assert "agree" in found["calendar"][1]
    assert "in 1 s" in found["limits"][1]


def test_what_fails_is_said_and_the_rest_is_looked_at_all_the_same(
    trades: MadeTrades, tmp_path: Path
) -> None:
    missing = LiveSettings(universe=str(tmp_path / "none.csv"))

    async def work(loop: LeapingLoop) -> tuple[list[SourceFinding], list[SourceFinding]]:
        async with made_toss(loop, trades) as (vendor, source):
            vendor.off_ms = 240_000
            first = await examine(source, missing, LiveClock(now_ms=loop.now_ms))
        async with made_toss(loop, trades) as (vendor, source):
            vendor.faults["/oauth2/token"] = [NOT_REGISTERED]
            return first, await examine(source, missing, LiveClock(now_ms=loop.now_ms))

    first, second = (found_by(part) for part in play(NOON, work))
    assert {what for what, (ok, _) in first.items() if not ok} == {"clock", "a bar"}
    assert "+240 s" in first["clock"][1] or "+239 s" in first["clock"][1]
    assert "none.csv" in first["a bar"][1]
    assert list(second) == ["reached"]
    assert "register the address" in second["reached"][1]
